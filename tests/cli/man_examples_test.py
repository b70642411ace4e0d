#!/usr/bin/env python3
"""Runs every example of the manual and of README.md, in order, in a directory with the samples. Those of the
manual have to succeed; those of README.md have to print what it says they print, where "..." stands for any
lines. Then has mandoc(1), if it is there, look for mistakes in the pages."""
import argparse
import os
import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import manual


@contextlib.contextmanager
def shell(binary):
    """A directory with the samples, and a function that runs a command there."""
    with tempfile.TemporaryDirectory(prefix="trackier-man-") as top:
        work = pathlib.Path(top, "work")
        shutil.copytree(manual.PROJECT / "samples", work / "samples")
        os.mkdir(pathlib.Path(top, "bin"))
        pathlib.Path(top, "bin/trackier-ctl").symlink_to(binary)
        env = {**os.environ, "PATH": f"{top}/bin:{os.environ['PATH']}", "HOME": top,
               "XDG_STATE_HOME": f"{top}/state"}
        for name in ("TRACKIER_CONFIG", "XDG_CONFIG_HOME", "CREDENTIALS_DIRECTORY"):
            env.pop(name, None)
        yield lambda command: subprocess.run(
            ["sh", "-c", command], cwd=work, env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)


def run_readme(binary):
    """README.md's examples: a line with a dollar sign, then what it prints, up to an empty line."""
    failures, count = [], 0
    blocks = re.findall(r"(?:^    .*\n)+", (manual.PROJECT / "README.md").read_text(), re.MULTILINE)
    with shell(binary) as run:
        for block in blocks:
            for example in re.split(r"^    \$ ", block, flags=re.MULTILINE)[1:]:
                command, *expected = [line.removeprefix("    ") for line in example.splitlines()]
                count += 1
                printed = run(command).stdout
                pattern = "".join("(?:.*\n)*" if line.strip() == "..." else re.escape(line) + "\n"
                                  for line in expected)
                # Pseudonyms of a random key differ from run to run.
                pattern = re.sub(r"[0-9a-f]{8}\\-[0-9a-f]{4}\\-8[0-9a-f]{3}\\-[0-9a-f]{4}\\-[0-9a-f]{12}",
                                 "[0-9a-f-]{36}", pattern)
                pattern = re.sub(r"\b[0-9a-f]{32}\b", "[0-9a-f]{32}", pattern)  # so do ids of envelopes
                if not re.fullmatch(pattern, printed):
                    failures.append(f"README.md: $ {command}\nprints\n{printed}")
    print(f"README.md: {count} examples")
    return failures


def run_examples(page, binary):
    failures, commands = [], manual.examples(page.read_text())
    with shell(binary) as run:
        exported = ""  # each command has a shell of its own: what the reader exports, goes before it
        for command in commands:
            if command.startswith("export "):
                exported += f"{command}; "
            result = run(exported + command)
            if result.returncode != 0:
                failures.append(f"{page.name}: $ {command}\n    exit {result.returncode}: "
                                f"{result.stdout.strip()}")
    print(f"{page.name}: {len(commands)} examples")
    if page.suffix == ".1" and not commands:
        failures.append(f"{page.name}: a command without an example")
    return failures


def lint(page):
    result = subprocess.run(["mandoc", "-Tlint", "-W", "warning", page], capture_output=True,
                            text=True)
    return [] if result.returncode == 0 else [result.stdout.strip() or f"{page.name}: mandoc failed"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    binary = parser.parse_args().binary.resolve()
    failures = run_readme(binary)
    for page in manual.pages():
        failures += run_examples(page, binary)
    if shutil.which("mandoc"):
        for page in manual.pages():
            failures += lint(page)
    else:
        print("SKIPPED: mandoc is not installed; the pages were not checked for mistakes")
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
