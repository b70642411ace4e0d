#!/usr/bin/env python3
"""The readers in samples/envelope, which share nothing with the program, open what it makes, and the
vectors in tests/vectors, and refuse what was changed."""
import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import manual

READERS = manual.PROJECT / "samples/envelope"
VECTORS = manual.PROJECT / "tests/vectors/envelope.json"
CHUNK = 16384
failures = []


def plaintext(length):
    return bytes((167 * i + 13) % 256 for i in range(length))


def readers():
    """Name and command line of those that can run here."""
    found = []
    if subprocess.run([sys.executable, "-c", "import cryptography"], capture_output=True,
                      check=False).returncode == 0:
        found.append(("python", [sys.executable, READERS / "open_envelope.py"]))
    else:
        print("SKIPPED: the Python reader: the package cryptography is not installed")
    if shutil.which("node"):
        found.append(("node", ["node", READERS / "open_envelope.mjs"]))
    else:
        print("SKIPPED: the Node reader: node is not installed")
    return found


class Bench:
    def __init__(self, top, binary):
        self.top = top
        self.binary = binary
        self.readers = readers()
        self.opened = 0

    def run(self, *words, **more):
        done = subprocess.run([self.binary, *words], cwd=self.top, capture_output=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(self.top)}, **more)
        if done.returncode != 0:
            raise RuntimeError(f"{words}: {done.stderr.decode()}")
        return done.stdout

    def key(self, name, digits):
        path = self.top / f"{name}.key"
        path.write_text(digits + "\n")
        path.chmod(0o600)
        return path

    def read(self, command, path, keys, passphrase=None):
        words = [*command, *(word for key in keys for word in ("-i", self.top / f"{key}.key"))]
        given = None
        if passphrase is not None:
            if command[0] == "node":
                (self.top / "passphrase").write_text(passphrase + "\n")
                words += ["-p", self.top / "passphrase"]
            else:
                words += ["-p"]
                given = passphrase.encode() + b"\n"
        # Without a terminal getpass reads standard input.
        return subprocess.run([*words, path], input=given, capture_output=True, check=False,
                              start_new_session=True)

    def opens(self, path, keys, wanted, passphrase=None):
        for name, command in self.readers:
            done = self.read(command, path, keys, passphrase)
            self.opened += 1
            if done.returncode != 0 or done.stdout != wanted:
                failures.append(f"{name} does not open {path.name} with {keys}: {done.stderr.decode()}")

    def refuses(self, path, keys, what):
        for name, command in self.readers:
            done = self.read(command, path, keys)
            if done.returncode == 0:
                failures.append(f"{name} opens {path.name}, {what}")


def check_vectors(bench):
    data = json.loads(VECTORS.read_text())
    for name, digits in data["keys"].items():
        bench.key(name, digits)
    generator = VECTORS.with_suffix(".py")
    if subprocess.run([sys.executable, generator, bench.top], check=False).returncode != 0:
        print("SKIPPED: the vectors: they are made with the Python package cryptography")
        return
    for vector in data["vectors"]:
        path = bench.top / f"{vector['name']}.tke"
        if hashlib.sha256(path.read_bytes()).hexdigest() != vector["file"]:
            failures.append(f"{path.name} is not what {VECTORS.name} says: print it again")
        opens = vector["opens_with"]
        for keys in opens:
            passphrase = data["passphrase"] if keys == ["passphrase"] else None
            bench.opens(path, [] if passphrase else keys, plaintext(vector["length"]), passphrase)
        if vector["name"] == "officers":
            bench.refuses(path, ["officer-1"], "with one officer alone")
        if ["next"] not in opens:
            bench.refuses(path, ["next"], "with a key it is not for")


def check_ours(bench):
    public = bench.run("keys", "public", "--of", "ana.key").decode().strip()
    for size in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 1, 700_001):
        plain = bench.top / f"ours-{size}"
        plain.write_bytes(plaintext(size))
        bench.run("encrypt", "-r", public, plain)
        bench.opens(plain.with_suffix(".tke"), ["ana"], plaintext(size))
        (bench.top / f"piped-{size}.tke").write_bytes(
            bench.run("encrypt", "-r", public, input=plaintext(size)))
        bench.opens(bench.top / f"piped-{size}.tke", ["ana"], plaintext(size))


def check_keyring(bench):
    """What was sealed for a keyring's key, moved to the next one, and made anew."""
    keyring = ["--keyring", "k.tke", "--unlock", "wrapping.key"]
    for name in ("ana", "bo", "next"):
        bench.run("keys", "import", "acme/encrypt", "-i", f"{name}.key", *keyring,
                  *(["--pending"] if name != "ana" else []))
    plain = bench.top / "moved"
    plain.write_bytes(plaintext(50_000))
    line = bench.run("keys", "public", "acme/encrypt", *keyring).decode().strip()
    bench.run("encrypt", "-r", line, plain)
    path = bench.top / "moved.tke"
    bench.opens(path, ["ana"], plaintext(50_000))
    bench.run("keys", "mark", "acme/encrypt/2", "--as", "active", *keyring)
    bench.run("keys", "rewrap", path, *keyring)
    bench.opens(path, ["bo"], plaintext(50_000))
    bench.refuses(path, ["ana"], "after it was moved to another key")
    bench.run("keys", "mark", "acme/encrypt/3", "--as", "active", *keyring)
    bench.run("keys", "reencrypt", path, *keyring)
    bench.opens(path, ["next"], plaintext(50_000))
    bench.refuses(path, ["bo"], "after it was made anew")


def check_officers(bench):
    lines = [bench.run("keys", "public", "--of", f"officer-{i}.key", "--officer", f"o{i}").decode().strip()
             for i in (1, 2, 3)]
    (bench.top / "c.toml").write_text(
        "[encrypt]\nofficers = [" + ", ".join(f'"{line}"' for line in lines) + "]\nofficers_threshold = 2\n")
    public = bench.run("keys", "public", "--of", "ana.key").decode().strip()
    plain = bench.top / "granted"
    plain.write_bytes(plaintext(20_000))
    bench.run("--config", "c.toml", "encrypt", "-r", public, plain)
    bench.opens(bench.top / "granted.tke", ["officer-3", "officer-1"], plaintext(20_000))
    bench.refuses(bench.top / "granted.tke", ["officer-2"], "with one officer alone")


def check_changed(bench):
    whole = (bench.top / "ours-16385.tke").read_bytes()
    changed = bench.top / "changed.tke"
    for at in (100, 8192 + 3, 8216 + 3, 8248 + 7, len(whole) - 1):
        data = bytearray(whole)
        data[at] ^= 1
        if at < 4096:
            data[4096 + at] ^= 1
        changed.write_bytes(data)
        bench.refuses(changed, ["ana"], f"with byte {at} changed")
    for size in (0, 8192, 8248 + 16400, len(whole) - 1):
        changed.write_bytes(whole[:size])
        bench.refuses(changed, ["ana"], f"cut at {size}")
    changed.write_bytes(whole + b"\0")
    bench.refuses(changed, ["ana"], "with a byte behind its end")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    binary = parser.parse_args().binary.resolve()
    with tempfile.TemporaryDirectory(prefix="trackier-readers-") as name:
        bench = Bench(pathlib.Path(name), binary)
        if not bench.readers:
            return 0
        check_vectors(bench)
        check_ours(bench)
        check_keyring(bench)
        check_officers(bench)
        check_changed(bench)
    print(f"{bench.opened} opened")
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
