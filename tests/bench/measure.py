"""Runs commands side by side and measures them, with the standard library alone."""

import os
import resource
import statistics
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


def settle():
    """Writes back what earlier runs left to be written, so that nobody pays for somebody else."""
    os.sync()


def in_turn(commands, rounds, warm_up=True):
    """A B C, A B C ...: what disturbs the machine disturbs all of them."""
    measured = {name: Measured() for name in commands}
    if warm_up:
        for command in commands.values():
            shell(command)
    for _ in range(rounds):
        for name, command in commands.items():
            settle()
            measured[name].add(*shell(command))
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
