"""The measurements of peers.sh."""

import argparse
import filecmp
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import backup_peers
import scope_peers
import sealing_peers
import verify_peers
from measure import Comparison, shell

MIB = 2**20
COLUMN_ONE = r"""mawk '{sub(/[0-9]+$/, "0", $1); print}'"""
ONE_REGEX = r"LC_ALL=C sed -E 's/([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}/\1.0/g'"
HMAC_SCRIPT = (r"""perl -MDigest::SHA=hmac_sha256_hex -pe '"""
               r"""s/\b([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/"""
               r"""substr(hmac_sha256_hex(lc $1, "a key that is no secret, for measuring"), 0, 32)/gie; """
               r"""s/\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b/$1.0/g; s/[\w.+-]+@[\w-]+\.[\w.-]+/[email]/g'""")


class Peers(Comparison):
    def __init__(self, program, root, rounds, megabytes, place):
        super().__init__(rounds, place)
        self.bytes = megabytes * 1_000_000
        self.bare = program
        key = self.path("key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write("0123456789abcdef" * 4)
        self.program = f"'{program}' anonymize -q --key 'file:{key}'"
        real = os.path.join(os.environ.get("TRACKIER_SHARED", os.path.join(root, "..", "shared")), "data/logs")
        samples = os.path.join(root, "samples/logs")
        self.access = self.repeat([f"{real}/access/apache_combined_10k.log", f"{samples}/access.log"], "access.log")
        self.outputs = [self.path(name) for name in ("ours.out", "peer.out", "ours.gz", "ours.zst")]
        self.clicks = self.repeat([f"{real}/json/clicks_dev.jsonl", f"{samples}/clicks.jsonl"], "clicks.jsonl")

    def repeat(self, choices, name):
        source = next(choice for choice in choices if os.path.exists(choice))
        with open(source, "rb") as file:
            text = file.read()
        text += b"" if text.endswith(b"\n") else b"\n"
        text *= max(1, 4_000_000 // len(text))
        with open(self.path(name), "wb") as out:
            while out.tell() < self.bytes:
                out.write(text)
        print(f"{name}: {os.path.getsize(self.path(name)) / 1e6:.0f} MB, repeated from {source}")
        return self.path(name)

    def ours(self, source, threads, target=None):
        target = target or self.path("ours.out")
        return f"{self.program} --threads {threads} --force -o {target} {source}"

    def combined(self):
        out = self.path("peer.out")
        size = os.path.getsize(self.access)
        measured = self.table("Combined log, file to file (ours syncs what it writes before it renames it)", {
            "ours, 1 thread": ([], self.ours(self.access, 1)),
            "ours, 1 thread, > file (not synced)":
                ([], f"{self.program} --threads 1 {self.access} > {out}"),
            "ours, 2 threads": ([], self.ours(self.access, 2)),
            "ours, 2 threads, > file (not synced)":
                ([], f"{self.program} --threads 2 {self.access} > {out}"),
            "cat": ([], f"cat {self.access} > {out}"),
            "cat + sync": ([], f"cat {self.access} > {out} && sync {out}"),
            "mawk, column one": (["mawk"], f"{COLUMN_ONE} {self.access} > {out}"),
            "sed, one address regex": (["sed"], f"{ONE_REGEX} {self.access} > {out}"),
            "anonip": (["anonip"], f"anonip < {self.access} > {out}"),
        }, size, outputs=self.outputs)
        self.compare(measured, "ours, 1 thread", {
            "cat": 1.0, "mawk, column one": 6, "sed, one address regex": 15, "anonip": 60})
        self.compare(measured, "ours, 1 thread, > file (not synced)", {"cat": 1.0})
        self.compare(measured, "ours, 1 thread", {"cat + sync": 1.0})
        self.compare(measured, "ours, 2 threads", {"ours, 1 thread": 1.7})
        self.compare(measured, "ours, 2 threads, > file (not synced)", {"ours, 1 thread, > file (not synced)": 1.7})
        self.at_most("resident, 1 thread", measured["ours, 1 thread"].resident / MIB, 33, "MiB")
        self.identical(self.access)

    def json(self):
        out = self.path("peer.out")
        measured = self.table("JSON Lines, every UUID hashed", {
            "ours, 1 thread": ([], self.ours(self.clicks, 1)),
            "ours, 2 threads": ([], self.ours(self.clicks, 2)),
            "ours, 1 thread, > file (not synced)": ([], f"{self.program} --threads 1 {self.clicks} > {out}"),
            "perl, 3 regexes, Digest::SHA": (["perl"], f"{HMAC_SCRIPT} {self.clicks} > {out}"),
        }, os.path.getsize(self.clicks), outputs=self.outputs)
        self.compare(measured, "ours, 1 thread", {"perl, 3 regexes, Digest::SHA": 20})
        self.compare(measured, "ours, 2 threads", {"ours, 1 thread": 1.7})
        self.identical(self.clicks)

    def identical(self, source):
        """With one thread and two."""
        for threads in (1, 2):
            shell(self.ours(source, threads, self.path(f"ours{threads}.out")))
        same = filecmp.cmp(self.path("ours1.out"), self.path("ours2.out"), shallow=False)
        self.missed += not same
        print(f"  target: 1 and 2 threads give the same bytes: {'met' if same else 'MISSED'}")
        for threads in (1, 2):
            os.unlink(self.path(f"ours{threads}.out"))

    def compressed(self):
        out = self.path("peer.out")
        gz = self.path("access.log.gz")
        zst = self.path("access.log.zst")
        size = os.path.getsize(self.access)
        if shutil.which("gzip"):
            shell(f"gzip -6c {self.access} > {gz}")
            measured = self.table("gzip to gzip, MB/s of text, two cores", {
                "ours, 2 threads": ([], self.ours(gz, 2, self.path("ours.gz"))),
                "gzip -dc | mawk | gzip -1": (["mawk"], f"gzip -dc {gz} | {COLUMN_ONE} | gzip -1 > {out}"),
                "gzip -dc | mawk | gzip": (["mawk"], f"gzip -dc {gz} | {COLUMN_ONE} | gzip > {out}"),
                "igzip -dc | mawk | igzip -1":
                    (["igzip", "mawk"], f"igzip -dc {gz} | {COLUMN_ONE} | igzip -1c > {out}"),
            }, size, outputs=self.outputs)
            self.compare(measured, "ours, 2 threads",
                         {"gzip -dc | mawk | gzip -1": 3.5, "gzip -dc | mawk | gzip": 3.5})
            shell(self.ours(gz, 2, self.path("ours.gz")))
            print(f"  size: ours {os.path.getsize(self.path('ours.gz')) / 1e6:.1f} MB")
        else:
            self.missing.add("gzip")
        if shutil.which("zstd"):
            shell(f"zstd -qf {self.access} -o {zst}")
            measured = self.table("zstd to zstd, MB/s of text, two cores", {
                "ours, 2 threads": ([], self.ours(zst, 2, self.path("ours.zst"))),
                "zstd -dc | mawk | zstd -1": (["mawk"], f"zstd -qdc {zst} | {COLUMN_ONE} | zstd -q1 > {out}"),
                "zstd -dc | mawk | zstd": (["mawk"], f"zstd -qdc {zst} | {COLUMN_ONE} | zstd -q > {out}"),
            }, size, outputs=self.outputs)
            self.compare(measured, "ours, 2 threads",
                         {"zstd -dc | mawk | zstd -1": 2.5, "zstd -dc | mawk | zstd": 2.5})
        else:
            self.missing.add("zstd")

    def start_up(self):
        print("\nStart-up: an empty input, 100 runs each")
        commands = {"ours": [self.bare, "anonymize", "-q", "/dev/null"],
                    "sed": ["sed", "-E", "s/a/b/", "/dev/null"]}
        seconds = {name: [] for name in commands}
        for _ in range(100):
            for name, command in commands.items():
                started = time.perf_counter()
                child = os.posix_spawnp(command[0], command, os.environ)
                os.waitpid(child, 0)
                seconds[name].append(time.perf_counter() - started)
        for name in commands:
            print(f"  {name:<44}{statistics.median(seconds[name]) * 1e3:>8.2f} ms")
        ratio = statistics.median(seconds["ours"]) / statistics.median(seconds["sed"])
        self.at_most("ours / sed", ratio, 2, "times")

    def adversarial(self):
        """One value-like word a megabyte long, again and again, against the access log as plain text."""
        lines = max(1, min(self.bytes, 100_000_000) // 1_000_000)
        units = {"a@a@a@...": "a@", "1.1.1....": "1.", "::::...": ":", "%25%25...": "%25"}
        normal = self.path("normal.txt")
        shell(f"head -c {lines * 1_000_000} {self.access} > {normal}")
        commands = {"access log as plain text":
                    ([], f"{self.program} --threads 1 --format plain {normal} > /dev/null")}
        for number, (name, unit) in enumerate(units.items()):
            path = self.path(f"adversary{number}")
            line = (unit * 1_000_000)[:999_999] + "\n"
            with open(path, "w", encoding="ascii") as file:
                for _ in range(lines):
                    file.write(line)
            commands[name] = ([], f"{self.program} --threads 1 --format plain {path} > /dev/null")
        measured = self.table("An adversary's text: lines of a megabyte", commands, lines * 1_000_000)
        self.compare_to("access log as plain text", measured, units, 0.5)
        for number in range(len(units)):
            os.unlink(self.path(f"adversary{number}"))
        os.unlink(normal)

    def compare_to(self, normal, measured, names, least):
        for name in names:
            self.target(f"{name} / {normal}", self.ratio(measured, name, normal), least,
                        self.ratio(measured, name, normal, "cpu"))

    def idle_pipe(self):
        print("\nA line into an idle pipe until it comes out, 50 lines")
        child = subprocess.Popen(f"exec {self.program} --format combined -", shell=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = b'192.0.2.17 - - [10/Mar/2025:09:00:07 +0000] "GET / HTTP/1.1" 200 5316 "-" "-"\n'
        milliseconds = []
        for _ in range(50):
            time.sleep(0.02)
            started = time.perf_counter()
            child.stdin.write(line)
            child.stdin.flush()
            child.stdout.readline()
            milliseconds.append((time.perf_counter() - started) * 1e3)
        child.stdin.close()
        child.wait()
        print(f"  median {statistics.median(milliseconds):.2f} ms, longest {max(milliseconds):.2f} ms")
        self.at_most("longest wait", max(milliseconds), 10, "ms")

    def long_line(self):
        print("\nA line of 1 GiB")
        child = subprocess.Popen(f"exec {self.program} --threads 2 --format plain - > /dev/null", shell=True,
                                 stdin=subprocess.PIPE)
        block = b"word 192.0.2.17 otto@example.com " * (MIB // 33)
        started = time.perf_counter()
        for _ in range(1024 * MIB // len(block) + 1):
            child.stdin.write(block)
        child.stdin.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        print(f"  {1024 * MIB / 1e6 / (time.perf_counter() - started):.0f} MB/s, exit status {status}")
        self.at_most("resident", usage.ru_maxrss / 1024, 34, "MiB")


def measure(program, root, rounds, megabytes, place):
    peers = Peers(program, root, rounds, megabytes, place)
    peers.start_up()
    peers.idle_pipe()
    peers.combined()
    peers.json()
    peers.compressed()
    peers.adversarial()
    peers.long_line()
    if peers.missing:
        print(f"\nnot installed, left out: {', '.join(sorted(peers.missing))}")
    return peers.missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("what", choices=["anonymize", "sealing", "backup", "verify", "scope"])
    parser.add_argument("megabytes", type=int)
    options = parser.parse_args()
    disk = os.environ.get("TMPDIR", "/var/tmp")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {options.rounds} rounds in turn, medians; "
          f"files in {disk}")
    if options.what == "sealing":
        missed = sealing_peers.measure(options.program, options.rounds, options.megabytes, disk, options.files)
    elif options.what == "backup":
        missed = backup_peers.measure(options.program, options.rounds, options.megabytes, disk)
    elif options.what == "verify":
        missed = verify_peers.measure(options.program, options.rounds, options.megabytes, disk)
    elif options.what == "scope":
        missed = scope_peers.measure(options.program, options.rounds, options.megabytes, disk)
    else:
        with tempfile.TemporaryDirectory(prefix="trackier-peers.", dir=disk) as place:
            missed = measure(options.program, options.root, options.rounds, options.megabytes, place)
    print(f"\n{missed} targets missed" if missed else "\nall targets met")


main()
