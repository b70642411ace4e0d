"""Runs commands side by side and measures them, with the standard library alone."""

import contextlib
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import time

# What a child is reported to have held includes what this program held when it was started.
FLOOR = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Measured:
    """Some runs of one command over so many bytes."""

    def __init__(self):
        self.seconds = []
        self.cpu = []
        self.resident = 0  # bytes, of the largest process

    def add(self, seconds, usage):
        self.seconds.append(seconds)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.resident = max(self.resident, usage.ru_maxrss * 1024)

    def rate(self, size, seconds=None):
        return size / 1e6 / (seconds or statistics.median(self.seconds))

    def __str__(self):
        return f"{statistics.median(self.seconds):.3f} s"


def shell(command, environment=None):
    """Runs a command of the shell to its end: wall seconds and what it and its children used."""
    started = time.perf_counter()
    child = os.posix_spawn("/bin/sh", ["sh", "-c", command], {**os.environ, **(environment or {})})
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"failed: {command}")
    return seconds, usage


def peak_resident(command):
    """MiB at most that one program held, asked while it ran. Unlike what wait4 reports it does not include
    what this program held when it was started."""
    child = subprocess.Popen(f"exec {command}", shell=True)
    most = 0
    while child.poll() is None:
        with contextlib.suppress(OSError), open(f"/proc/{child.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    most = max(most, int(line.split()[1]))
        time.sleep(0.002)
    if child.returncode != 0:
        raise SystemExit(f"failed: {command}")
    return most / 1024


def elsewhere(function, *arguments):
    """In a process of its own, for a child is reported to have held what this one does."""
    child = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    child.start()
    child.join()
    if child.exitcode != 0:
        raise SystemExit(f"failed: {function.__name__}")


def settle():
    """Writes back what earlier runs left to be written, so that nobody pays for somebody else."""
    os.sync()


def in_turn(commands, rounds, warm_up=True, outputs=(), twice=False):
    """A B C, A B C ...: what disturbs the machine disturbs all of them. Outputs are removed before each
    run, so that nobody pays for, or profits from, what somebody else has left. twice: A A B B C C, and the second
    time counts. A virtual machine gives memory that is free for a second back to its host, and fetching it takes
    longer than filling it; what is done within a second finds it there."""
    measured = {name: Measured() for name in commands}
    if warm_up:
        for command in commands.values():
            shell(command)

    def run(command):
        for output in outputs:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(output)
        settle()
        return shell(command)

    for _ in range(rounds):
        for name, command in commands.items():
            if twice:
                run(command)
            measured[name].add(*run(command))
    return measured


def row(name, measured, size):
    median = statistics.median(measured.seconds)
    return (f"  {name:<44}{measured.rate(size):>8.0f}"
            f"{measured.rate(size, max(measured.seconds)):>8.0f}"
            f"{measured.rate(size, min(measured.seconds)):>8.0f}"
            f"{size / 1e6 / statistics.median(measured.cpu):>9.0f}"
            f"{median:>9.2f}{resident(measured.resident):>9}")


def resident(size):
    """In MiB; nothing below what Python itself needs can be told."""
    return f"{size / 2**20:.1f}" if size > FLOOR * 1.3 else f"< {FLOOR * 1.3 / 2**20:.0f}"


HEADING = (f"  {'':<44}{'MB/s':>8}{'min':>8}{'max':>8}{'per cpu s':>9}{'seconds':>9}{'RSS MiB':>9}")


class Comparison:
    """Programs side by side, and the project's targets beside what was measured."""

    def __init__(self, rounds, place):
        self.rounds = rounds
        self.place = place
        self.missed = 0
        self.missing = set()

    def path(self, name):
        return os.path.join(self.place, name)

    def target(self, what, ratio, least, by_processor):
        met = ratio >= least
        self.missed += not met
        print(f"  target: {what}: at least {least}, measured {ratio:.2f}: {'met' if met else 'MISSED'} "
              f"({by_processor:.2f} by processor time)")

    def at_most(self, what, value, most, unit):
        met = value <= most
        self.missed += not met
        print(f"  target: {what}: at most {most} {unit}, measured {value:.2f}: {'met' if met else 'MISSED'}")

    def table(self, title, commands, size, outputs=(), twice=False):
        """The commands whose programs are installed, measured in turn; what is not is None."""
        print(f"\n{title}\n{HEADING}")
        present = {}
        for name, (needs, command) in commands.items():
            absent = [tool for tool in needs if shutil.which(tool) is None]
            self.missing.update(absent)
            if not absent:
                present[name] = command
        measured = in_turn(present, self.rounds, outputs=outputs, twice=twice)
        for name in present:
            print(row(name, measured[name], size))
        return measured

    @staticmethod
    def ratio(measured, one, other, of="seconds"):
        """How many times faster `one` is: the median over pairs that ran one after the other."""
        return statistics.median(b / a for a, b in zip(getattr(measured[one], of), getattr(measured[other], of)))

    def compare(self, measured, one, targets):
        for other, least in targets.items():
            if other in measured:
                self.target(f"{one} / {other}", self.ratio(measured, one, other), least,
                            self.ratio(measured, one, other, "cpu"))
