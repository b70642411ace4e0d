#!/usr/bin/env python3
"""Compares what the program prints with tests/golden/, byte by byte: the samples anonymized with a
fixed key, the texts of help, reports and findings as JSON. UPDATE_GOLDEN=1 writes the files anew;
look at the difference before it is committed."""
import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from manual import PROJECT

GOLDEN = PROJECT / "tests/golden"
KEY = bytes(range(1, 33))  # nobody's
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
VOLATILE = re.compile(rb'"(seconds|bytes_per_second)":[0-9.e+-]+')


class Golden:
    def __init__(self, binary, work):
        self.binary, self.work, self.failures, self.seen = binary, work, [], set()
        self.env = {**os.environ, "HOME": str(work), "TRACKIER_CONFIG": "samples/config.toml"}
        (work / "samples").symlink_to(PROJECT / "samples")
        (work / "golden.key").write_bytes(KEY)
        (work / "golden.key").chmod(0o600)

    def output(self, *words):
        result = subprocess.run([self.binary, *words], cwd=self.work, env=self.env,
                                stdin=subprocess.DEVNULL, capture_output=True)
        if result.returncode not in (0, 1) or result.stderr:
            self.failures.append(f"{' '.join(words)}: exit {result.returncode}, "
                                 f"{result.stderr.decode(errors='replace')}")
        return result.stdout

    def compare(self, name, got):
        path = GOLDEN / name
        self.seen.add(path)
        if UPDATE:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(got)
            return
        wanted = path.read_bytes() if path.is_file() else b""
        if got != wanted:
            lines = [[line + b"\n" for line in text.split(b"\n")] for text in (wanted, got)]
            difference = difflib.diff_bytes(difflib.unified_diff, *lines, b"wanted", b"got", n=1)
            text = b"".join(difference).decode(errors="backslashreplace")
            self.failures.append(f"{path.relative_to(PROJECT)} differs:\n{text[:4000]}")

    def leftovers(self):
        for path in sorted(GOLDEN.rglob("*")):
            if path.is_file() and path not in self.seen:
                if UPDATE:
                    path.unlink()
                else:
                    self.failures.append(f"{path.relative_to(PROJECT)}: nothing makes it any more")


def commands(output, path=()):
    text = output(*path, "--help").decode()
    block = re.search(r"^commands:\n((?:  .*\n)+)", text, re.MULTILINE)
    yield path
    for name in re.findall(r"^  (\S+)", block[1], re.MULTILINE) if block else []:
        yield from commands(output, (*path, name))


def compare_all(golden):
    keyed = ("anonymize", "--key", "file:golden.key")
    for sample in sorted((PROJECT / "samples/logs").iterdir()):
        name = f"samples/logs/{sample.name}"
        shown = f"{sample.name}.txt" if sample.suffix == ".gz" else sample.name
        golden.compare(f"anonymize/{shown}", golden.output(*keyed, name))
    for profile, sample in (("web", "access.log"), ("clicks", "clicks.jsonl"), ("edge", "edge.nginx"),
                            ("orders", "orders.jsonl"), ("people", "people.csv")):
        golden.compare(f"profiles/{profile}-{sample}", golden.output(
            *keyed, "--profile", profile, f"samples/logs/{sample}"))
    golden.compare("tenant/clicks.jsonl",
                   golden.output(*keyed, "--tenant", "golden", "samples/logs/clicks.jsonl"))

    logs = [f"samples/logs/{name}" for name in ("access.log", "clicks.jsonl", "people.csv")]
    (golden.work / "into").mkdir()
    report = golden.output(*keyed, "--report", "--json", "--out-dir", "into", *logs)
    golden.compare("report.json", VOLATILE.sub(rb'"\1":0', report))
    dry = golden.output(*keyed, "--dry-run", "--json", *logs)
    golden.compare("dry-run.json", VOLATILE.sub(rb'"\1":0', dry))
    golden.compare("dry-run.txt", golden.output(*keyed, "--dry-run", *logs))
    golden.compare("check.txt", golden.output("anonymize", "--check", "samples/logs/notes.txt"))
    golden.compare("check.jsonl",
                   golden.output("anonymize", "--check", "--json", "samples/logs/notes.txt"))
    golden.compare("config-show.txt", golden.output("config", "show"))
    golden.compare("config-show.jsonl", golden.output("config", "show", "--json"))

    for path in commands(golden.output):
        name = "-".join(("trackier-ctl", *path))
        golden.compare(f"help/{name}.txt", golden.output(*path, "--help"))
        golden.compare(f"help/{name}.brief.txt", golden.output(*path, "-h"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    binary = parser.parse_args().binary.resolve()
    with tempfile.TemporaryDirectory(prefix="trackier-golden-") as work:
        golden = Golden(binary, pathlib.Path(work))
        compare_all(golden)
        golden.leftovers()
    print("\n".join(golden.failures))
    print(f"{len(golden.seen)} golden files, {len(golden.failures)} failures"
          + (", written anew" if UPDATE else ""))
    return 1 if golden.failures else 0


if __name__ == "__main__":
    sys.exit(main())
