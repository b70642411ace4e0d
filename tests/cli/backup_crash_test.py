#!/usr/bin/env python3
"""Backups, prunes and restores that are killed at a system call, that find no room on the disk, and that run
all at once. After each, what is listed is whole and comes back, and the next run works.

Needs strace and the right to trace for the kills, and user name spaces for the small disk; what is missing is
said. A kill before a call that changes nothing leaves what the call before it has left: of those, some are
taken, of the others all."""
import argparse
import concurrent.futures
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

import backup_live_test as live
import crash_test
import scenario

CHANGING = {"write", "pwrite64", "rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "symlink",
            "symlinkat", "ftruncate", "fallocate", "fsync", "fdatasync", "fchmod", "rmdir", "syncfs", "sync_file_range"}
ONE_OF = 3  # of the calls that change nothing

failures = live.failures
fail = live.fail

# The first file of ours that a command opens is the settings: their name is one that crash_test.calls_of() knows.
SETTINGS = "recipients.toml"
BACKUP = ["--config", SETTINGS, "backup", "-j", "1"]
RESTORE = ["--config", SETTINGS, "restore", "-j", "1"]
PRUNE = ["--config", SETTINGS, "prune"]


def settle(world, prune=False, keep=2):
    """Settings for the place where the world is now."""
    top = str(world.top)
    (world.top / SETTINGS).write_text(
        f'[keyring]\npath = "{top}/k.tke"\nunlock = ["file:{top}/unlock.key"]\n'
        f'[backup]\nstore = "{top}/store"\nprune = {"true" if prune else "false"}\n'
        "[retention]\nkeep_hourly = 0\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nkeep_within_days = 0\n"
        f"keep_min = {keep}\n"
        f'[[source]]\nname = "shop"\nkind = "sqlite"\npath = "{top}/shop.db"\n'
        f'recipients = ["{(world.top / "line").read_text()}"]\n')


def change(world, rows=40):
    with contextlib.closing(sqlite3.connect(world.top / "shop.db")) as db:
        db.executemany("INSERT INTO t(b) VALUES (randomblob(?))", [(200 + 37 * i,) for i in range(rows)])
        db.commit()


def make_world(world, backups):
    """Keys, a database and so many backups of it; what each has to bring back is beside them."""
    (world.top / "unlock.key").write_text(os.urandom(32).hex())
    (world.top / "unlock.key").chmod(0o600)
    world.good("keys", "new", "acme/backup", *world.keyring)
    (world.top / "line").write_text(world.good("keys", "public", "acme/backup", *world.keyring).decode().strip())
    (world.top / "wanted").mkdir()
    with contextlib.closing(sqlite3.connect(world.top / "shop.db")) as db:
        db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)")
        db.commit()
    settle(world)
    for number in range(backups):
        change(world)
        world.good(*BACKUP, *(["--new-chain"] if number == 3 else []))
        known = listed(world)
        shutil.copyfile(world.top / "shop.db", world.top / "wanted" / known[-1]["id"])
    age(world)


def age(world):
    """Received some minutes ago: what comes within the same second as a prune is kept by it."""
    for path in (world.top / "store/sources/shop/manifests").glob("*.json"):
        os.utime(path, (time.time() - 600, time.time() - 600))


def listed(world):
    done = world.run("--config", SETTINGS, "backups", "--json")
    if done.returncode == 66 and b"there is no store" in done.stderr:
        return []
    assert done.returncode == 0, f"backups: exit {done.returncode}: {done.stderr.decode()}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def restored(world, backup):
    target = world.top / "again.db"
    target.unlink(missing_ok=True)
    world.good(*RESTORE, f"shop@{backup['id']}", "--to", "again.db")
    return target.read_bytes()


def check_listed(world):
    """Every backup that is listed is one that comes back."""
    found = listed(world)
    for each in found:
        wanted = world.top / "wanted" / each["id"]
        got = restored(world, each)
        assert got == (wanted if wanted.exists() else world.top / "shop.db").read_bytes(), \
            f"backup {each['sequence']} comes back as something else"
    return [each["id"] for each in found]


