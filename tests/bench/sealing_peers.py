"""The measurements of peers.sh for encrypt, decrypt and keys rewrap."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time

from measure import Comparison, peak_resident, settle, shell

MIB = 2**20


class SealingPeers(Comparison):
    """On one file system; `synced` where it is a disk."""

    def __init__(self, program, rounds, megabytes, place, synced):
        super().__init__(rounds, place)
        self.synced = synced
        self.size = megabytes * MIB
        self.program = f"env XDG_STATE_HOME={place}/state '{program}'"
        self.plain = self.path("plain")
        shell(f"head -c {self.size} /dev/urandom > {self.plain}")
        for name in ("key", "unlock"):
            shell(f"umask 077; openssl rand -hex 32 > {self.path(name)}")
        shell(f"{self.program} keys public --of {self.path('key')} > {self.path('public')}")
        self.keyring = f"--keyring {self.path('k.tke')} --unlock {self.path('unlock')}"

    def sync(self, name):
        return f" && sync {self.path(name)}" if self.synced else ""

    def encrypt(self):
        out = self.path("ours.tke")
        ours = f"{self.program} encrypt --force -R {self.path('public')} {self.plain} -o {out}"
        if shutil.which("age-keygen"):
            shell(f"age-keygen -o {self.path('age.key')} 2> {self.path('age.public')}; "
                  f"sed -i 's/.*: //' {self.path('age.public')}")
        peer = self.path("peer")
        cp = "cp and sync" if self.synced else "cp"
        measured = self.table("Encrypting a file" + (", synced" if self.synced else ""), {
            "ours, 2 threads": ([], f"{ours} -j 2"),
            "ours, 1 thread": ([], f"{ours} -j 1"),
            cp: (["cp"], f"cp {self.plain} {peer}{self.sync('peer')}"),
            "age": (["age"], f"age -R {self.path('age.public')} -o {peer} {self.plain}{self.sync('peer')}"),
            "openssl enc -aes-256-ctr (nothing authenticated)":
                (["openssl"], f"openssl enc -aes-256-ctr -pbkdf2 -iter 1 -pass pass:x -in {self.plain} -out {peer}"
                 f"{self.sync('peer')}"),
            "gpg -c, AES-256":
                (["gpg"], f"gpg --batch --yes --pinentry-mode loopback --passphrase x --compress-algo none "
                 f"--cipher-algo AES256 -o {peer} -c {self.plain}{self.sync('peer')}"),
        }, self.size, [out, peer])
        shell(f"{ours} -j 2")
        if self.synced:
            self.compare(measured, "ours, 2 threads", {cp: 1.25})
        else:
            self.compare(measured, "ours, 2 threads", {cp: 1.1, "age": 2.4, "gpg -c, AES-256": 5})
            self.compare(measured, "ours, 1 thread", {cp: 0.65})
        self.at_most("resident, 2 threads", peak_resident(f"{ours} -j 2"), 16, "MiB")

    def decrypt(self):
        envelope, out, peer = self.path("ours.tke"), self.path("ours.out"), self.path("peer")
        if shutil.which("age"):
            shell(f"age -R {self.path('age.public')} -o {self.path('peer.age')} {self.plain}")
        ours = f"{self.program} decrypt --force -i {self.path('key')} {envelope} -o {out}"
        measured = self.table("Decrypting a file", {
            "ours, 2 threads": ([], f"{ours} -j 2"),
            "ours, 1 thread": ([], f"{ours} -j 1"),
            "cp": (["cp"], f"cp {envelope} {peer}"),
            "age": (["age"], f"age -d -i {self.path('age.key')} -o {peer} {self.path('peer.age')}"),
        }, self.size, [out, peer])
        self.compare(measured, "ours, 2 threads", {"age": 2.8})
        self.at_most("resident, 2 threads", peak_resident(f"{ours} -j 2"), 16, "MiB")

    def filter(self):
        ours = f"{self.program} encrypt -R {self.path('public')}"
        measured = self.table("As a filter, two cores", {
            "cat | ours | cat": ([], f"cat {self.plain} | {ours} | cat > /dev/null"),
            "cat | cat | cat": ([], f"cat {self.plain} | cat | cat > /dev/null"),
            "cat | age | cat": (["age"], f"cat {self.plain} | age -R {self.path('age.public')} | cat > /dev/null"),
        }, self.size)
        self.compare(measured, "cat | ours | cat", {"cat | cat | cat": 1.3, "cat | age | cat": 2.4})

    def make_keyring(self):
        shell(f"{self.program} keys new -q acme/encrypt {self.keyring}; "
              f"{self.program} keys public acme/encrypt {self.keyring} > {self.path('line')}")

    def rewrap(self):
        """Whatever the size."""
        print("\nMoving one envelope to a new key, beside decrypting and encrypting it")
        self.make_keyring()
        seconds = {}
        for megabytes in (1, self.size // MIB):
            name = self.path("one.tke")
            shell(f"head -c {megabytes}M {self.plain} | {self.program} encrypt -R {self.path('line')} > {name}; "
                  f"sync {name}")
            taken = []
            for _ in range(self.rounds):
                shell(f"{self.program} keys rotate acme/encrypt {self.keyring}")
                settle()
                taken.append(shell(f"{self.program} keys rewrap {name} {self.keyring}")[0])
            seconds[megabytes] = statistics.median(taken)
            print(f"  {megabytes:>6} MiB {seconds[megabytes] * 1e3:>8.1f} ms")
        whole = shell(f"{self.program} decrypt {self.keyring} {name} -o - | "
                      f"{self.program} encrypt -R {self.path('line')} > {self.path('again.tke')}; "
                      f"sync {self.path('again.tke')}")[0]
        print(f"  decrypt | encrypt {whole * 1e3:>8.1f} ms")
        self.target("keys rewrap / decrypt | encrypt, whole runs", whole / seconds[megabytes], 1000,
                    whole / seconds[megabytes])
        os.unlink(name)
        os.unlink(self.path("again.tke"))

    def many(self, count):
        """Small files in directories of a thousand."""
        print(f"\n{count:,} small files")
        directory = self.path("many")
        first = self.path("small")
        shell(f"head -c 1000 {self.plain} > {first}; {self.program} keys public acme/encrypt {self.keyring} > "
              f"{self.path('line')}")
        for number in range(count):
            if number % 1000 == 0:
                os.makedirs(f"{directory}/{number // 1000}")
            with open(f"{directory}/{number // 1000}/{number}", "wb") as file:
                file.write(number.to_bytes(8, "big") * 100)
        settle()
        os.makedirs(directory + ".tke")
        taken, _ = shell(f"{self.program} encrypt -R {self.path('line')} --out-dir {directory}.tke {directory}")
        print(f"  encrypt         {taken / count * 1e6:>8.0f} us each, each synced")
        shell(f"{self.program} keys rotate acme/encrypt {self.keyring}")
        settle()
        taken, usage = shell(f"{self.program} keys rewrap {directory}.tke {self.keyring}")
        print(f"  keys rewrap     {taken / count * 1e6:>8.0f} us each, {usage.ru_maxrss / 1024:.0f} MiB resident")
        self.at_most("rewrapped, scrubbed and durable, each", taken / count * 1e6, 200, "us")
        taken, _ = shell(f"{self.program} keys census {directory}.tke {self.keyring} > {self.path('census')}")
        with open(self.path("census"), encoding="utf-8") as census:
            assert f"active: {count:,} files" in census.read()
        print(f"  keys census     {taken / count * 1e6:>8.0f} us each")
        shell(f"rm -r {directory} {directory}.tke")


def measure(program, rounds, megabytes, disk, many):
    missed = 0
    for parent in ("/dev/shm", disk):
        with tempfile.TemporaryDirectory(prefix="trackier-peers.", dir=parent) as place:
            kind = subprocess.run(["stat", "-f", "-c", "%T", place], capture_output=True, text=True,
                                  check=True).stdout.strip()
            print(f"\n== {kind}, {place}; {megabytes} MiB, {rounds} rounds in turn, medians")
            peers = SealingPeers(program, rounds, megabytes, place, synced=kind != "tmpfs")
            started = time.monotonic()
            peers.encrypt()
            peers.decrypt()
            peers.filter()
            peers.rewrap()
            if kind != "tmpfs":
                peers.many(many)
            print(f"\n{time.monotonic() - started:.0f} s")
            if peers.missing:
                print(f"not installed, left out: {', '.join(sorted(peers.missing))}")
            missed += peers.missed
    return missed
