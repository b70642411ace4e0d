#!/usr/bin/env python3
"""Runs the scenarios beside this file against the real binary, each in a fresh directory.

    run_scenarios.py [--binary PATH] [--jobs N] [--keep] [SCENARIO.txt ...]

A scenario is a text file in the manner of Go's testscript: commands, one on a line, and files.

    # what this part shows
    ! exec trackier-ctl anonymize --key file:key a.log
    exit 77
    stderr 'key file:key: .*no such file'
    ! exists out.log
    -- a.log --
    192.0.2.17 - hello

Everything from the first line of the form "-- NAME --" on is files, which are there when the
scenario begins. A line of commands is words with blanks between them; single quotes hold blanks
together and have no meaning inside but '' for one of them; $NAME outside of quotes is a variable;
# at the start of a word begins a comment. "!" in front turns a command round.

    exec PROGRAM WORD...   run it; it must exit with 0. "! exec": it must not. A last word &NAME
                           leaves it running under that name.
    shell LINE             the same of a line for sh
    pty exec ..., pty shell ...   the same on a terminal of its own: stdin, stdout and stderr.
                           What the terminal shows becomes stdout.
    stdin FILE             what the next exec reads; otherwise /dev/null
    ttyin TEXT             what is typed on the terminal of the next pty; \\n, \\x04 as in Python
    answer PROMPT TEXT     what is typed on the terminal of the next pty when it shows PROMPT; may be
                           repeated
    exit N | SIGNAL        how the last exec ended, exactly: 65, SIGINT
    stdout REGEX           standard output of the last exec matches somewhere; ^ and $ are line ends
    stderr REGEX           "! stderr ." says that there was none
    count N REGEX [FILE]   so many matches in FILE, otherwise in stdout
    contains FILE TEXT     the file has this text in it, letter by letter; FILE may be stdout, stderr
    cmp A B                the two are equal, byte by byte; either may be stdout or stderr
    save FILE              write the stdout of the last exec to a file
    exists FILE...         there are such files; "! exists": none of them
    files DIRECTORY NAME...   these are all its files, hidden ones too
    mode FILE OCTAL        permissions
    cp FROM TO, mkdir DIR..., rm FILE..., chmod OCTAL FILE..., symlink TARGET NAME,
    hardlink FILE NAME, mkfifo NAME...
    env NAME=VALUE         for what follows; "env NAME" takes it away
    signal SIGNAL NAME     send it to what runs under that name
    await NAME REGEX       wait until its stdout or stderr matches
    appears FILE           wait until there is such a file
    wait NAME              wait for its end; stdout, stderr and exit are its own then. It must have
                           failed if its exec had a "!" in front
    skip-unless WHAT       the rest needs WHAT: a program of that name; root, or user for not root;
                           release for a build without sanitizers; shared for real data in $SHARED;
                           mount for the right to mount a file system (in a name space of one's own)

Variables: $WORK the directory, $SAMPLES and $SHARED those of the project, $HOME, $PYTHON. The
program is on the path as trackier-ctl. Nothing of the caller's environment is seen by a scenario
but options of sanitizers. A program that runs longer than two minutes is killed and has failed.
"""
import argparse
import concurrent.futures
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from scenario import Scenario  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def binary_from(argument):
    path = argument or os.environ.get("TRACKIER_CTL")
    if not path:
        sys.exit("run_scenarios.py: name the program with --binary or TRACKIER_CTL")
    binary = pathlib.Path(path).resolve()
    if not os.access(binary, os.X_OK):
        sys.exit(f"run_scenarios.py: {binary} is not a program")
    return binary


def run_one(path, binary, keep):
    return Scenario(path, binary, keep).run()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios at a time")
    parser.add_argument("--keep", action="store_true", help="leave the directories of failed ones")
    parser.add_argument("scenarios", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    binary = binary_from(arguments.binary)
    scenarios = arguments.scenarios or sorted(HERE.glob("*.txt"))
    scenarios = [path for path in scenarios if path.name != "CMakeLists.txt"]
    if not scenarios:
        sys.exit("run_scenarios.py: no scenarios")
    os.umask(0o022)
    passed = failed = skipped = 0
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        work = [pool.submit(run_one, path, binary, arguments.keep) for path in scenarios]
        for each in work:
            outcome = each.result()
            print(f"{outcome.verdict:7} {outcome.name} ({outcome.commands} commands, "
                  f"{outcome.seconds:.1f} s)", flush=True)
            if outcome.details:
                print(outcome.details, flush=True)
            passed += outcome.verdict == "ok"
            failed += outcome.verdict == "FAILED"
            skipped += outcome.verdict == "SKIPPED"
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