def check_no_litter(world):
    """After a run that went well there are no temporary files, and no packs that nothing needs."""
    litter = [str(path.relative_to(world.top)) for path in world.top.rglob("*")
              if path.name.endswith((".tmp", ".partial", ".replaced"))]
    assert not litter, f"there stay: {litter}"
    packs, needed = world.top / "store/sources/shop/packs", set()
    for path in (world.top / "store/sources/shop/manifests").iterdir():
        for generation in json.loads(path.read_text().splitlines()[0])["generations"]:
            needed.update(name for name, _, _ in generation["packs"])
    assert {path.name for path in packs.iterdir()} == needed, "there are packs that no manifest names, or the reverse"
    states = list((world.top / "state").rglob("shop/state/*"))
    assert len(states) <= 1, f"{len(states)} packs of state"


def check_next(world):
    """The next one works, whatever became of the last."""
    change(world, 3)
    world.good(*BACKUP)
    check_listed_newest(world)
    check_no_litter(world)


def check_listed_newest(world):
    newest = listed(world)[-1]
    assert restored(world, newest) == (world.top / "shop.db").read_bytes(), "the next backup is not what the database is"


def check_backup(world):
    ids = check_listed(world)
    known = {path.name for path in (world.top / "wanted").iterdir()}
    assert known <= set(ids), "a backup from before is gone"
    assert len(ids) <= len(known) + 1, "more than one backup is new"
    check_next(world)
    assert known <= {each["id"] for each in listed(world)}, "the next backup has taken one away"


def check_unchanged_by_mark(world):
    # The backup that has set the mark is one that is known to nobody.
    for each in listed(world):
        if not (world.top / "wanted" / each["id"]).exists():
            assert restored(world, each) == (world.top / "shop.db").read_bytes()
    check_next(world)


def newest_known(world, count):
    """The ids of the newest ones that retention keeps; the template has been made in this order."""
    everything = sorted((world.top / "store/sources/shop/manifests").iterdir())
    return {path.stem.split("-")[-1] for path in everything[-count:]}


def check_prune(world):
    before = set((world.top / "before").read_text().split())
    ids = check_listed(world)
    assert before <= set(ids), "the newest ones are not all there"
    world.good(*PRUNE)
    after = check_listed(world)
    assert before == set(after), f"prune again keeps {after} of {ids}, and not {before}"
    check_no_litter(world)
    check_next(world)


def check_backup_with_prune(world):
    check_listed(world)
    check_next(world)
    age(world)
    check_next(world)
    assert len(listed(world)) == 2, f"the run has pruned to {len(listed(world))} backups instead of 2"


def rows_of(path):
    """What SQLite sees there, by a copy that nobody else opens."""
    with tempfile.TemporaryDirectory(prefix="trackier-look-") as name:
        for suffix in ("", "-wal", "-journal"):
            source = pathlib.Path(f"{path}{suffix}")
            if source.exists():
                shutil.copyfile(source, f"{name}/copy{suffix}")
        with contextlib.closing(sqlite3.connect(f"{name}/copy")) as db:
            said = db.execute("PRAGMA integrity_check").fetchone()
            assert said == ("ok",), f"the target is damaged: {said}"
            try:
                return db.execute("SELECT a, b FROM t ORDER BY a").fetchall()
            except sqlite3.OperationalError as error:
                return [str(error)]


