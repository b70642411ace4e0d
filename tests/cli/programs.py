"""Running programs for scenarios: to their end, on a terminal, or in the background."""
import errno
import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time

PATIENCE = 120.0  # seconds; only a hanging program needs as many


class Result:
    """How a program ended. status: an exit status, or the name of the signal it died of."""

    def __init__(self, code, stdout, stderr):
        self.status = signal.Signals(-code).name if code < 0 else code
        self.stdout = stdout
        self.stderr = stderr


class Hanging(Exception):
    pass


def run(words, cwd, env, stdin):
    """stdin: bytes."""
    process = subprocess.Popen(words, cwd=cwd, env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    try:
        out, err = process.communicate(stdin, PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Hanging(f"still running after {PATIENCE:.0f} s") from None
    return Result(process.returncode, out, err)


def run_on_terminal(words, cwd, env, typed, answers=()):
    """All three streams are one terminal of 80 columns; what it shows is the result's stdout.
    typed: at once. answers: pairs of what the terminal has to show first, and what is typed then."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80)) if hasattr(termios, "tcsetwinsize") else \
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, b"\x18\x00\x50\x00\x00\x00\x00\x00")

    def own_the_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(words, cwd=cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs,
                               start_new_session=True, preexec_fn=own_the_terminal)
    os.close(theirs)
    if typed:
        os.write(ours, typed)
    shown, seen, answers = b"", 0, list(answers)
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            if not select.select([ours], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(ours, 65536)
            except OSError as error:  # Linux says this when the last program has left the terminal
                if error.errno != errno.EIO:
                    raise
                break
            if not data:
                break
            shown += data
            while answers and (at := shown.find(answers[0][0], seen)) >= 0:
                seen = at + len(answers[0][0])
                os.write(ours, answers.pop(0)[1])
        else:
            os.killpg(process.pid, signal.SIGKILL)
            raise Hanging(f"still running after {PATIENCE:.0f} s")
    finally:
        process.wait(PATIENCE)
        os.close(ours)
    return Result(process.returncode, shown, b"")


class Background:
    """A program that runs on. Its streams go to files, so that they can be looked at meanwhile."""

    def __init__(self, words, cwd, env, stdin, directory, name):
        self.paths = [directory / f"{name}.out", directory / f"{name}.err"]
        with open(self.paths[0], "wb") as out, open(self.paths[1], "wb") as err, stdin as source:
            self.process = subprocess.Popen(words, cwd=cwd, env=env, stdin=source, stdout=out,
                                            stderr=err, start_new_session=True)

    def streams(self):
        return [path.read_bytes() for path in self.paths]

    def send(self, number):
        self.process.send_signal(number)

    def wait(self):
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Hanging(f"still running after {PATIENCE:.0f} s") from None
        return Result(self.process.returncode, *self.streams())

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
