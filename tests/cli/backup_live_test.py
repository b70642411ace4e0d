#!/usr/bin/env python3
"""Backups of SQLite databases that others write to, and of databases of every shape. What comes back is
compared by SQLite and by this script, which share nothing with the program but the format of the files."""
import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import scenario

failures = []


def fail(text):
    failures.append(text)
    print(f"FAILED: {text}", flush=True)


class Sandbox:
    """Keys, settings and a store in a directory. What tests of other engines need, too."""

    def __init__(self, top, binary):
        self.top, self.binary = pathlib.Path(top), binary
        self.top.mkdir(parents=True, exist_ok=True)
        self.store = self.top / "store"
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(self.top), "LANG": "C.UTF-8",
                    "XDG_STATE_HOME": str(self.top / "state"), "TRACKIER_CONFIG": str(self.top / "settings.toml")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        self.head, self.sources = "", {}
        key = self.top / "unlock.key"
        key.write_text(os.urandom(32).hex())
        key.chmod(0o600)
        keyring = ["--keyring", str(self.top / "k.tke"), "--unlock", str(key)]
        (self.top / "settings.toml").write_text("")
        self.good("keys", "new", "acme/backup", *keyring)
        self.recipient = self.good("keys", "public", "acme/backup", *keyring).decode().strip()
        self.head = (f"[keyring]\npath = {json.dumps(keyring[1])}\nunlock = [{json.dumps('file:' + keyring[3])}]\n"
                     f"[backup]\nstore = {json.dumps(str(self.store))}\n")

    def source(self, name, **keys):
        """Adds a source; keys are those of the settings."""
        self.sources[name] = {"recipients": [self.recipient], **keys}
        self.write_settings()

    def write_settings(self):
        """JSON's strings, lists and numbers are TOML's as well; a list of objects becomes tables."""
        text = self.head
        for name, keys in self.sources.items():
            text += f"[[source]]\nname = {json.dumps(name)}\n"
            tables = {key: value for key, value in keys.items() if value and isinstance(value, list)
                      and isinstance(value[0], dict)}
            text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items() if key not in tables)
            for key, values in tables.items():
                for each in values:
                    text += f"[[source.{key}]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in each.items())
        (self.top / "settings.toml").write_text(text)

    def start(self, *words, **more):
        return subprocess.Popen([str(self.binary), *map(str, words)], cwd=self.top, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def run(self, *words, timeout=300):
        return subprocess.run([str(self.binary), *map(str, words)], cwd=self.top, env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=timeout)

    def good(self, *words, timeout=300):
        done = self.run(*words, timeout=timeout)
        if done.returncode != 0:
            raise AssertionError(f"{words}: exit {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def backup(self, *words):
        """What it says of itself; silence on standard error is checked."""
        done = self.run("backup", "--json", *words)
        if done.returncode != 0:
            raise AssertionError(f"backup {words}: exit {done.returncode}: {done.stderr.decode()}")
        return json.loads(done.stdout)

    def backups(self, *words):
        done = self.run("backups", "--json", *words)
        if done.returncode not in (0, 1):
            raise AssertionError(f"backups {words}: exit {done.returncode}: {done.stderr.decode()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def restore(self, name, *words):
        """The restored file, in a new place."""
        place = pathlib.Path(tempfile.mkdtemp(dir=self.top, prefix="restored-")) / "file.db"
        self.good("restore", name, "--to", place, *words)
        return place

    def temporaries(self):
        """Files in store and state that should not outlive a run."""
        return [path for top in (self.store, self.top / "state") for path in top.rglob("*")
                if path.name.endswith(".tmp")]


# Databases whose state says whether it is one of those between two transactions.

ACCOUNTS, EACH = 300, 1000


def make_bank(path, journal_mode="delete", page_size=4096, filler=0):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {page_size}")
        db.execute(f"PRAGMA journal_mode = {journal_mode}")
        db.execute("BEGIN")
        db.execute("CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER, note BLOB)")
        db.execute("CREATE TABLE log(id INTEGER PRIMARY KEY, who INTEGER, what BLOB)")
        db.execute("CREATE TABLE counter(entries INTEGER, bytes INTEGER, commits INTEGER)")
        db.execute("CREATE TABLE filler(id INTEGER PRIMARY KEY, what BLOB)")
        db.execute("CREATE INDEX by_who ON log(who)")
        db.execute("INSERT INTO counter VALUES (0, 0, 0)")
        db.executemany("INSERT INTO account VALUES (?, ?, randomblob(100))", [(i, EACH) for i in range(ACCOUNTS)])
        db.executemany("INSERT INTO filler(what) VALUES (randomblob(100000))", [()] * filler)
        db.execute("COMMIT")


def transact(db, dice):
    """One transaction, which keeps what check_bank() looks at."""
    db.execute("BEGIN IMMEDIATE")
    for _ in range(dice.randint(1, 8)):
        one, other, amount = dice.randrange(ACCOUNTS), dice.randrange(ACCOUNTS), dice.randint(1, 50)
        db.execute("UPDATE account SET balance = balance - ?, note = randomblob(?) WHERE id = ?",
                   (amount, dice.choice((10, 100, 3000)), one))
        db.execute("UPDATE account SET balance = balance + ? WHERE id = ?", (amount, other))
    size = dice.choice((20, 200, 2000, 20000))
    db.execute("INSERT INTO log(who, what) VALUES (?, randomblob(?))", (one, size))
    db.execute("UPDATE counter SET entries = entries + 1, bytes = bytes + ?, commits = commits + 1", (size,))
    if dice.random() < 0.05:
        gone = db.execute("SELECT id, length(what) FROM log ORDER BY random() LIMIT ?", (dice.randint(1, 60),)).fetchall()
        db.executemany("DELETE FROM log WHERE id = ?", [(row[0],) for row in gone])
        db.execute("UPDATE counter SET entries = entries - ?, bytes = bytes - ?", (len(gone), sum(row[1] for row in gone)))
    db.execute("COMMIT")


def check_bank(path):
    """What is wrong with a database that came back; nothing when it is whole."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        said = [row[0] for row in db.execute("PRAGMA integrity_check")]
        if said != ["ok"]:
            return f"integrity_check: {said[:3]}"
        count, total = db.execute("SELECT count(*), sum(balance) FROM account").fetchone()
        if (count, total) != (ACCOUNTS, ACCOUNTS * EACH):
            return f"{count} accounts with {total} in all"
        counted = db.execute("SELECT count(*), coalesce(sum(length(what)), 0) FROM log").fetchone()
        noted = db.execute("SELECT entries, bytes FROM counter").fetchone()
        return None if counted == noted else f"the log has {counted}, and its counter says {noted}"


def writer(path, journal_mode, seed, pause):
    """Until it is killed."""
    dice = random.Random(seed)
    db = sqlite3.connect(path, isolation_level=None, timeout=60)
    db.execute("PRAGMA synchronous = OFF")
    while True:
        try:
            transact(db, dice)
            if journal_mode == "wal" and dice.random() < 0.03:
                db.execute(f"PRAGMA wal_checkpoint({dice.choice(('PASSIVE', 'RESTART', 'TRUNCATE'))})").fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            if db.in_transaction:
                db.execute("ROLLBACK")
        time.sleep(pause)


@contextlib.contextmanager
def writers(path, journal_mode, count=2, pause=0.001):
    running = [subprocess.Popen([sys.executable, __file__, "--write", str(path), journal_mode, str(seed), str(pause)],
                                stderr=subprocess.PIPE) for seed in range(count)]
    try:
        yield running
    finally:
        for each in running:
            if each.poll() is not None:
                fail(f"a writer has ended: {each.stderr.read().decode()}")
            each.kill()
            each.wait()
            each.stderr.close()


def commits(path):
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as db:
        return db.execute("SELECT commits FROM counter").fetchone()[0]


def under_writers(box, runs):
    """Every backup of a database that two processes write to holds a state between two transactions."""
    for journal_mode in ("wal", "delete"):
        for method in ("direct", "copy"):
            name = f"{journal_mode}-{method}"
            path = box.top / f"{name}.db"
            make_bank(path, journal_mode)
            box.source(name, kind="sqlite", path=str(path), method=method)
            begun, taken = time.monotonic(), 0
            with writers(path, journal_mode):
                for run in range(runs):
                    try:
                        # A new chain now and then, so that all of it is read from these states, too.
                        box.backup(name, *(["--new-chain"] if run % 15 == 14 else []), "-j", str(1 + run % 3))
                        taken += 1
                    except AssertionError as error:
                        fail(f"{name}, run {run}: {error}")
                    time.sleep(random.random() * 0.05)
                seconds = time.monotonic() - begun
                written = commits(path)
            listed = box.backups(name)
            if len(listed) != taken:
                fail(f"{name}: {taken} backups were taken and {len(listed)} are listed")
            for each in listed:
                if each["damaged"]:
                    fail(f"{name}: backup {each['sequence']} of a sound database is said to be damaged")
                restored = box.restore(f"{name}@{each['id']}")
                if problem := check_bank(restored):
                    fail(f"{name}: backup {each['sequence']}: {problem}")
                shutil.rmtree(restored.parent)
            print(f"{name}: {taken} backups in {seconds:.1f} s beside {written} commits, {len(listed)} restored",
                  flush=True)


def not_starving(box):
    """A write a second begins every page-by-page copy anew, for ever."""
    path = box.top / "slow.db"
    make_bank(path, "delete", filler=600)
    for method in ("direct", "copy"):
        box.source(f"slow-{method}", kind="sqlite", path=str(path), method=method, check="never")
        with writers(path, "delete", count=1, pause=1.0):
            time.sleep(0.3)
            for run in range(2):
                begun = time.monotonic()
                box.backup(f"slow-{method}", "--new-chain")
                seconds = time.monotonic() - begun
                if seconds > 20:
                    fail(f"{method}: {seconds:.0f} s under one write a second")
                if problem := check_bank(box.restore(f"slow-{method}")):
                    fail(f"slow-{method}, run {run}: {problem}")
        print(f"one write a second, {method}: {seconds:.1f} s for {path.stat().st_size >> 20} MiB", flush=True)


# Shapes of databases.

def merged(path):
    """The bytes of a database with what is in its log, as SQLite merges them; made from copies."""
    with tempfile.TemporaryDirectory(prefix="trackier-merged-") as name:
        copy = pathlib.Path(name, "copy.db")
        shutil.copyfile(path, copy)
        log = pathlib.Path(f"{path}-wal")
        if not log.exists() or log.stat().st_size == 0:
            return copy.read_bytes()
        shutil.copyfile(log, f"{copy}-wal")
        with contextlib.closing(sqlite3.connect(copy)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return copy.read_bytes()


def text_of(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def same(box, name, backup, path, wanted, what):
    """Direct backups come back byte by byte; copies are one transaction of SQLite later."""
    restored = box.restore(f"{name}@{backup['id']}")
    got = restored.read_bytes()
    if box.sources[name].get("method") == "copy":
        reference = restored.with_name("reference.db")
        reference.write_bytes(wanted)
        if len(got) != len(wanted) or text_of(restored) != text_of(reference):
            fail(f"{name}, {what}: what came back has other content")
    elif got != wanted:
        at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
        fail(f"{name}, {what}: {len(got)} bytes came back instead of {len(wanted)}; they differ at {at}")
    shutil.rmtree(restored.parent)


def reserve(path, count):
    """Makes an empty database reserve bytes at the end of its pages, as encryption extensions do."""
    data = bytearray(path.read_bytes())
    page_size = int.from_bytes(data[16:18], "big")
    page_size = 65536 if page_size == 1 else page_size
    data[20] = count
    data[105:107] = ((page_size - count) % 65536).to_bytes(2, "big")  # where cells begin: at the end of what is usable
    path.write_bytes(data)


def make_shape(path, page_size, vacuum, encoding, reserved):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {page_size}")
        db.execute(f"PRAGMA encoding = '{encoding}'")
        if not reserved:
            db.execute(f"PRAGMA auto_vacuum = {vacuum}")
        db.execute("VACUUM")
    if reserved:
        reserve(path, reserved)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c BLOB)")
        db.execute("CREATE TABLE u(a TEXT PRIMARY KEY, b) WITHOUT ROWID")
        db.execute("CREATE VIEW v AS SELECT count(*) FROM t")
        db.execute("CREATE INDEX i ON t(b)")
        db.commit()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",), path


def grow(db, rows):
    db.executemany("INSERT INTO t(b, c) VALUES (?, randomblob(?))", [(f"été {i}", 40 + i * 37 % 5000) for i in range(rows)])
    db.executemany("INSERT OR REPLACE INTO u VALUES (?, ?)", [(f"k{i}", i * i) for i in range(rows)])
    db.commit()


STEPS = [
    ("filled", lambda db: grow(db, 60)),
    ("a row changed", lambda db: (db.execute("UPDATE t SET b = 'x' WHERE a = 5"), db.commit())),
    ("grown", lambda db: grow(db, 200)),
    ("emptied", lambda db: (db.execute("DELETE FROM t WHERE a % 10"), db.commit())),
    ("vacuum in steps", lambda db: db.execute("PRAGMA incremental_vacuum(50)").fetchall()),
    ("vacuum", lambda db: db.execute("VACUUM")),
    ("grown again", lambda db: grow(db, 30)),
]


def shapes(box):
    """Each with changes between backups, and all its backups restored in the end."""
    histories = []
    cases = [(size, vacuum, "UTF-8", 0) for size in (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
             for vacuum in ("NONE", "FULL", "INCREMENTAL")]
    cases += [(size, "NONE", "UTF-16le", reserved) for size in (512, 4096, 65536) for reserved in (1, 32)]
    cases += [(4096, "FULL", "UTF-16be", 0), (1024, "NONE", "UTF-8", 255)]
    for number, (page_size, vacuum, encoding, reserved) in enumerate(cases):
        name = f"shape-{page_size}-{vacuum}-{encoding}-{reserved}".lower()
        path = box.top / f"{name}.db"
        make_shape(path, page_size, vacuum, encoding, reserved)
        box.source(name, kind="sqlite", path=str(path), method="copy" if number % 4 == 3 else "direct")
        db = sqlite3.connect(path)
        if number % 2:
            db.execute("PRAGMA journal_mode = wal").fetchall()
            db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        for what, step in STEPS:
            step(db)
            db.commit()
            wanted = merged(path)
            backup = box.backup(name)
            if backup["source_bytes"] != len(wanted):
                fail(f"{name}, {what}: {backup['source_bytes']} bytes instead of {len(wanted)}")
            histories.append((name, backup, path, wanted, what))
            if number % 4 == 1 and what == "grown":
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        db.close()
    for each in histories:
        same(box, *each)
    print(f"shapes: {len(cases)} databases, {len(histories)} backups restored", flush=True)


ODD_NAMES = ["with blank.db", "üñï 漢.db", "quote'\".db", "new\nline.db", "-dash.db", "percent%20.db", "q?mode=memory.db",
             "file:x.db", "hash#1.db", "back\\slash.db", "tab\t.db", "a:b@c.db", "n" * 240 + ".db", ".hidden", "x.db-wal"]


def odd_names(box):
    place = box.top / "odd names"
    place.mkdir()
    for number, name in enumerate(ODD_NAMES):
        for mode in ("delete", "wal"):
            path = place / (name if mode == "delete" else "W" + name)
            db = sqlite3.connect(str(path))
            db.execute(f"PRAGMA journal_mode = {mode}").fetchall()
            db.execute("CREATE TABLE t AS SELECT randomblob(5000) AS b")
            db.commit()
            source = f"odd-{number}-{mode}"
            box.source(source, kind="sqlite", path=str(path))
            wanted = merged(path)
            try:
                same(box, source, box.backup(source), path, wanted, repr(name))
            except AssertionError as error:
                fail(f"{name!r}: {error}")
            target = box.top / "odd targets" / path.name
            target.parent.mkdir(exist_ok=True)
            done = box.run("restore", source, f"--to={target}")
            if done.returncode != 0 or target.read_bytes() != wanted:
                fail(f"restore to {path.name!r}: exit {done.returncode}: {done.stderr.decode()}")
            db.close()
    print(f"odd names: {len(ODD_NAMES)}", flush=True)


def symlinks(box):
    """The log is beside the file that the link leads to."""
    real = box.top / "real" / "far"
    real.mkdir(parents=True)
    path = real / "bank.db"
    make_bank(path, "wal")
    (box.top / "links").mkdir()
    (box.top / "links/one.db").symlink_to("../real/far/bank.db")
    (box.top / "links/two.db").symlink_to("one.db")
    (box.top / "linked-directory").symlink_to("real/far")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    for number, link in enumerate(("links/one.db", "links/two.db", "linked-directory/bank.db")):
        transact(db, random.Random(number))
        box.source(f"link-{number}", kind="sqlite", path=str(box.top / link))
        same(box, f"link-{number}", box.backup(f"link-{number}"), path, merged(path), link)
    db.close()
    (box.top / "links/nowhere.db").symlink_to("gone.db")
    box.source("nowhere", kind="sqlite", path=str(box.top / "links/nowhere.db"))
    refused(box, "nowhere", 66, "nowhere.db")


def refused(box, name, code, text, words=("backup",)):
    """The exit status, the message, and that no backup is there that was not before."""
    before = len(box.backups(name)) if (box.store / "store.json").exists() else 0
    try:
        done = box.run(*words, name, timeout=20)
    except subprocess.TimeoutExpired:
        fail(f"{name}: it hangs")
        return
    shown = done.stderr.decode(errors="replace")
    if done.returncode != code or text not in shown:
        fail(f"{name}: exit {done.returncode} instead of {code}, and {text!r} in: {shown}")
    if len(box.backups(name)) != before:
        fail(f"{name}: a backup is listed though the run has failed")
    if box.temporaries():
        fail(f"{name}: {box.temporaries()} stay")


def not_databases(box):
    cases = {
        "empty": (b"", 65, "empty"),
        "text": (b"id,name\n1,Ana\n" * 100, 65, "not a SQLite database"),
        "encrypted": (os.urandom(8192), 65, "encrypted"),
        "short": (b"SQLite format 3\0", 65, "short.db"),
        "no-page-size": (b"SQLite format 3\0" + bytes(4080), 65, "no-page-size.db"),
    }
    for name, (data, code, text) in cases.items():
        path = box.top / f"{name}.db"
        path.write_bytes(data)
        for method in ("direct", "copy"):
            box.source(f"{name}-{method}", kind="sqlite", path=str(path), method=method)
            refused(box, f"{name}-{method}", code, text)
        if path.read_bytes() != data:
            fail(f"{name}: it was changed")
    box.source("missing", kind="sqlite", path=str(box.top / "missing.db"))
    refused(box, "missing", 66, "missing.db")
    (box.top / "directory.db").mkdir()
    box.source("directory", kind="sqlite", path=str(box.top / "directory.db"))
    refused(box, "directory", 66, "directory.db")
    os.mkfifo(box.top / "pipe.db")
    box.source("pipe", kind="sqlite", path=str(box.top / "pipe.db"))
    refused(box, "pipe", 66, "pipe.db")


def replaced(box):
    """By rename, with the same size and time: nothing but the inode says so."""
    path = box.top / "replaced.db"
    box.source("replaced", kind="sqlite", path=str(path))
    for number in range(3):
        fresh = box.top / "fresh.db"
        fresh.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(fresh)) as db:
            db.execute(f"PRAGMA page_size = {(4096, 4096, 1024)[number]}")
            db.execute("CREATE TABLE t AS SELECT randomblob(50000) AS b")
            db.commit()
        os.utime(fresh, (1_600_000_000, 1_600_000_000))
        os.rename(fresh, path)
        time.sleep(2.1)  # a backup of a file that has not changed for so long may go by its times
        same(box, "replaced", box.backup("replaced"), path, path.read_bytes(), f"file {number}")
        again = box.backup("replaced")
        if not again["unchanged"] or again["stored_bytes"]:
            fail(f"replaced: nothing has changed, and {again['stored_bytes']} bytes are stored")
        same(box, "replaced", again, path, path.read_bytes(), f"file {number}, unchanged")


def replaced_meanwhile(box):
    """Each backup has one file or the other."""
    path = box.top / "swapped.db"
    kinds = []
    for number, rows in enumerate((30, 45)):
        each = box.top / f"kind-{number}.db"
        with contextlib.closing(sqlite3.connect(each)) as db:
            db.execute(f"PRAGMA page_size = {(4096, 1024)[number]}")
            db.execute("CREATE TABLE t(b)")
            db.executemany("INSERT INTO t VALUES (randomblob(20000))", [()] * rows)
            db.commit()
        kinds.append(each.read_bytes())
    shutil.copyfile(box.top / "kind-0.db", path)
    box.source("swapped", kind="sqlite", path=str(path))
    stop = threading.Event()

    def swap():
        number = 0
        while not stop.is_set():
            number += 1
            shutil.copyfile(box.top / f"kind-{number % 2}.db", box.top / "next.db")
            os.rename(box.top / "next.db", path)
            time.sleep(random.random() * 0.01)

    thread = threading.Thread(target=swap)
    thread.start()
    taken = 0
    try:
        for _ in range(30):
            done = box.run("backup", "swapped")
            taken += done.returncode == 0
            if done.returncode not in (0, 65, 75):
                fail(f"swapped: exit {done.returncode}: {done.stderr.decode()}")
    finally:
        stop.set()
        thread.join()
    for each in box.backups("swapped"):
        restored = box.restore(f"swapped@{each['id']}")
        if restored.read_bytes() not in kinds or each["damaged"]:
            fail(f"swapped: backup {each['sequence']} is neither file, damaged: {each['damaged']}")
    print(f"replaced meanwhile: {taken} of 30 runs have taken one", flush=True)


def left_by_killed(box):
    """A hot journal, a log, and a log without its index, as writers leave them that are killed."""
    script = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA cache_size = 5")
db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
db.execute("BEGIN")
db.execute("UPDATE account SET balance = balance + 1, note = randomblob(3000)")
if sys.argv[2] == "committed":
    db.execute("COMMIT")
    db.execute("BEGIN")
db.execute("UPDATE account SET balance = balance - 1, note = randomblob(3000)")
if sys.argv[2] == "committed":
    db.execute("UPDATE account SET balance = balance - 1, note = randomblob(3000)")
os.kill(os.getpid(), signal.SIGKILL)
"""

    def killed_writer(path, what):
        done = subprocess.run([sys.executable, "-c", script, str(path), what], check=False)
        assert done.returncode == -signal.SIGKILL, done

    for method in ("direct", "copy"):
        path = box.top / f"journal-{method}.db"
        make_bank(path)
        wanted = path.read_bytes()
        killed_writer(path, "open")
        if not pathlib.Path(f"{path}-journal").exists() or path.read_bytes() == wanted:
            fail("the writer has left no hot journal")
        box.source(f"journal-{method}", kind="sqlite", path=str(path), method=method)
        same(box, f"journal-{method}", box.backup(f"journal-{method}"), path, wanted, "a hot journal")

        for index in (True, False):
            name = f"log-{method}-{'with' if index else 'without'}-index"
            path = box.top / f"{name}.db"
            make_bank(path, "wal")
            killed_writer(path, "committed")
            if not index:
                os.unlink(f"{path}-shm")
            wanted = merged(path)
            box.source(name, kind="sqlite", path=str(path), method=method)
            same(box, name, box.backup(name), path, wanted, "a log that was left")
            with contextlib.closing(sqlite3.connect(box.restore(name))) as db:
                total = db.execute("SELECT sum(balance) FROM account").fetchone()[0]
            if total != ACCOUNTS * (EACH + 1):
                fail(f"{name}: {total} in all: what was committed is missing, or what was not is there")


def damaged(box):
    """Stored, said to be damaged, and never taken instead of a sound one."""

    def flip_table_page(data, page_size=4096):
        for page in range(len(data) // page_size - 1, 1, -1):
            if data[page * page_size] == 13:  # a leaf of a table
                data[page * page_size + 3] ^= 0xff
                data[page * page_size + 8:page * page_size + 40] = bytes(range(32))
                return
        raise AssertionError("there is no leaf")

    def destroy_schema(data):
        data[100:4096] = b"\xff" * 3996

    def cut(data):
        del data[len(data) // 2 + 100:]

    for what, destroy in (("page", flip_table_page), ("schema", destroy_schema), ("cut", cut)):
        for method in ("direct", "copy"):
            name = f"damaged-{what}-{method}"
            path = box.top / f"{name}.db"
            make_bank(path, filler=5)
            sound = path.read_bytes()
            box.source(name, kind="sqlite", path=str(path), method=method, check="always")
            first = box.backup(name)
            broken = bytearray(sound)
            destroy(broken)
            path.write_bytes(broken)
            done = box.run("backup", "--json", name)
            if done.returncode != 0:
                # A copy needs SQLite to read it; direct reading does not.
                if method == "direct":
                    fail(f"{name}: not stored, exit {done.returncode}: {done.stderr.decode()}")
                elif done.returncode != 65:
                    fail(f"{name}: exit {done.returncode}: {done.stderr.decode()}")
            else:
                said = json.loads(done.stdout)
                if not said["damaged"] or "damaged" not in done.stderr.decode():
                    fail(f"{name}: not said to be damaged: {said}")
                listed = box.backups(name)
                if [each["damaged"] for each in listed] != [False, True]:
                    fail(f"{name}: listed as {listed}")
                if method == "direct":
                    got = box.restore(f"{name}@{said['id']}").read_bytes()
                    if got != bytes(broken[:len(got)]) or (what != "cut" and len(got) != len(broken)):
                        fail(f"{name}: the damaged one does not come back as it was")
            same(box, name, first, path, sound, "the sound one before")
            if check_bank(box.restore(name)):
                fail(f"{name}: the newest is not the sound one")
            path.write_bytes(sound)
            third = box.backup(name)
            if third["damaged"]:
                fail(f"{name}: the sound database is said to be damaged again")
            same(box, name, third, path, sound, "sound again")


def disappears(box):
    """While it is read. What was begun with is there to be read to the end, or the run says why not."""
    path = box.top / "leaving.db"
    make_bank(path, filler=300)
    sound = path.read_bytes()
    for what in ("unlink", "rename", "cut short"):
        path.unlink(missing_ok=True)
        path.write_bytes(sound)
        name = f"leaving-{what.replace(' ', '-')}"
        box.source(name, kind="sqlite", path=str(path), check="never")
        running = box.start("backup", "--json", name, "-j", "1")
        packs = box.store / "sources" / name / "packs"
        end = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < end:
            if packs.exists() and any(entry.stat().st_size > 1 << 20 for entry in packs.iterdir()):
                break
        if what == "unlink":
            path.unlink()
        elif what == "rename":
            path.rename(box.top / "elsewhere.db")
        else:
            os.truncate(path, 4096)
        out, err = running.communicate(timeout=60)
        listed = box.backups(name)
        if running.returncode == 0:
            restored = box.restore(name).read_bytes()
            if restored != sound:
                fail(f"{name}: a backup of something that never was")
        elif running.returncode not in (65, 66, 74) or not err.startswith(b"trackier-ctl: error:") or listed:
            fail(f"{name}: exit {running.returncode}, {len(listed)} listed: {err.decode()}")
        print(f"{what} meanwhile: exit {running.returncode}", flush=True)
        path.unlink(missing_ok=True)
        path.write_bytes(sound)
        same(box, name, box.backup(name), path, sound, "after it")
        if box.temporaries():
            fail(f"{name}: {box.temporaries()} stay after the next run")


def real_ones(box):
    """Read in place: nothing beside them, not a byte or a time changed."""
    place = scenario.SHARED / "data/databases"
    files = [place / name for name in ("chinook.sqlite", "northwind_small.sqlite", "geocoder_legacy.mbtiles",
                                       "spatialite.db")]
    if not all(path.exists() for path in files):
        print(f"SKIPPED: the real databases are not in {place}")
        return
    before = {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in place.iterdir()}
    for method in ("direct", "copy"):
        for path in files:
            name = f"real-{path.stem}-{method}"
            box.source(name, kind="sqlite", path=str(path), method=method)
            backup = box.backup(name)
            if backup["damaged"]:
                fail(f"{name}: said to be damaged")
            restored = box.restore(name)
            if method == "direct" and restored.read_bytes() != path.read_bytes():
                fail(f"{name}: other bytes come back")
            if method == "copy" and len(restored.read_bytes()) != path.stat().st_size:
                fail(f"{name}: another size comes back")
    if before != {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in place.iterdir()}:
        fail(f"{place}: it was changed")
    print(f"real databases: {len(files)}", flush=True)


def locked(box):
    """Somebody holds it for longer than we wait: busy; for less: it is waited for."""
    path = box.top / "locked.db"
    make_bank(path)
    for method in ("direct", "copy"):
        name = f"locked-{method}"
        box.source(name, kind="sqlite", path=str(path), method=method, lock_wait_seconds=1)
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        refused(box, name, 75, "locked")
        running = box.start("backup", name)
        time.sleep(0.3)
        db.execute("COMMIT")
        db.close()
        _, err = running.communicate(timeout=60)
        if running.returncode != 0:
            fail(f"{name}: exit {running.returncode} though the lock was given up: {err.decode()}")


def of_others(box):
    """With the rights that the units of schedule leave to root: to read everything, and to write what is root's."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        print("SKIPPED: databases of others: that takes root, and setpriv")
        return
    place = box.top / "theirs"
    place.mkdir(mode=0o755)
    paths = {mode: place / f"{mode}.db" for mode in ("delete", "wal")}
    for mode, path in paths.items():
        make_bank(path, mode)
        box.source(f"theirs-{mode}", kind="sqlite", path=str(path))
        box.source(f"theirs-{mode}-copy", kind="sqlite", path=str(path), method="copy")
    for path in [place, *place.iterdir()]:
        os.chown(path, 65534, 65534)
    before = sorted(path.name for path in place.iterdir())

    def run(name):
        return subprocess.run(["setpriv", "--bounding-set=-all,+dac_read_search", str(box.binary), "backup", name],
                              cwd=box.top, env=box.env, capture_output=True, check=False, stdin=subprocess.DEVNULL)

    for name in box.sources:
        done = run(name)
        shown = done.stderr.decode()
        # An open application keeps the index of a log there; without one SQLite has to be allowed to make it.
        if done.returncode != 0 and ("hint:" not in shown or "not an error" in shown):
            fail(f"{name}: exit {done.returncode} without saying what to do: {shown}")
        if done.returncode != 0 and "wal" not in name:
            fail(f"{name}: exit {done.returncode}: {shown}")
    with contextlib.closing(sqlite3.connect(paths["wal"], isolation_level=None)) as db:
        transact(db, random.Random(1))
        for suffix in ("-wal", "-shm"):
            os.chown(f"{paths['wal']}{suffix}", 65534, 65534)
        for name in ("theirs-wal", "theirs-wal-copy"):
            done = run(name)
            if done.returncode != 0:
                fail(f"{name}, an application being there: exit {done.returncode}: {done.stderr.decode()}")
            elif problem := check_bank(box.restore(name)):
                fail(f"{name}: {problem}")
    if sorted(path.name for path in place.iterdir()) != before:
        print(f"left beside: {sorted(path.name for path in place.iterdir())}")


PARTS = [not_starving, shapes, odd_names, symlinks, not_databases, replaced, replaced_meanwhile, left_by_killed, damaged,
         disappears, real_ones, locked, of_others]


def run_part(part, *arguments):
    """What goes wrong in it is a failure of this part, and the next one has its turn."""
    begun = time.monotonic()
    try:
        part(*arguments)
    except (AssertionError, OSError, sqlite3.Error, subprocess.SubprocessError, LookupError, ValueError) as error:
        fail(f"{part.__name__}: {type(error).__name__}: {error}")
    print(f"-- {part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=40, help="backups under writers of each kind")
    parser.add_argument("--write", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    if options.write:
        path, journal_mode, seed, pause = options.write
        writer(path, journal_mode, int(seed), float(pause))
    binary = options.binary.resolve()

    def under_load(box):
        under_writers(box, options.runs)

    with tempfile.TemporaryDirectory(prefix="trackier-live-") as name:
        for part in [under_load, *PARTS]:
            if options.parts and part.__name__ not in options.parts:
                continue
            box = Sandbox(pathlib.Path(name) / part.__name__, binary)
            run_part(part, box)
            shutil.rmtree(box.top)
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
