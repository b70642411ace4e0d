#!/usr/bin/env python3
"""anonymize --follow: a log that is rotated, and a follower that is killed, lose no line and repeat none."""

import argparse
import gzip
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = ""
KILLS = 100
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
        self.position = self.dir / "state" / "position"
        key = self.dir / "key"
        key.write_text("0123456789abcdef" * 4 + "\n")
        key.chmod(0o600)
        self.rules = [BINARY, "anonymize", "--key", f"file:{key}"]
        self.format = ["--format", "plain"]
        self.written = ""
        self.number = 0
        self.process = None
        self.addCleanup(self.kill)

    def command(self):
        return [*self.rules, *self.format, "--follow", "--position", self.position, "-o", self.out, self.log]

    def start(self):
        """Returns when it has taken up its work, if it is the first time."""
        self.process = subprocess.Popen(self.command(), stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 30
        while not self.position.exists() and self.process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stderr.close()
            self.process = None

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(20), -signal.SIGTERM)
        self.kill()

    def add(self, text):
        self.written += text
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(text)

    def write(self, count):
        self.add("".join(line(self.number + i) for i in range(count)))
        self.number += count

    def make_room(self, path):
        """For path.1: what is there moves on, as with any rotation."""
        numbers = sorted((int(p.suffix[1:]) for p in path.parent.glob(path.name + ".*")), reverse=True)
        for number in numbers:
            os.rename(f"{path}.{number}", f"{path}.{number + 1}")

    def rotate(self, path=None):
        path = path or self.log
        self.make_room(path)
        os.rename(path, f"{path}.1")
        path.touch()

    def compress(self, name):
        with open(name, "rb") as plain, gzip.open(f"{name}.gz", "wb") as packed:
            shutil.copyfileobj(plain, packed)
        os.unlink(name)

    def all_output(self):
        """With what was rotated, oldest first."""
        rotated = sorted(self.out.parent.glob("out.*"), key=lambda p: int(p.suffix[1:]), reverse=True)
        return "".join(p.read_text() for p in [*rotated, self.out] if p.exists())

    def expect_all(self, wanted=None):
        if wanted is None:
            wanted = subprocess.run([*self.rules, *self.format], input=self.written, capture_output=True, text=True,
                                    check=True).stdout
        self.assertNotIn("@example.org", wanted)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.all_output() == wanted:
                return
            if self.process.poll() is not None:
                self.fail("it ended: " + self.process.stderr.read())
            time.sleep(0.02)
        self.assertEqual(self.all_output(), wanted)

    def run_to_its_end(self):
        return subprocess.run(self.command(), capture_output=True, text=True, timeout=60, check=False)

    def test_rotations_while_it_runs(self):
        self.start()
        for _ in range(10):
            self.write(20)
            time.sleep(0.05)
            self.rotate()
        self.write(5)
        self.expect_all()

    def test_ten_rotations_while_nothing_runs(self):
        self.write(3)
        self.start()
        self.expect_all()
        self.kill()
        for _ in range(10):
            self.write(20)
            self.rotate()
        self.write(5)
        self.start()
        self.expect_all()

    def test_a_rotation_before_the_first_line_was_read(self):
        self.log.touch()
        self.start()
        self.kill()
        self.write(3)
        self.rotate()
        self.write(3)
        self.start()
        self.expect_all()

    def test_a_copy_is_truncated(self):
        self.write(20)
        self.start()
        self.expect_all()
        for compressed in (False, True):
            self.kill()
            self.write(20)
            self.make_room(self.log)
            copy = self.dir / "logs" / "log.1"
            copy.write_bytes(self.log.read_bytes())
            if compressed:
                self.compress(copy)
            os.truncate(self.log, 0)
            self.start()
            self.write(1)
            self.expect_all()

    def test_a_rotated_log_was_compressed(self):
        self.write(30000)
        self.start()
        self.expect_all()
        self.kill()
        self.write(30000)
        self.rotate()
        self.write(10)
        self.rotate()
        self.compress(f"{self.log}.2")
        self.compress(f"{self.log}.1")
        self.write(10)
        self.start()
        self.expect_all()

    def test_a_rotated_log_is_gone(self):
        self.write(3)
        self.start()
        self.expect_all()
        self.end()
        self.rotate()
        os.unlink(f"{self.log}.1")
        self.write(3)
        run = self.run_to_its_end()
        self.assertEqual(run.returncode, 66, run.stderr)

    def test_a_link_moves_on_to_the_next_day(self):
        days = self.dir / "logs" / "days"
        days.mkdir()
        self.log.symlink_to(days / "app-2026-01-30.log")
        self.write(3)
        self.start()
        self.expect_all()

        def next_day(day):
            new = self.dir / "logs" / "new"
            new.symlink_to(days / f"app-2026-{day}.log")
            new.rename(self.log)

        next_day("01-31")
        self.write(3)
        self.expect_all()
        self.kill()
        self.write(2)
        next_day("02-01")
        self.write(2)
        next_day("02-02")
        self.write(2)
        self.start()
        self.expect_all()

    def test_kill_at_any_moment(self):
        random.seed(SEED)
        print("seed", SEED, file=sys.stderr)
        self.write(1)
        self.start()
        for _ in range(KILLS):
            self.kill()
            self.write(random.randrange(1, 50))
            self.start()
            for _ in range(random.randrange(1, 4)):
                self.write(random.randrange(1, 3000))
                time.sleep(random.random() * 0.3)
                if random.random() < 0.3:
                    self.rotate()
                if random.random() < 0.2 and self.out.exists():
                    self.rotate(self.out)
        self.expect_all()

    def test_a_line_longer_than_memory_is_given(self):
        long = line(1)[:-1] * 100000 + "\n"
        self.write(3)
        self.start()
        self.expect_all()
        before = len(self.written)
        self.add(long[:3500000])
        while self.out.stat().st_size < 1500000:
            time.sleep(0.02)
        self.end()
        self.assertIn(f"offset {before}\n", self.position_text())
        self.add(long[3500000:])
        self.write(3)
        self.start()
        self.expect_all()

    def test_tables_keep_their_columns(self):
        self.format = []
        self.add("id,first_name,city\n1,Ann,Oslo\n")
        self.start()
        lines = "id,first_name,city\n1,[name],Oslo\n"
        self.expect_all(lines)
        self.kill()
        self.add("2,Bob,Bonn\n")
        self.start()
        lines += "2,[name],Bonn\n"
        self.expect_all(lines)
        self.rotate()
        self.add("city,first_name\nRome,Carla\n")
        self.expect_all(lines + "city,first_name\nRome,[name]\n")
        self.end()
        self.assertIn("format csv\n", self.position_text())

    def test_directives_are_remembered(self):
        self.format = ["--format", "w3c"]
        fields = "#Fields: date time cs-username c-ip\n2026-01-31 10:00:00 ann 192.0.2.17\n"
        self.add("#Version: 1.0\n" + fields)
        self.start()
        self.expect_all()
        self.kill()
        self.add("2026-01-31 10:00:01 bob 192.0.2.17\n#Fields: cs-username date\ncarla 2026-01-31\n")
        self.start()
        self.expect_all()
        self.kill()
        self.add("dora 2026-01-31\n")
        self.start()
        self.expect_all()
        self.assertNotIn("dora", self.out.read_text())

    def test_the_format_is_told_by_the_first_lines_or_asked_for(self):
        self.format = []
        self.add("starting up\n")
        run = self.run_to_its_end()
        self.assertEqual(run.returncode, 65, run.stderr)
        self.assertIn("pass --format", run.stderr)
        self.assertEqual(self.out.read_text(), "")
        os.truncate(self.log, 0)
        self.written = ""
        self.add('{"visitor_id":"v17","ip":"192.0.2.17"}\n')
        self.position.unlink()
        self.start()
        self.expect_all()
        self.kill()
        self.add('starting up\n{"visitor_id":"v18","password":"secret"}\n')
        self.start()
        time.sleep(0.1)
        self.format = ["--format", "json"]
        deadline = time.monotonic() + 30
        while self.out.read_text().count("\n") < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertNotIn("secret", self.out.read_text())
        self.assertNotIn("v18", self.out.read_text())

    def test_compressed_logs_and_documents_are_refused(self):
        self.log.write_bytes(gzip.compress(b"one\n", mtime=10))
        for _ in range(2):  # a supervisor tries again
            run = self.run_to_its_end()
            self.assertEqual(run.returncode, 65, run.stderr)
        self.position.unlink()
        self.format = ["--format", "json"]
        for text in ('{\n  "a": 1\n}\n', "no json\n"):
            self.log.write_text(text)
            for _ in range(2):
                run = self.run_to_its_end()
                self.assertEqual(run.returncode, 65, run.stderr)
            self.position.unlink()

    def test_the_output_is_rotated(self):
        self.write(3)
        self.start()
        self.expect_all()
        self.rotate(self.out)
        self.write(3)
        self.expect_all()
        self.kill()
        self.rotate(self.out)
        self.write(3)
        self.start()
        self.expect_all()
        self.kill()
        os.rename(self.out, f"{self.out}.0")  # and no new file is made
        self.write(3)
        self.start()
        self.expect_all()
        self.assertTrue(self.out.exists())

    def test_an_output_that_others_wrote_is_left_alone(self):
        self.write(3)
        self.out.write_text("mine\n")
        run = self.run_to_its_end()
        self.assertEqual(run.returncode, 73, run.stderr)
        self.assertEqual(self.out.read_text(), "mine\n")

    def test_with_keys_of_periods_it_finds_its_place(self):
        key = self.dir / "periods.key"
        subprocess.run([BINARY, "keys", "epoch", "new", "--unit", "month", "-o", key], check=True)
        self.rules = [BINARY, "anonymize", "--key", f"file:{key}"]
        self.write(3)
        self.start()
        self.expect_all()
        self.end()
        self.write(3)
        self.rotate()
        self.write(3)
        self.start()
        self.expect_all()

    def test_a_key_that_is_destroyed_is_warned_of(self):
        key = self.dir / "periods.key"
        subprocess.run([BINARY, "keys", "epoch", "new", "--unit", "month", "-o", key], check=True)
        self.rules = [BINARY, "anonymize", "--key", f"file:{key}"]
        self.add("2020-01-01T00:00:00Z visitor_id=visitor-0001\n")
        self.start()
        end = time.monotonic() + 60
        while "[id]" not in self.all_output() and time.monotonic() < end:
            time.sleep(0.02)
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=20)
        self.assertIn("the key of 2020-01 is destroyed; where one is needed values are redacted", errors)
        self.assertEqual(self.all_output(), "2020-01-01T00:00:00Z visitor_id=[id]\n")

    def test_the_log_is_no_output(self):
        self.log.touch()
        self.out = self.log
        self.assertEqual(self.run_to_its_end().returncode, 73)
        with open(self.log, "a", encoding="utf-8") as output:
            run = subprocess.run([*self.rules, *self.format, "--follow", "--position", self.position, self.log],
                                 stdout=output, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(run.returncode, 73, run.stderr)
        self.assertEqual(self.log.read_text(), "")

    def test_a_run_that_was_killed_before_it_saved_starts_again(self):
        self.write(3)
        self.start()
        while not self.out.exists() or not self.out.read_text():
            time.sleep(0.001)
        self.kill()
        self.start()
        self.expect_all()

    def test_a_signal_ends_it_with_the_position_saved(self):
        self.write(3)
        self.start()
        self.expect_all()
        self.end()
        self.assertIn(f"offset {len(self.written)}\n", self.position_text())

    def position_text(self):
        return self.position.read_text()

    def test_to_a_pipe_each_line_comes_at_once(self):
        self.log.touch()
        command = [*self.rules, *self.format, "--follow", "--position", self.position, self.log]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            while not self.position.exists():
                time.sleep(0.01)
            delays = []
            for number in range(50):
                time.sleep(0.02)
                began = time.monotonic()
                self.add(line(number))
                self.assertIn(f"event {number} from", run.stdout.readline())
                delays.append(time.monotonic() - began)
            self.assertIn("NoNewPrivs:\t1\n", pathlib.Path(f"/proc/{run.pid}/status").read_text())
            before = cpu_seconds(run.pid)
            time.sleep(2)
            idle = (cpu_seconds(run.pid) - before) / 2
            run.terminate()
        print(f"median {sorted(delays)[25] * 1000:.1f} ms, slowest {max(delays) * 1000:.1f} ms, idle {idle:.1%} of a CPU",
              file=sys.stderr)
        self.assertLess(sorted(delays)[25], 0.1)
        self.assertLess(idle, 0.05)

    def test_a_full_disk_ends_it_and_nothing_is_lost(self):
        script = f"""mount -t tmpfs -o size=1m none {self.out.parent} || exit 99
            head -c {15 * 65536} /dev/zero >{self.out.parent}/ballast
            {' '.join(map(str, self.command()))} 2>{self.dir}/error
            echo $? >{self.dir}/status
            rm {self.out.parent}/ballast
            {' '.join(map(str, self.command()))} & follower=$!
            i=0; while [ $i -lt 300 ] && [ "$(wc -l <{self.out})" != 3000 ]; do sleep 0.1; i=$((i+1)); done
            kill $follower; cp {self.out} {self.dir}/result"""
        self.write(3000)
        run = subprocess.run(["unshare", "--map-root-user", "--mount", "sh", "-c", script], capture_output=True,
                             text=True, check=False)
        if not (self.dir / "status").exists():
            self.skipTest("SKIPPED: nothing can be mounted: " + run.stderr)
        self.assertEqual((self.dir / "status").read_text(), "74\n", (self.dir / "error").read_text())
        wanted = subprocess.run([*self.rules, *self.format], input=self.written, capture_output=True, text=True,
                                check=True).stdout
        self.assertEqual((self.dir / "result").read_text(), wanted)

    def test_one_follower_for_a_position(self):
        self.write(3)
        self.start()
        self.expect_all()
        self.assertEqual(self.run_to_its_end().returncode, 75)

    def test_what_does_not_go_with_it(self):
        for options in ([], ["--position", "p", "--check"], ["--position", "p", "--force"],
                        ["--position", "p", "--compress", "gzip"]):
            run = subprocess.run([*self.rules, "--follow", *options, self.log], capture_output=True, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 64, run.stderr)
        without_key = [BINARY, "anonymize", "--follow", "--position", "p", self.log]
        run = subprocess.run(without_key, capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 64, run.stderr)
        self.assertIn("needs a key", run.stderr)


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--kills", type=int, default=KILLS)
    arguments, rest = parser.parse_known_args()
    BINARY = arguments.binary
    KILLS = arguments.kills
    unittest.main(argv=[__file__, *rest])
