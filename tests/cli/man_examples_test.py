#!/usr/bin/env python3
"""Runs every example of the manual, in order, in a directory with the samples: each has to succeed.
Then has mandoc(1), if it is there, look for mistakes in the pages."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import manual


def run_examples(page, binary):
    failures, commands = [], manual.examples(page.read_text())
    with tempfile.TemporaryDirectory(prefix="trackier-man-") as top:
        work = pathlib.Path(top, "work")
        shutil.copytree(manual.PROJECT / "samples", work / "samples")
        os.mkdir(pathlib.Path(top, "bin"))
        pathlib.Path(top, "bin/trackier-ctl").symlink_to(binary)
        env = {**os.environ, "PATH": f"{top}/bin:{os.environ['PATH']}", "HOME": top}
        for name in ("TRACKIER_CONFIG", "XDG_CONFIG_HOME", "CREDENTIALS_DIRECTORY"):
            env.pop(name, None)
        for command in commands:
            result = subprocess.run(["sh", "-c", command], cwd=work, env=env, text=True,
                                    stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
            if result.returncode != 0:
                failures.append(f"{page.name}: $ {command}\n    exit {result.returncode}: "
                                f"{result.stderr.strip()}")
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
    failures = []
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
