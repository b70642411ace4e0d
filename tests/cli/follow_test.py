#!/usr/bin/env python3
"""anonymize --follow: a log that is rotated, and a follower that is killed, lose no line and repeat none."""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time
import unittest

BINARY = ""
SEED = 7


def line(number):
    return f"event {number} from 198.51.100.{number % 256} by user{number}@example.org\n"


class Follow(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = pathlib.Path(directory.name)
        (self.dir / "logs").mkdir()
        (self.dir / "state").mkdir()
        self.log = self.dir / "logs" / "log"
        self.out = self.dir / "state" / "out"
        key = self.dir / "key"
        key.write_text("11" * 32 + "\n")
        key.chmod(0o600)
        self.rules = [BINARY, "anonymize", "--format", "plain", "--key", f"file:{key}"]
        self.written = ""
        self.number = 0
        self.process = None
        self.addCleanup(self.kill)

    def start(self):
        self.process = subprocess.Popen(
            [*self.rules, "--follow", "--position", self.dir / "state" / "position", "-o", self.out, self.log],
            stderr=subprocess.PIPE, text=True)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stderr.close()
            self.process = None

    def write(self, count):
        text = "".join(line(self.number + i) for i in range(count))
        self.number += count
        self.written += text
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(text)

    def rotate(self):
        numbers = sorted((int(p.suffix[1:]) for p in self.log.parent.glob("log.*")), reverse=True)
        for number in numbers:
            os.rename(f"{self.log}.{number}", f"{self.log}.{number + 1}")
        os.rename(self.log, f"{self.log}.1")
        self.log.touch()

    def expect_all(self):
        expected = subprocess.run(self.rules, input=self.written, capture_output=True, text=True, check=True).stdout
        self.assertNotIn("@example.org", expected)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.out.exists() and self.out.read_text() == expected:
                return
            if self.process.poll() is not None:
                self.fail("it ended: " + self.process.stderr.read())
            time.sleep(0.02)
        self.assertEqual(self.out.read_text(), expected)

    def test_rotations_while_it_runs(self):
        self.start()
        for _ in range(10):
            self.write(20)
            time.sleep(0.05)
            self.rotate()
        self.write(5)
        self.expect_all()

    def test_a_copy_is_truncated(self):
        self.write(20)
        self.start()
        self.expect_all()
        self.write(20)
        (self.dir / "logs" / "log.1").write_bytes(self.log.read_bytes())
        os.truncate(self.log, 0)
        self.write(1)
        self.expect_all()

    def test_kill_at_any_moment(self):
        random.seed(SEED)
        self.write(1)
        for _ in range(20):
            self.start()
            for _ in range(random.randrange(1, 4)):
                self.write(random.randrange(1, 200))
                time.sleep(random.random() * 0.3)
                if random.random() < 0.3:
                    self.rotate()
            self.kill()
            self.write(random.randrange(1, 50))
        self.start()
        self.expect_all()

    def test_a_signal_ends_it_with_the_position_saved(self):
        self.write(3)
        self.start()
        self.expect_all()
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(10), -signal.SIGTERM)
        self.assertIn(f"offset {len(self.written)}\n", (self.dir / "state" / "position").read_text())

    def test_one_follower_for_a_position(self):
        self.write(3)
        self.start()
        self.expect_all()
        second = subprocess.run(self.process.args, capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(second.returncode, 75, second.stderr)

    def test_what_does_not_go_with_it(self):
        for options in ([], ["--position", "p", "--check"], ["--position", "p", "--format", "csv"]):
            run = subprocess.run([*self.rules, "--follow", *options, self.log], capture_output=True, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 64, run.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    arguments, rest = parser.parse_known_args()
    BINARY = arguments.binary
    unittest.main(argv=[__file__, *rest])