def prepare_restore(world):
    """Something else is at the target, with transactions in its log, half of them in the file already."""
    settle(world)
    script = """
import os, signal, sqlite3
db = sqlite3.connect("target.db", isolation_level=None)
db.execute("PRAGMA journal_mode = wal").fetchall()
db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
db.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)")
db.execute("BEGIN")
db.executemany("INSERT INTO t(b) VALUES (randomblob(900))", [()] * 100)
db.execute("COMMIT")
reader = sqlite3.connect("target.db", isolation_level=None)
reader.execute("BEGIN")
reader.execute("SELECT count(*) FROM t").fetchall()
db.execute("DELETE FROM t WHERE a % 2")
db.execute("INSERT INTO t(b) VALUES (randomblob(50000))")
db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script], cwd=world.top, check=False)
    (world.top / "old.rows").write_text(repr(rows_of(world.top / "target.db")))


def check_restore(world):
    found = repr(rows_of(world.top / "target.db"))
    old = (world.top / "old.rows").read_text()
    new = repr(rows_of(world.top / "shop.db"))
    assert found in (old, new), "the target is neither what it was nor what was backed up"
    world.good(*RESTORE, "shop", "--to", "target.db", "--force")
    assert (world.top / "target.db").read_bytes() == (world.top / "shop.db").read_bytes()
    beside = sorted(path.name for path in world.top.iterdir() if "target.db" in path.name and not path.name.endswith(".tmp"))
    assert beside == ["target.db"], f"beside the target is {beside}"


def check_fresh_restore(world):
    target = world.top / "target.db"
    if target.exists():
        assert target.read_bytes() == (world.top / "shop.db").read_bytes(), "a part of a database is there"
        target.unlink()
    world.good(*RESTORE, "shop", "--to", "target.db")
    assert target.read_bytes() == (world.top / "shop.db").read_bytes()


def changed(world):
    settle(world)
    change(world)


def marked(world):
    """Long enough without a change that the times of the file say so."""
    settle(world)
    time.sleep(2.1)
    world.good(*BACKUP)


def to_prune(world):
    settle(world)
    (world.top / "before").write_text("\n".join(newest_known(world, 2)))


def pruning(world):
    settle(world, prune=True)
    change(world)


# Name, command, how many backups there are before, and the rest as in crash_test.Case.
CASES = [
    (0, crash_test.Case("first backup", BACKUP, settle, check_backup)),
    (2, crash_test.Case("increment", BACKUP, changed, check_backup)),
    (2, crash_test.Case("unchanged, after a scan", BACKUP, settle, check_backup)),
    (1, crash_test.Case("unchanged, by its times", BACKUP, marked, check_unchanged_by_mark)),
    (2, crash_test.Case("new chain", [*BACKUP, "--new-chain"], changed, check_backup)),
    (5, crash_test.Case("prune", PRUNE, to_prune, check_prune)),
    (5, crash_test.Case("backup that prunes", BACKUP, pruning, check_backup_with_prune)),
    (2, crash_test.Case("restore --force", [*RESTORE, "shop", "--to", "target.db", "--force"], prepare_restore,
                        check_restore)),
    (2, crash_test.Case("restore", [*RESTORE, "shop", "--to", "target.db"], settle, check_fresh_restore)),
]


def some_of(calls):
    """All that change something, and some of the others, evenly."""
    others = [call for call in calls if call[0] not in CHANGING][::ONE_OF]
    return [call for call in calls if call[0] in CHANGING or call in others]


def kills(binary, chosen):
    if (why := crash_test.may_trace(binary)) is not None:
        print(f"SKIPPED: kills: {why}")
        return
    with tempfile.TemporaryDirectory(prefix="trackier-backup-crash-") as name:
        for number, (backups, case) in enumerate(CASES):
            if chosen and case.name not in chosen:
                continue
            begun = time.monotonic()
            place = pathlib.Path(name, str(number))
            template = crash_test.World(place / "template", binary)
            template.top.mkdir(parents=True)
            make_world(template, backups)
            calls = crash_test.calls_of(case, template.top, binary, place)
            taken = some_of(calls)
            workers = 16 if case.prepare is marked else 3  # that one sleeps
            with concurrent.futures.ThreadPoolExecutor(workers) as pool:
                found = list(pool.map(lambda call, c=case, t=template.top, p=place:
                                      crash_test.kill_at(c, call, t, binary, p), taken))
            wrong = [each for each in found if each]
            print(f"{case.name}: killed at {len(taken)} of {len(calls)} calls, {len(wrong)} wrong, "
                  f"{time.monotonic() - begun:.1f} s", flush=True)
            for each in wrong:
                fail(each)
            shutil.rmtree(place)


# At any moment, with all threads.

def at_random(box):
    """Signals while several threads read, compress and write. What is listed afterwards is whole."""
    path = box.top / "large.db"
    live.make_bank(path, filler=300)
    box.source("large", kind="sqlite", path=str(path), check="never")
    begun = time.monotonic()
    box.backup()
    usual = time.monotonic() - begun
    dice, ended = random.Random(7), {}
    for number in range(45):
        how = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 4]
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("UPDATE filler SET what = randomblob(100000) WHERE id % 20 = ?", (number % 20,))
            db.commit()
        before, there = box.backups(), set(box.temporaries())
        running = box.start("backup", "-j", "4", *(["--new-chain"] if number % 3 else []))
        time.sleep(dice.random() * usual * 1.5)
        running.send_signal(how)
        err = running.communicate(timeout=60)[1].decode()
        ended[running.returncode] = ended.get(running.returncode, 0) + 1
        if running.returncode not in (0, -how):
            fail(f"{how.name}: exit {running.returncode}: {err}")
        after = box.backups()
        if [each["id"] for each in after[:len(before)]] != [each["id"] for each in before] or len(after) > len(before) + 1:
            fail(f"{how.name}: other backups are listed than before")
        if len(after) > len(before) and box.restore("large").read_bytes() != path.read_bytes():
            fail(f"{how.name}: a backup is listed that is not what the database is")
        if how != signal.SIGKILL and not set(box.temporaries()) <= there:
            fail(f"{how.name}: {box.temporaries()} stay")
    box.backup()
    if box.restore("large").read_bytes() != path.read_bytes():
        fail("after all signals: something else comes back")
    if box.temporaries():
        fail(f"after all signals: {box.temporaries()} stay")
    # A restore that is stopped leaves the target as it was.
    target = box.top / "target.db"
    for number in range(10):
        target.write_bytes(b"old")
        there = set(box.top.glob(".target.db*"))
        running = box.start("restore", "large", "--to", target, "--force")
        time.sleep(dice.random() * usual * 0.5)
        running.send_signal((signal.SIGKILL, signal.SIGTERM)[number % 2])
        running.communicate(timeout=60)
        if target.read_bytes() not in (b"old", path.read_bytes()):
            fail("a restore that was stopped has left a part of the database")
        if number % 2 and not set(box.top.glob(".target.db*")) <= there:
            fail(f"a restore that was asked to stop leaves {set(box.top.glob('.target.db*')) - there}")
    print(f"at random: ends and how often {ended}", flush=True)


# A small disk.

def on_small_disk(binary, top):
    """Runs in a name space of its own, where it may mount."""
    box = live.Sandbox(top, binary)

    def mount(place, kilobytes):
        place.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(place)], check=True)

    def fill(place, left):
        """Takes all but so many kilobytes of the disk."""
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_bsize
        (place / "ballast").write_bytes(bytes(max(0, free - left * 1024)))

    def add(path, size):
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE IF NOT EXISTS t(b BLOB)")
            db.execute("INSERT INTO t VALUES (randomblob(?))", (size,))
            db.commit()

    # The disk of the store is full at every point of the way.
    small = box.top / "small"
    mount(small, 4096)
    box.store = small / "store"
    box.head = box.head.replace(f"{box.top}/store", str(box.store))
    path = box.top / "shop.db"
    box.source("shop", kind="sqlite", path=str(path))
    add(path, 200_000)
    box.backup()
    wanted = {box.backups()[0]["id"]: path.read_bytes()}
    outcomes = []
    for left in (0, 1, 4, 8, 12, 16, 24, 40, 80, 120, 160, 184, 200, 208, 216, 220, 224, 228, 232, 240, 260):
        add(path, 180_000)
        fill(small, left)
        done = box.run("backup", "--new-chain" if left % 3 == 0 else "--json")
        shown = done.stderr.decode()
        outcomes.append(done.returncode)
        if done.returncode not in (0, 74) or (done.returncode == 74 and "no space left on device" not in shown):
            fail(f"{left} KiB left: exit {done.returncode}: {shown}")
        for each in box.backups():
            if each["id"] not in wanted:
                if done.returncode != 0:
                    fail(f"{left} KiB left: a backup is listed though the run has failed")
                wanted[each["id"]] = path.read_bytes()
            if box.restore(f"shop@{each['id']}").read_bytes() != wanted[each["id"]]:
                fail(f"{left} KiB left: backup {each['sequence']} comes back as something else")
        (small / "ballast").unlink()
        if done.returncode != 0:
            after = box.backup()
            wanted[after["id"]] = path.read_bytes()
            if box.restore("shop").read_bytes() != path.read_bytes():
                fail(f"{left} KiB left: the backup after it comes back as something else")
        if box.temporaries():
            fail(f"{left} KiB left: {box.temporaries()} stay")
        path.unlink()
        add(path, 20_000)
        box.run("prune", "--allow-mass-deletion")
        if os.statvfs(small).f_bavail * os.statvfs(small).f_bsize < 1 << 20:
            shutil.rmtree(box.store)
            shutil.rmtree(box.top / "state")  # it knows that there was a store
            add(path, 1000)
            wanted = {box.backup("--new-chain")["id"]: path.read_bytes()}
    print(f"full store: exits {outcomes}", flush=True)
    if 0 not in outcomes or 74 not in outcomes:
        fail("the disk was never full, or always")

    # That of the state is full: the backup is there, or the run has failed.
    small_state = box.top / "small-state"
    mount(small_state, 1024)
    box.env["XDG_STATE_HOME"] = str(small_state)
    box.store = box.top / "large"
    box.head = box.head.replace(f"{small}/store", str(box.store))
    box.head += f'\n[audit]\ndirectory = "{box.top}/audit"\n'  # on a full disk nothing would be begun
    box.write_settings()
    add(path, 300_000)
    box.backup()
    outcomes = []
    for left in (0, 4, 8, 12, 16, 20, 24, 32):
        add(path, 3000)
        fill(small_state, left)
        before = len(box.backups())
        done = box.run("backup")
        outcomes.append(done.returncode)
        landed = len(box.backups()) - before
        if (done.returncode == 0) != (landed == 1) or done.returncode not in (0, 74):
            fail(f"{left} KiB left for the state: exit {done.returncode}, {landed} backups: {done.stderr.decode()}")
        if box.restore("shop").read_bytes() != path.read_bytes() and landed:
            fail(f"{left} KiB left for the state: another database comes back")
        (small_state / "ballast").unlink()
        box.backup()
        if box.restore("shop").read_bytes() != path.read_bytes():
            fail(f"{left} KiB left for the state: another database comes back afterwards")
    print(f"full state: exits {outcomes}", flush=True)

    # That of the target.
    target = box.top / "small-target"
    mount(target, 256)
    done = box.run("restore", "shop", "--to", target / "shop.db")
    if done.returncode != 74 or b"no space left on device" not in done.stderr or list(target.iterdir()):
        fail(f"no room for what is restored: exit {done.returncode}, {list(target.iterdir())} stay: {done.stderr.decode()}")
    (target / "shop.db").write_bytes(b"old")
    done = box.run("restore", "shop", "--to", target / "shop.db", "--force")
    if done.returncode != 74 or [each.read_bytes() for each in target.iterdir()] != [b"old"]:
        fail(f"no room to replace: exit {done.returncode}, {list(target.iterdir())}: {done.stderr.decode()}")


def small_disk(binary):
    if not scenario.may_mount():
        print("SKIPPED: small disks: no user name spaces here")
        return
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="trackier-small-") as name:
        done = subprocess.run(["unshare", "--map-root-user", "--mount", sys.executable, __file__, "--binary", str(binary),
                               "--small-disk", name], check=False)
        if done.returncode != 0:
            fail("small disks: see above")
    print(f"small disks: {time.monotonic() - begun:.1f} s", flush=True)


# All at once.

def outcomes_of(running):
    return [(each.communicate(timeout=120)[1].decode(), each.returncode) for each in running]


def at_once(box):
    path = box.top / "large.db"
    live.make_bank(path, filler=800)
    box.source("large", kind="sqlite", path=str(path), check="never")
    # Into a store that is not there yet, then into one that is.
    for number in range(3):
        before = len(box.backups()) if number else 0
        ended = outcomes_of([box.start("backup", "--new-chain") for _ in range(10)])
        codes = sorted(code for _, code in ended)
        if not set(codes) <= {0, 75} or codes[0] != 0:  # one that starts late may find the lock free
            fail(f"ten at once: exits {codes}: {[text for text, code in ended if code not in (0, 75)]}")
        if len(box.backups()) != before + codes.count(0):
            fail(f"ten at once: {len(box.backups())} backups are listed")
        if box.restore("large").read_bytes() != path.read_bytes():
            fail("ten at once: something else comes back")
    if box.temporaries():
        fail(f"ten at once: {box.temporaries()} stay")


def first_at_once(box):
    """Nothing is there: neither store nor state nor signing key. Small ones, so that they meet early."""
    path = box.top / "small.db"
    live.make_bank(path)
    for name in range(10):
        box.source(f"s{name}", kind="sqlite", path=str(path))
    odd = 0
    for _ in range(15):
        shutil.rmtree(box.store, ignore_errors=True)
        shutil.rmtree(box.top / "state", ignore_errors=True)
        ended = outcomes_of([box.start("backup", f"s{name}") for name in range(10)])
        bad = [(text, code) for text, code in ended if code != 0]
        odd += len(bad)
        if bad:
            fail(f"ten sources at once into a new store: {bad}")
            break
        if len(box.backups()) != 10:
            fail(f"ten sources at once into a new store: {len(box.backups())} backups are listed")
        signers = {line.split()[1] for each in (box.store / "sources").rglob("manifests/*.json")
                   for line in each.read_text().splitlines() if line.startswith("-- ")}
        if len(signers) != 1:
            fail(f"ten sources at once into a new store: {len(signers)} keys have signed")


def all_together(box, seconds):
    """Ten sources that are written to, their backups, prunes and restores."""
    box.head += ("prune = false\n[retention]\nkeep_hourly = 0\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\n"
                 "keep_within_days = 0\nkeep_min = 1\n")
    for number in range(10):
        path = box.top / f"s{number}.db"
        live.make_bank(path, "wal" if number % 2 else "delete")
        box.source(f"s{number}", kind="sqlite", path=str(path))
    box.good("backup")
    end = time.monotonic() + seconds
    counts = {"backup": {}, "prune": {}, "restore": {}}

    def run(kind, *words):
        done = box.run(*words)
        counts[kind][done.returncode] = counts[kind].get(done.returncode, 0) + 1
        if done.returncode not in (0, 75):
            fail(f"{words}: exit {done.returncode}: {done.stderr.decode()}")
        return done.returncode == 0

    def back_up(number):
        while time.monotonic() < end:
            run("backup", "backup", f"s{number}", *(["--new-chain"] if int(time.monotonic()) % 4 == 0 else []))

    def prune():
        while time.monotonic() < end:
            run("prune", "prune", "--allow-mass-deletion")

    def restore(number):
        while time.monotonic() < end:
            target = pathlib.Path(tempfile.mkdtemp(dir=box.top)) / "r.db"
            if run("restore", "restore", f"s{number}", "--to", str(target)) and (problem := live.check_bank(target)):
                fail(f"s{number} restored meanwhile: {problem}")
            shutil.rmtree(target.parent)

    with contextlib.ExitStack() as stack:
        for number in range(2):
            stack.enter_context(live.writers(box.top / f"s{number}.db", "wal" if number % 2 else "delete", 1))
        threads = [threading.Thread(target=back_up, args=(number,)) for number in range(10)]
        threads += [threading.Thread(target=prune), threading.Thread(target=restore, args=(0,)),
                    threading.Thread(target=restore, args=(1,))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    print(f"all together, exits and how often: {counts}", flush=True)
    box.good("backup")
    box.good("prune", "--allow-mass-deletion")
    for each in box.backups():
        if problem := live.check_bank(box.restore(f"{each['source']}@{each['id']}")):
            fail(f"{each['source']}, backup {each['sequence']}: {problem}")
    if box.temporaries():
        fail(f"all together: {box.temporaries()} stay")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--small-disk", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=8.0, help="of all together")
    parser.add_argument("parts", nargs="*", help="names of cases, or small-disk, at-once")
    options = parser.parse_args()
    binary = options.binary.resolve()
    if options.small_disk:
        on_small_disk(binary, options.small_disk / "box")
        return 1 if failures else 0
    kills_only = [part for part in options.parts if part not in ("small-disk", "at-once")]
    if not options.parts or kills_only:
        kills(binary, kills_only)
    if not options.parts or "small-disk" in options.parts:
        small_disk(binary)
    if not options.parts or "at-once" in options.parts:
        begun = time.monotonic()
        for number, part in enumerate((at_random, at_once, first_at_once, lambda box: all_together(box, options.seconds))):
            with tempfile.TemporaryDirectory(prefix="trackier-at-once-") as name:
                try:
                    part(live.Sandbox(pathlib.Path(name) / str(number), binary))
                except (AssertionError, OSError, sqlite3.Error, subprocess.SubprocessError) as error:
                    fail(f"at once: {type(error).__name__}: {error}")
        print(f"at once: {time.monotonic() - begun:.1f} s", flush=True)
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
