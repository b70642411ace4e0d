#!/usr/bin/env python3
"""A rsyslogd of our own that sends what it reads through anonymize, as trackier-ctl-anonymize(1), LIVE LOGS, says:
nothing is lost or repeated when it is started again in the middle, and nothing personal is in what it writes."""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = ""
LINES = 10000
RSYSLOGD = shutil.which("rsyslogd", path=os.environ.get("PATH", "") + ":/usr/sbin")

COMMON = """
global(workDirectory="{dir}/work" maxMessageSize="64k")
main_queue(queue.type="LinkedList" queue.filename="main" queue.saveOnShutdown="on" queue.timeoutShutdown="10000")
module(load="imfile")
input(type="imfile" File="{dir}/log" Tag="web:")
"""

# each line, without what rsyslog knows besides, goes to the program, and what comes back to a file
FILTER = COMMON + """
module(load="omprog")
template(name="line" type="string" string="%msg%\\n")
action(type="omprog" binary="{command} --format plain" template="line" output="{dir}/out"
       closeTimeout="20000" killUnresponsive="off")
"""


def line(number):
    return (f'198.51.100.{number % 256} - user{number}@example.org [31/Jan/2026:10:00:00 +0000] '
            f'"GET /{number}?from=2001:db8::{number:x} HTTP/1.1" 200 {number}\n')


class Rsyslog(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.dir = pathlib.Path(directory.name)
        (self.dir / "work").mkdir()
        key = self.dir / "key"
        key.write_text("0123456789abcdef" * 4 + "\n")
        key.chmod(0o600)
        self.command = f"{BINARY} anonymize --key file:{key}"
        self.process = None
        self.addCleanup(self.stop)

    def start(self, settings):
        path = self.dir / "rsyslog.conf"
        path.write_text(settings.format(dir=self.dir, command=self.command))
        with open(self.dir / "messages", "a", encoding="utf-8") as messages:
            self.process = subprocess.Popen([RSYSLOGD, "-n", "-f", path, "-i", self.dir / "pid"], stdout=messages,
                                            stderr=subprocess.STDOUT)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.assertEqual(self.process.wait(60), 0)
            self.process = None

    def write(self, begin, end):
        with open(self.dir / "log", "a", encoding="utf-8") as log:
            for number in range(begin, end):
                log.write(line(number))

    def output(self):
        path = self.dir / "out"
        return path.read_text() if path.exists() else ""

    def wait_for(self, lines):
        end = time.monotonic() + 120
        while self.output().count("\n") < lines:
            if time.monotonic() > end or self.process.poll() is not None:
                self.fail(f"{self.output().count(chr(10))} of {lines} lines: " + (self.dir / "messages").read_text())
            time.sleep(0.05)

    def test_lines_pass_through_a_filter(self):
        self.write(0, 10)
        self.start(FILTER)
        self.wait_for(10)  # at once, of a pipe that idles
        self.write(10, LINES // 2)
        self.wait_for(LINES // 4)
        self.stop()
        self.write(LINES // 2, LINES)
        self.start(FILTER)
        self.wait_for(LINES)
        self.stop()
        text = "".join(line(number) for number in range(LINES))
        wanted = subprocess.run([*self.command.split(), "--format", "plain"], input=text, capture_output=True,
                                text=True, check=True).stdout
        self.assertNotIn("@example.org", wanted)
        got, expected = self.output().splitlines(), wanted.splitlines()
        self.assertEqual(len(got), len(expected), (self.dir / "messages").read_text())
        for number, (mine, other) in enumerate(zip(got, expected)):
            self.assertEqual(mine, other, number)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    arguments, rest = parser.parse_known_args()
    BINARY = arguments.binary
    if RSYSLOGD is None:
        print("SKIPPED: rsyslogd is not installed")
        sys.exit(0)
    signal.alarm(600)
    unittest.main(argv=[__file__, *rest])
