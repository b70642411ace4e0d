#!/usr/bin/env python3
"""Commands that read what others wrote are confined while they read it: every thread of theirs is, and a name that
comes to mean another file after they have begun leads nowhere."""
import argparse
import ctypes
import fcntl
import os
import pathlib
import subprocess
import sys
import tempfile
import time

PATIENCE = 60.0  # seconds; only a hanging program needs as many
failures = []


def expect(holds, text, *more):
    if not holds:
        failures.append(text)
        print(f"FAILED: {text}", *more, flush=True)


def landlock_version():
    """0 when there is none: landlock_create_ruleset, as on every architecture."""
    return max(0, ctypes.CDLL(None, use_errno=True).syscall(444, None, ctypes.c_size_t(0), 1))


class Host:
    def __init__(self, top, binary):
        self.top, self.binary = top, binary
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(top), "LANG": "C.UTF-8", "XDG_STATE_HOME": str(top / "state"),
                    "TRACKIER_CONFIG": str(top / "config.toml")}
        self.env |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
                     if name in os.environ}
        (top / "config.toml").write_text('[audit]\norigin = "host.example"\n')

    def run(self, *words, stdin=b""):
        return subprocess.run([self.binary, *words], env=self.env, cwd=self.top, input=stdin, capture_output=True,
                              timeout=PATIENCE)

    def start(self, *words):
        return subprocess.Popen([self.binary, *words], env=self.env, cwd=self.top, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def statuses(process):
    """What /proc says of each thread: Seccomp and NoNewPrivs."""
    found = []
    for thread in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        lines = dict(line.split(":", 1) for line in (thread / "status").read_text().splitlines())
        found.append((lines["Seccomp"].strip(), lines["NoNewPrivs"].strip()))
    return found


def wait_until_confined(process, what, filters):
    """True when every thread is; it reads nothing yet, for its input does not come."""
    wanted = ("2" if filters else "0", "1")
    end = time.monotonic() + PATIENCE
    found = []
    while time.monotonic() < end and process.poll() is None:
        try:
            found = statuses(process)
        except FileNotFoundError:  # a thread has ended meanwhile
            continue
        if len(found) >= 2 and all(each == wanted for each in found):  # one waits for signals
            return True
        time.sleep(0.01)
    expect(False, f"{what}: is not confined", found, process.poll(),
           process.stderr.read() if process.poll() is not None else "")
    return False


def end(process, stdin=None):
    out, err = process.communicate(stdin, PATIENCE)
    return out, err.decode()


def check_swapped(host, words, first, feed, name, landlock, filters):
    """words: with a FIFO `first` that is read before the file `name`, which becomes a link meanwhile."""
    what = " ".join(words)
    victim = host.top / name
    kept = victim.with_name("kept")
    for swap in (False, True):
        fifo = host.top / first
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        process = host.start(*words)
        if not wait_until_confined(process, what, filters):
            process.kill()
            process.communicate()
            return
        if swap:
            secret = host.top / "elsewhere" / name
            secret.parent.mkdir(exist_ok=True)
            secret.write_bytes(victim.read_bytes())
            victim.rename(kept)
            victim.symlink_to(secret)
        try:
            fifo.write_bytes(feed)
        except BrokenPipeError:  # one that wants a regular file
            pass
        _, err = end(process)
        refused = f"{name}: permission denied" in err and "run it again" in err
        if swap:
            victim.unlink()
            kept.rename(victim)
            expect(refused == (landlock > 0), f"{what}: reads what its input has become", process.returncode, err)
            if landlock > 0:
                expect(process.returncode != 0, f"{what}: ended well", err)
        else:
            expect("permission denied" not in err, f"{what}: does not read its own input", process.returncode, err)


def check_files(host, landlock, filters):
    log = b'192.0.2.7 - - [27/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"\n'
    (host.top / "b.log").write_bytes(log)
    (host.top / "house.key").write_text(os.urandom(32).hex() + "\n")
    (host.top / "house.key").chmod(0o600)
    public = host.run("keys", "public", "--of", "house.key").stdout.decode().strip()
    made = host.run("encrypt", "-r", public, "--force", "b.log")
    expect(made.returncode == 0, "encrypt b.log", made.stderr)
    sealed = (host.top / "b.log.tke").read_bytes()
    (host.top / "out").mkdir()
    for words, first, feed, name in (
            (("anonymize", "--force", "--out-dir", "out", "a.log", "b.log"), "a.log", log, "b.log"),
            (("anonymize", "--check", "a.log", "b.log"), "a.log", log, "b.log"),
            (("encrypt", "-r", public, "--force", "--out-dir", "out", "a.log", "b.log"), "a.log", log, "b.log"),
            (("decrypt", "-i", "house.key", "--force", "--out-dir", "out", "a.log.tke", "b.log.tke"), "a.log.tke", sealed,
             "b.log.tke"),
            (("inspect", "a.log.tke", "b.log.tke"), "a.log.tke", sealed, "b.log.tke")):
        check_swapped(host, words, first, feed, name, landlock, filters)


def check_scope(host, landlock, filters):
    opened = host.run("breach", "open", "an export was open", "--detected", "2026-11-27T10:00:00Z")
    incident = next((word for word in opened.stdout.decode().split() if word.startswith("TI-")), None)
    expect(incident is not None, "breach open", opened.returncode, opened.stdout, opened.stderr)
    if incident is None:
        return
    record = b'{"ts":"2026-11-27T10:00:00Z","status":200,"tenant_id":"acme","email":"ashe@example.com"}\n'
    (host.top / "n.jsonl").write_bytes(record)
    check_swapped(host, ("breach", "scope", incident, "--logs", "m.jsonl", "--logs", "n.jsonl", "--from",
                         "2026-11-27T09:00:00Z", "--to", "2026-11-27T11:00:00Z", "--exposed", "status == 200", "--person",
                         "email"), "m.jsonl", record, "n.jsonl", landlock, filters)
    head = host.run("breach", "timeline", incident, "--verify")
    expect(head.returncode == 0, "the timeline after a confined count", head.stderr)


def check_streams(host, filters):
    for words in (("anonymize",), ("encrypt", "-R", "recipients"), ("decrypt", "-i", "house.key")):
        public = host.run("keys", "public", "--of", "house.key").stdout
        (host.top / "recipients").write_bytes(public)
        process = host.start(*words)
        wait_until_confined(process, " ".join(words), filters)
        out, err = end(process, host.run("encrypt", "-R", "recipients", stdin=b"x").stdout if words[0] == "decrypt" else b"x\n")
        expect(process.returncode == 0, " ".join(words), err)


def check_audit(host, filters):
    """The lock of the log is held, so that they wait for it."""
    expect(host.run("audit", "checkpoint").returncode == 0, "audit checkpoint")
    lock = next(each for each in (host.top / "state/trackier-ctl/audit").iterdir() if "lock" in each.name)
    for words in (("audit", "verify"), ("audit", "prove", "0")):
        with open(lock, "r+b") as held:
            fcntl.lockf(held, fcntl.LOCK_EX)
            process = host.start(*words)
            wait_until_confined(process, " ".join(words), filters)
        _, err = end(process)
        expect(process.returncode == 0, " ".join(words), process.returncode, err)
    key = host.run("audit", "key").stdout.decode().strip()
    (host.top / "config.toml").write_text(f'[audit]\norigin = "host.example"\n[[audit.host]]\nkey = "{key}"\n')
    process = host.start("audit", "witness")
    wait_until_confined(process, "audit witness", filters)
    end(process, b"")
    expect(process.returncode == 65, "audit witness of nothing", process.returncode)


def check_outcomes(host):
    """How each of these runs ended is in the log: it could still be written."""
    verified = host.run("audit", "verify")
    expect(verified.returncode == 0 and b"not ended" not in verified.stdout, "audit verify", verified.stdout, verified.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    binary = parser.parse_args().binary.resolve()
    landlock = landlock_version()
    filters = pathlib.Path("/proc/sys/kernel/seccomp").exists()
    if landlock == 0:
        print("SKIPPED: the kernel has no Landlock; files are not kept apart")
    if not filters:
        print("SKIPPED: the kernel has no seccomp; system calls are not filtered")
    with tempfile.TemporaryDirectory(prefix="trackier-confinement-") as top:
        host = Host(pathlib.Path(top), binary)
        check_files(host, landlock, filters)
        check_scope(host, landlock, filters)
        check_streams(host, filters)
        check_outcomes(host)
        check_audit(host, filters)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
