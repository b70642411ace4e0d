#!/usr/bin/env python3
"""Backups of a PostgreSQL of our own while pgbench writes to it. What comes back is looked at by PostgreSQL's
own programs: pg_verifybackup, a server that is started on it, pg_dump of both.

pgbench's transactions keep one thing true between any two of them: the sums of the balances of accounts, tellers
and branches and of the deltas in the history are the same."""
import argparse
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import backup_live_test as live

fail, failures = live.fail, live.failures
USER = "postgres"


def programs():
    """The directory with the programs of the newest server there is; none when there is no server."""
    found = [path.parent for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")
             if path.with_name("postgres").exists()]
    return max(found, key=lambda path: int(path.parent.name)) if found else None


class Server:
    """A cluster in a directory, reached by its socket there."""

    def __init__(self, bin_directory, top, data=None):
        self.bin, self.top, self.port = bin_directory, top, 5432
        self.data = data or top / "data"
        self.account = None
        if os.geteuid() == 0:  # the server refuses to be root
            names = [name for name in ("postgres", "nobody") if name in {each.pw_name for each in pwd.getpwall()}]
            self.account = pwd.getpwnam(names[0])
            os.chown(top, self.account.pw_uid, self.account.pw_gid)
        self.is_running = False

    def as_user(self):
        return [] if self.account is None else ["setpriv", f"--reuid={self.account.pw_uid}",
                                                f"--regid={self.account.pw_gid}", "--clear-groups"]

    def run(self, program, *words, check=True, **more):
        done = subprocess.run([*self.as_user(), str(self.bin / program), *map(str, words)], cwd=self.top, check=False,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.top)},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **more)
        if check and done.returncode != 0:
            raise AssertionError(f"{program} {words}: exit {done.returncode}: {done.stderr.decode()[-1500:]}"
                                 f"{done.stdout.decode()[-500:]}")
        return done.stdout.decode()

    def init(self):
        self.run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "--no-sync", "--data-checksums", "-E", "UTF8")

    def start(self):
        log = self.top / "log"
        options = f"-k {self.top} -p {self.port} -c listen_addresses='' -c fsync=off -c max_wal_senders=4"
        done = subprocess.run([*self.as_user(), str(self.bin / "pg_ctl"), "-D", str(self.data), "-w", "-t", "60", "-l",
                               str(log), "-o", options, "start"], cwd=self.top, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"the server does not start: {log.read_text(errors='replace')[-2000:]}")
        self.is_running = True

    def stop(self):
        if self.is_running:
            self.run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")
            self.is_running = False

    def conninfo(self, database="postgres", user=USER):
        return f"host={self.top} port={self.port} user={user} dbname={database}"

    def sql(self, text, database="postgres"):
        return self.run("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(database), "-c",
                        text).strip()

    def dump(self, database):
        """Schema and data as text, without what is different each time."""
        text = self.run("pg_dump", "--no-owner", "-d", self.conninfo(database))
        return "\n".join(line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))

    @contextlib.contextmanager
    def pgbench(self, database, clients=3):
        running = subprocess.Popen([*self.as_user(), str(self.bin / "pgbench"), "-n", "-c", str(clients), "-T", "600",
                                    self.conninfo(database)], cwd=self.top, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            if running.poll() is not None:
                fail("pgbench has ended")
            running.terminate()
            running.wait()


SUMS = """SELECT (SELECT coalesce(sum(abalance), 0) FROM pgbench_accounts), (SELECT coalesce(sum(tbalance), 0)
FROM pgbench_tellers), (SELECT coalesce(sum(bbalance), 0) FROM pgbench_branches), (SELECT coalesce(sum(delta), 0)
FROM pgbench_history), (SELECT count(*) FROM pgbench_history)"""


def check_sums(server, database, what):
    accounts, tellers, branches, history, count = server.sql(SUMS, database).split("|")
    if not accounts == tellers == branches == history:
        fail(f"{what}: accounts {accounts}, tellers {tellers}, branches {branches}, history {history}")
    return int(count)


OBJECTS = """
CREATE TYPE state AS ENUM ('open', 'zu'); CREATE DOMAIN "größe" AS integer CHECK (VALUE > 0);
CREATE TABLE "Odd ""name"" é" (id serial PRIMARY KEY, s state, g "größe", j jsonb, b bytea, t tsvector);
INSERT INTO "Odd ""name"" é" (s, g, j, b, t) SELECT 'zu', i, jsonb_build_object('i', i), decode(md5(i::text), 'hex'),
  to_tsvector('simple', 'w' || i) FROM generate_series(1, 500) i;
CREATE TABLE parts (day date, n int) PARTITION BY RANGE (day);
CREATE TABLE parts_a PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
INSERT INTO parts SELECT '2026-01-01'::date + i % 100, i FROM generate_series(1, 1000) i;
CREATE VIEW seen AS SELECT count(*) FROM parts; CREATE MATERIALIZED VIEW kept AS SELECT max(n) FROM parts;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON parts_a FOR EACH ROW EXECUTE FUNCTION f();
COMMENT ON TABLE parts IS 'a comment; with ''quotes''';
SELECT lo_from_bytea(4711, decode(repeat('cafe', 5000), 'hex'));
"""


def refused(box, code, texts, *words):
    """The exit status, and all of the texts in the message."""
    done = box.run(*words, timeout=120)
    shown = done.stderr.decode(errors="replace")
    if done.returncode != code or not all(text in shown for text in texts):
        fail(f"{words}: exit {done.returncode} instead of {code}, or not {texts} in: {shown}")


def count_of(box, name):
    return len(box.backups(name)) if (box.store / "sources" / name).exists() else 0


def logical(box, server):
    box.source("dump", kind="postgres", mode="logical", conninfo=server.conninfo("shop"))
    counts, taken = [], []
    with server.pgbench("shop"):
        for number in range(3):
            time.sleep(0.5)
            taken.append(box.backup("dump", *(["--new-chain"] if number == 2 else [])))
    for number, each in enumerate(taken):
        server.sql(f"CREATE DATABASE back{number}")
        box.good("restore", f"dump@{each['id']}", "--to-database", server.conninfo(f"back{number}"))
        counts.append(check_sums(server, f"back{number}", f"logical backup {number}"))
    if counts != sorted(counts) or counts[0] == counts[-1]:
        fail(f"logical: {counts} entries of history, in order of the backups")

    # With nobody writing, both sides are the same to the letter.
    box.backup("dump")
    server.sql("CREATE DATABASE same")
    box.good("restore", "dump", "--to-database", server.conninfo("same"))
    if server.dump("same") != server.dump("shop"):
        fail("logical: the restored database is not the one that was backed up")
    if server.sql("SELECT md5(lo_get(4711))", "same") != server.sql("SELECT md5(lo_get(4711))", "shop"):
        fail("logical: a large object is not what it was")

    # Whether it is the same once more, is a matter of the server's own writing: it comes to rest.
    for _ in range(5):
        again = box.backup("dump")
        if again["unchanged"]:
            break
        time.sleep(1)
    else:
        fail(f"logical: an idle server is never unchanged, and {again['stored_bytes']} bytes are stored each time")

    # Into what has tables: refused. --create makes it anew, where it is gone.
    refused(box, 73, ["has tables in it", "hint:"], "restore", "dump", "--to-database", server.conninfo("same"))
    refused(box, 64, ["--create"], "restore", "dump", "--create", "--to", box.top / "x")
    refused(box, 66, ["nowhere"], "restore", "dump", "--to-database", server.conninfo("nowhere"))
    refused(box, 64, ["postgres-logical"], "restore", "dump", "--to", box.top / "x")
    before = server.dump("shop")
    server.sql("ALTER DATABASE shop RENAME TO kept")
    box.good("restore", "dump", "--create", "--to-database", server.conninfo())
    if server.dump("shop") != before:
        fail("logical: --create has not made the database that was backed up")
    # Once more: it is there. The first error is the last, and the database is as it was.
    refused(box, 69, ["already exists"], "restore", "dump", "--create", "--to-database", server.conninfo())
    server.sql("DROP DATABASE shop")
    server.sql("ALTER DATABASE kept RENAME TO shop")

    # As files.
    place = box.top / "files"
    box.good("restore", "dump", "--to-directory", place)
    names = sorted(path.name for path in place.iterdir())
    if len(names) != 2 or "globals.sql" not in names:
        fail(f"logical: its files are {names}")
    elif "CREATE ROLE clerk" not in (place / "globals.sql").read_text():
        fail("logical: a role is not among the globals")
    if re.search(r"PASSWORD|SCRAM", (place / "globals.sql").read_text()):
        fail("logical: there are passwords in globals.sql")
    if box.temporaries():
        fail(f"logical: {box.temporaries()} stay")


def children_of(process):
    """Names by number of the process's children."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
        if int(rest[1]) == process:
            found[int(path.parent.name)] = name
    return found


def is_there(number):
    try:
        return pathlib.Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(what, true):
    end = time.monotonic() + 30
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within 30 s")
        time.sleep(0.05)


def dump_of(process, server):
    """The number of the pg_dump of a backup that waits for a table. One that says its version comes before it."""
    wait_until("the dump to wait", lambda: server.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0")
    [number] = [number for number, name in children_of(process.pid).items() if name == "pg_dump"]
    return number


END_HOLDER = ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' "
              "AND pid <> pg_backend_pid()")


@contextlib.contextmanager
def holding(server, table):
    """Somebody holds the table, so that a dump waits in its middle."""
    holder = subprocess.Popen([*server.as_user(), str(server.bin / "psql"), "-X", "-q", server.conninfo("shop"), "-c",
                               f"BEGIN; LOCK TABLE {table}; SELECT pg_sleep(60)"], cwd=server.top,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    locked = f"SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND granted AND mode = 'AccessExclusiveLock'"
    try:
        wait_until("the lock", lambda: server.sql(locked, "shop") != "0")
        yield
    finally:
        server.sql(END_HOLDER)
        holder.wait()


def logical_failures(box, server):
    box.source("broken", kind="postgres", mode="logical", conninfo=server.conninfo("shop"))
    box.backup("broken")
    before = count_of(box, "broken")

    def check_failed(process, codes, what):
        try:
            err = process.communicate(timeout=30)[1].decode()
        except subprocess.TimeoutExpired:
            fail(f"{what}: it goes on for half a minute")
            process.kill()
            process.communicate()
            return
        if process.returncode not in codes or (process.returncode > 0 and "trackier-ctl: error: " not in err):
            fail(f"{what}: exit {process.returncode}: {err}")
        if count_of(box, "broken") != before:
            fail(f"{what}: a backup is listed")

    for how in (signal.SIGKILL, signal.SIGTERM):
        with holding(server, "pgbench_accounts"):
            running = box.start("backup", "broken", "--new-chain")
            os.kill(dump_of(running, server), how)
            check_failed(running, (69,), f"pg_dump ended by {how.name}")
    # The server ends the dump's connection, or ours, which holds the snapshot: an error, whatever the dump has by then.
    for whose in ("wait_event_type = 'Lock'", "state = 'idle in transaction' AND application_name = 'trackier-ctl'"):
        with holding(server, "pgbench_accounts"):
            running = box.start("backup", "broken", "--new-chain")
            dump_of(running, server)
            wait_until(f"a connection where {whose}", lambda whose=whose: server.sql(
                f"SELECT count(*) FROM pg_stat_activity WHERE {whose}") != "0")
            if server.sql(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {whose}") == "0":
                fail(f"there is no connection where {whose}")
            if "idle" in whose:
                server.sql(END_HOLDER)
            check_failed(running, (69,), f"connection ended: {whose}")
    # We are ended ourselves: the dump goes with us.
    for how, codes in ((signal.SIGTERM, (-signal.SIGTERM,)), (signal.SIGINT, (-signal.SIGINT,))):
        with holding(server, "pgbench_accounts"):
            running = box.start("backup", "broken", "--new-chain")
            dump = dump_of(running, server)
            running.send_signal(how)
            check_failed(running, codes, f"ended by {how.name}")
            time.sleep(0.2)
            if is_there(dump):
                fail(f"pg_dump runs on after {how.name}")
    with holding(server, "pgbench_accounts"):
        running = box.start("backup", "broken", "--new-chain")
        dump = dump_of(running, server)
        running.kill()
        check_failed(running, (-signal.SIGKILL,), "killed")
    wait_until("pg_dump to end after its parent was killed", lambda: not is_there(dump))
    # A lock that outlasts the look at definitions costs the digests, and not the backup.
    with holding(server, "pgbench_accounts"):
        running = box.start("backup", "broken", "--new-chain")
        dump_of(running, server)
        wait_until("the look at definitions to end", lambda: server.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' "
            "AND application_name = 'trackier-ctl'") != "0")
        server.sql(END_HOLDER)
        err = running.communicate(timeout=30)[1].decode()
    if running.returncode != 0 or "no digests were taken: what is defined could not be looked at: " not in err:
        fail(f"locked for long: exit {running.returncode}: {err}")
    err = box.run("backup", "broken", "--new-chain").stderr.decode()
    if "no digests" in err:
        fail(f"no longer locked: {err}")
    if box.temporaries():
        fail(f"logical: {box.temporaries()} stay")

    # A role without rights, and one that has to pass by policies.
    server.sql("CREATE TABLE policed(a int); ALTER TABLE policed ENABLE ROW LEVEL SECURITY; "
               "GRANT USAGE ON SCHEMA public TO clerk", "shop")
    box.source("weak", kind="postgres", mode="logical", conninfo=server.conninfo("shop", "clerk"))
    refused(box, 77, ["permission denied", "hint:"], "backup", "weak")
    server.sql("GRANT pg_read_all_data TO clerk")
    refused(box, 77, ["row-level security", "hint:"], "backup", "weak")
    server.sql("ALTER ROLE clerk BYPASSRLS")
    refused(box, 77, ["permission denied for large object", "hint:"], "backup", "weak")
    if count_of(box, "weak"):
        fail("a role without rights has left a backup")
    server.sql("GRANT SELECT ON LARGE OBJECT 4711 TO clerk", "shop")
    box.backup("weak")
    server.sql("ALTER ROLE clerk NOBYPASSRLS; REVOKE pg_read_all_data FROM clerk")

    # What is not there, and what should not be said.
    box.source("no-database", kind="postgres", mode="logical", conninfo=server.conninfo("gone"))
    refused(box, 66, ["gone"], "backup", "no-database")
    box.source("no-role", kind="postgres", mode="logical", conninfo=server.conninfo("shop", "nobody_here"))
    refused(box, 77, ["nobody_here"], "backup", "no-role")
    for name in ("no-database", "no-role"):
        if count_of(box, name):
            fail(f"{name} has left a backup")
        del box.sources[name]
    box.source("secret", kind="postgres", mode="logical", conninfo=server.conninfo("shop") + " password=hunter2")
    done = box.run("backup", "secret")
    if done.returncode != 78 or b"hunter2" in done.stderr:
        fail(f"a password in the settings: exit {done.returncode}: {done.stderr.decode()}")
    del box.sources["secret"]
    box.write_settings()


def physical_keys(box):
    """With a fast checkpoint, when the program knows the setting."""
    box.source("probe", kind="postgres", mode="physical", conninfo="host=/", checkpoint="fast")
    knows = box.run("config", "check").returncode == 0
    del box.sources["probe"]
    box.write_settings()
    if not knows:
        print("the setting checkpoint is not known yet: the test asks the server for checkpoints instead")
    return {"checkpoint": "fast"} if knows else {}


@contextlib.contextmanager
def checkpoints(server, needed):
    """The server hurries with a spread checkpoint when somebody asks for a fast one."""
    stop = threading.Event()

    def ask():
        while not stop.wait(0.3):
            server.sql("CHECKPOINT")

    thread = threading.Thread(target=ask)
    if needed:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if needed:
            thread.join()


def verify(server, place):
    """By the backup's own manifest. What restore changes is known; WAL cannot be looked at without the server's."""
    ignored = ["postgresql.auto.conf", "tablespace_map"]
    server.run("pg_verifybackup", "-n", *(word for name in ignored for word in ("-i", name)), place)


def own(server, *places):
    if server.account is not None:
        for top in places:
            for path in [top, *top.rglob("*")]:
                os.chown(path, server.account.pw_uid, server.account.pw_gid, follow_symlinks=False)


def boot(box, server, place, what):
    """A server on what was restored, reached by another socket."""
    top = pathlib.Path(tempfile.mkdtemp(prefix="pg-"))
    other = Server(server.bin, top, place)
    own(other, place, *place.parent.glob(f"{place.name}.tablespace-*"))
    try:
        verify(other, place)
        other.start()
        try:
            count = check_sums(other, "shop", what)
            if other.sql("SELECT count(*) FROM spaced", "shop") != "2000":
                fail(f"{what}: the table in the tablespace has other rows")
            location = other.sql("SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'elsewhere'")
            if not location.startswith(str(place)):
                fail(f"{what}: the tablespace is at {location}")
            if other.sql("SELECT rolcanlogin FROM pg_authid WHERE rolname = 'clerk' AND rolpassword LIKE 'SCRAM%'") != "t":
                fail(f"{what}: the role is not what it was")
            if other.sql("SHOW archive_mode") != "off" or other.sql("SELECT pg_is_in_recovery()") != "f":
                fail(f"{what}: it archives, or is in recovery")
            dump = other.dump("shop")
        finally:
            other.stop()
        other.run("pg_checksums", "--check", "-D", place)
        return count, dump
    finally:
        shutil.rmtree(top)


def physical(box, server):
    keys = physical_keys(box)
    hurry = not keys
    box.source("cluster", kind="postgres", mode="physical", conninfo=server.conninfo(), **keys)
    taken, counts = [], []
    with server.pgbench("shop"), checkpoints(server, hurry):
        for number in range(3):
            taken.append(box.backup("cluster", *(["--new-chain"] if number == 2 else [])))
            time.sleep(0.5)
    with checkpoints(server, hurry):
        taken.append(box.backup("cluster"))
    print("physical: stored " + ", ".join(f"{each['stored_bytes'] >> 10} KiB in {each['seconds']:.1f} s" for each in taken),
          flush=True)
    for number, each in enumerate(taken):
        place = server.top / f"restored-{number}"
        done = box.run("restore", f"cluster@{each['id']}", "--to-directory", place)
        if done.returncode != 0:
            fail(f"physical backup {number}: exit {done.returncode}: {done.stderr.decode()}")
            continue
        count, dump = boot(box, server, place, f"physical backup {number}")
        counts.append(count)
    if counts != sorted(counts):
        fail(f"physical: {counts} entries of history, in order of the backups")
    if dump != server.dump("shop"):
        fail("physical: the last one is not what the server has")

    # Over what is there.
    place = server.top / "restored-3"
    refused(box, 73, ["exists", "--force"], "restore", "cluster", "--to-directory", place)
    refused(box, 64, ["--to-directory"], "restore", "cluster", "--to-database", server.conninfo())
    marker = place / "marker"
    marker.write_text("mine")
    done = box.run("restore", "cluster", "--to-directory", place, "--force")
    if done.returncode != 0:
        fail(f"physical: --force over a data directory with a tablespace: exit {done.returncode}: {done.stderr.decode()}")
    elif marker.exists() or not list(server.top.glob("restored-3.before-*/marker")):
        fail("physical: --force has not put aside what was there")
    stays = list(server.top.glob("*.partial"))
    if stays:
        fail(f"physical: {stays} stay")

    # Nothing changes: soon nothing is stored.
    with checkpoints(server, hurry):
        for _ in range(5):
            again = box.backup("cluster")
            if again["unchanged"]:
                break
            time.sleep(1)
        else:
            fail(f"physical: an idle server is never unchanged, and {again['stored_bytes']} bytes are stored each time")

    box.source("no-replication", kind="postgres", mode="physical", conninfo=server.conninfo("shop", "clerk"), **keys)
    refused(box, 77, ["replication", "hint:"], "backup", "no-replication")
    if count_of(box, "no-replication"):
        fail("a role without REPLICATION has left a backup")
    # The server ends the connection in the middle.
    before = count_of(box, "cluster")
    with server.pgbench("shop"), checkpoints(server, hurry):
        time.sleep(0.5)
        running = box.start("backup", "cluster", "--new-chain")
        end = time.monotonic() + 30
        ended = "0"
        while ended == "0" and time.monotonic() < end and running.poll() is None:
            ended = server.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_replication")
        err = running.communicate(timeout=60)[1].decode()
        if running.returncode not in (69, 65) or "trackier-ctl: error: " not in err or count_of(box, "cluster") != before:
            fail(f"physical: the server ends the connection: exit {running.returncode}: {err}")
        box.backup("cluster")
    if box.temporaries():
        fail(f"physical: {box.temporaries()} stay")


def stopped(box, server):
    for name, mode in (("off-logical", "logical"), ("off-physical", "physical")):
        box.source(name, kind="postgres", mode=mode, conninfo=server.conninfo("shop"))
        refused(box, 69, [str(server.top)], "backup", name)
        if count_of(box, name):
            fail("a backup of a server that is off")
    refused(box, 69, [str(server.top)], "restore", "dump", "--to-database", server.conninfo("shop"))
    # One that fails does not keep the others from being backed up.
    path = box.top / "beside.db"
    live.make_bank(path)
    box.source("beside", kind="sqlite", path=str(path))
    done = box.run("backup", "off-logical", "beside")
    if done.returncode != 69 or count_of(box, "beside") != 1:
        fail(f"one source fails: exit {done.returncode}, {count_of(box, 'beside')} backups of the other")


def fill(server, scale):
    """A database, shop, with a bit of everything; a role without rights, and a tablespace."""
    space = server.top / "space"
    space.mkdir()
    own(server, space)
    server.sql("CREATE ROLE clerk LOGIN PASSWORD 'clerk-secret'")
    server.sql(f"CREATE TABLESPACE elsewhere LOCATION '{space}'")
    server.sql("CREATE DATABASE shop")
    server.run("pgbench", "-i", "-q", "-s", str(scale), server.conninfo("shop"))
    server.sql(OBJECTS, "shop")
    server.sql("CREATE TABLE spaced TABLESPACE elsewhere AS SELECT i, md5(i::text) FROM generate_series(1, 2000) i",
               "shop")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    directory = programs()
    if directory is None:
        print("SKIPPED: PostgreSQL's server is not installed")
        return 0
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        print("SKIPPED: the server refuses to be root, and setpriv is not installed")
        return 0
    # A short place, for the name of a socket has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="tpg-") as name:
        os.chmod(name, 0o755)
        top = pathlib.Path(name, "server")
        top.mkdir()
        server = Server(directory, top)
        box = live.Sandbox(pathlib.Path(name, "box"), options.binary.resolve())
        try:
            server.init()
            server.start()
            fill(server, scale=2)
            for part in (logical, logical_failures, physical):
                if not options.parts or part.__name__ in options.parts:
                    live.run_part(part, box, server)
            server.stop()
            if not options.parts:
                stopped(box, server)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            fail(f"{type(error).__name__}: {error}")
        finally:
            with contextlib.suppress(AssertionError, OSError, subprocess.SubprocessError):
                server.stop()
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
