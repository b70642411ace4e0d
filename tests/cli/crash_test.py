#!/usr/bin/env python3
"""Kills a command at every system call it makes once it has begun to work, and looks at what is left: the old
state or the new one, never less, and the same command again completes it.

Needs strace and the right to trace; a build with sanitizers is left out, for it makes calls of its own."""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import scenario

CONTENT = b"somebody was here\n" * 1000


class World:
    """A directory with a log, keys, a keyring and an envelope."""

    def __init__(self, top, binary):
        self.top = top
        self.binary = binary
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(top), "XDG_STATE_HOME": str(top / "state")}
        self.keyring = ["--keyring", "k.tke", "--unlock", "unlock.key"]

    def run(self, *words, trace=()):
        return subprocess.run([*trace, self.binary, *words], cwd=self.top, env=self.env, capture_output=True,
                              stdin=subprocess.DEVNULL, check=False)

    def good(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, (words, done.stderr.decode())
        return done.stdout

    def make(self):
        for name in ("unlock", "other"):
            path = self.top / f"{name}.key"
            path.write_text(os.urandom(32).hex())
            path.chmod(0o600)
        self.good("keys", "new", "acme/encrypt", "zeta/encrypt", *self.keyring)
        (self.top / "recipients").write_bytes(self.good("keys", "public", *self.keyring))
        (self.top / "a.log").write_bytes(CONTENT)
        self.good("encrypt", "-R", "recipients", "a.log", "-o", "sealed.tke")
        self.good("keys", "rotate", "acme/encrypt", *self.keyring)

    def opens(self, name):
        done = self.run("decrypt", name, "-o", "-", *self.keyring)
        return done.returncode == 0 and done.stdout == CONTENT

    def files(self):
        """What is there, but for temporary files, which a kill may leave behind."""
        return sorted(path.name for path in self.top.iterdir()
                      if not (path.name.startswith(".") and path.name.endswith(".tmp")))


def check_keyring(world):
    listed = world.run("keys", "list", *world.keyring)
    assert listed.returncode == 0, f"the keyring does not open: {listed.stderr.decode()}"
    assert world.opens("sealed.tke"), "the envelope does not open"
    return listed.stdout.decode()


def check_encrypt(world):
    assert (world.top / "a.log").read_bytes() == CONTENT, "the source is not what it was"
    if (world.top / "a.log.tke").exists():
        assert world.opens("a.log.tke"), "an envelope is there that does not open"
    world.good("encrypt", "-R", "recipients", "--force", "a.log")
    assert world.opens("a.log.tke")


def check_remove_source(world):
    source = world.top / "a.log"
    if source.exists():
        assert source.read_bytes() == CONTENT, "the source is not what it was"
    else:
        assert world.opens("a.log.tke"), "the source is gone and the envelope does not open"


def check_decrypt(world):
    if (world.top / "opened").exists():
        assert (world.top / "opened").read_bytes() == CONTENT, "a part of the content is there"
    assert world.opens("sealed.tke")


def check_rewrap(world):
    assert world.opens("sealed.tke"), "the envelope does not open"
    world.good("keys", "rewrap", "sealed.tke", *world.keyring)
    assert b"decrypt-only" not in world.good("keys", "census", "sealed.tke", *world.keyring), "it did not move"
    assert world.opens("sealed.tke")


def check_reencrypt(world):
    check_rewrap(world)
    world.good("keys", "reencrypt", "--all", "sealed.tke", *world.keyring)
    assert world.opens("sealed.tke")


def check_rotate(world):
    listed = check_keyring(world)
    assert listed.count(" active ") == 3, listed
    world.good("keys", "rotate", "acme/encrypt", *world.keyring)
    check_keyring(world)


def check_new(world):
    if (world.top / "fresh.tke").exists():
        world.good("keys", "list", "--keyring", "fresh.tke", "--unlock", "unlock.key")
    else:
        world.good("keys", "new", "acme/encrypt", "--keyring", "fresh.tke", "--unlock", "unlock.key")


def check_unlock(world):
    check_keyring(world)
    methods = world.good("keys", "unlock", "list", *world.keyring)
    if methods.count(b"\n") == 2:
        world.good("keys", "list", "--keyring", "k.tke", "--unlock", "other.key")


SHRED = ["keys", "shred", "--tenant", "acme", "--certificate", "c.json", "--by", "Ana", "--reason", "ended", "--confirm", "acme",
         "sealed.tke"]


def check_shred(world):
    # zeta's key opens the envelope still, whatever became of acme
    listed = check_keyring(world)
    halves = [(world.top / name).exists() for name in ("half-1", "half-2")]
    if all(halves):
        assert "destroyed" not in listed
    if (world.top / "c.json").exists():
        assert "destroyed" in listed, "a certificate of what was not done"
    world.good(*SHRED, "--accept-silent-places", "--force", *world.keyring)
    listed = check_keyring(world)
    assert listed.count(" destroyed ") == 2, listed
    assert (world.top / "c.json").exists()


def nothing(_world):
    pass


def moved(world):
    world.good("keys", "rewrap", "sealed.tke", *world.keyring)


def with_halves(world):
    world.good("keys", "shred", "--tenant", "acme", "--enable", "--place", "half-1", "--place", "half-2",
               *world.keyring)


Case = collections.namedtuple("Case", "name words prepare check")
CASES = [
    Case("encrypt", ["encrypt", "-R", "recipients", "a.log"], nothing, check_encrypt),
    Case("encrypt --remove-source", ["encrypt", "-R", "recipients", "--remove-source", "a.log"], nothing,
         check_remove_source),
    Case("decrypt", ["decrypt", "sealed.tke", "-o", "opened", "KEYRING"], nothing, check_decrypt),
    Case("keys new", ["keys", "new", "acme/encrypt", "--keyring", "fresh.tke", "--unlock", "unlock.key"], nothing,
         check_new),
    Case("keys rotate", ["keys", "rotate", "acme/encrypt", "KEYRING"], nothing, check_rotate),
    Case("keys unlock add", ["keys", "unlock", "add", "--with", "other.key", "KEYRING"], nothing, check_unlock),
    Case("keys rewrap", ["keys", "rewrap", "sealed.tke", "KEYRING"], nothing, check_rewrap),
    Case("keys reencrypt", ["keys", "reencrypt", "sealed.tke", "KEYRING"], nothing, check_reencrypt),
    Case("keys shred --enable", ["keys", "shred", "--tenant", "zeta", "--enable", "--place", "half", "KEYRING"],
         moved, check_keyring),
    Case("keys shred", [*SHRED, "KEYRING"], with_halves, check_shred),
]


def words_of(case, world):
    return [word for each in case.words for word in (world.keyring if each == "KEYRING" else [each])]


def calls_of(case, template, binary, place):
    """Each system call of the main thread as (name, how many of that name before it, that one included), from
    the first on that names a file of ours."""
    world = World(place / "trace", binary)
    shutil.copytree(template, world.top)
    case.prepare(world)
    log = place / "trace.log"
    done = world.run(*words_of(case, world), trace=["strace", "-qq", "-o", str(log)])
    assert done.returncode == 0, (case.name, done.stderr.decode())
    calls, counts, begun = [], collections.Counter(), False
    for line in log.read_text(errors="replace").splitlines():
        name = line.split("(")[0]
        if not name.isidentifier() or "(" not in line:
            continue
        counts[name] += 1
        begun = begun or any(f'"{own}' in line for own in ("a.log", "recipients", "k.tke", "fresh", "unlock.key",
                                                           "sealed"))
        if begun:
            calls.append((name, counts[name]))
    assert calls, f"{case.name}: no call names a file of ours"
    return calls


def kill_at(case, call, template, binary, place):
    """None, or what is wrong after a kill at this call."""
    name, count = call
    top = pathlib.Path(tempfile.mkdtemp(dir=place))
    world = World(top / "world", binary)
    try:
        shutil.copytree(template, world.top)
        case.prepare(world)  # here, for it may write down where the world is
        trace = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e",
                 f"inject={name}:signal=KILL:when={count}"]
        world.run(*words_of(case, world), trace=trace)
        case.check(world)
        return None
    except AssertionError as error:
        return f"{case.name}, killed at {name} number {count}: {error}"
    finally:
        shutil.rmtree(top)


def may_trace(binary):
    if shutil.which("strace") is None:
        return "strace is not installed"
    if scenario.has_sanitizer(binary):
        return "the program has sanitizers"
    done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "trace=none", "true"], check=False,
                          capture_output=True)
    return None if done.returncode == 0 else "this machine does not let us trace"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    binary = options.binary.resolve()
    if (why := may_trace(binary)) is not None:
        print(f"SKIPPED: {why}")
        return 0
    failures = []
    with tempfile.TemporaryDirectory(prefix="trackier-crash-") as name:
        for number, case in enumerate(CASES):
            if options.cases and case.name not in options.cases:
                continue
            place = pathlib.Path(name, str(number))
            template = World(place / "template", binary)
            template.top.mkdir(parents=True)
            template.make()
            calls = calls_of(case, template.top, binary, place)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                found = list(pool.map(lambda call, c=case, t=template.top, p=place: kill_at(c, call, t, binary, p),
                                      calls))
            wrong = [each for each in found if each]
            print(f"{case.name}: {len(calls)} calls, {len(wrong)} wrong")
            failures += wrong
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
