#!/usr/bin/env python3
"""Drills of PostgreSQL backups: sound ones pass while pgbench writes, each kind of damage fails and is named, and
nothing is left, whatever ends a drill."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import backup_live_test as live
from backup_postgres_test import Server, checkpoints, fill, programs, wait_until

fail, failures = live.fail, live.failures


def verify(box, *words):
    """The exit status, the record and what was said."""
    done = box.run("verify", "--json", *words, timeout=300)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, records[0] if records else None, done.stderr.decode(errors="replace")


def passes(box, what, *words):
    code, record, said = verify(box, *words)
    if code != 0 or record["verdict"] != "passed" or said:
        raise AssertionError(f"{what}: exit {code}: {said}")
    empty = [check["name"] for check in record["checks"] if check["checked"] == 0]
    if empty:
        fail(f"{what}: nothing was looked at by {empty}")
    return record


def fails(box, what, names, *words, check=None):
    """Fails, and says these names; in one check where that matters."""
    code, record, said = verify(box, *words)
    bad = [each["name"] for each in (record or {"checks": []})["checks"] if each["verdict"] == "failed"]
    if code != 1 or not all(name in said for name in names) or (check and check not in bad):
        fail(f"{what}: exit {code}, failed checks {bad}, not {names} in: {said}")
    return record


def nothing_is_left(box, what):
    left = [path for path in box.scratch.iterdir()] if box.scratch.exists() else []
    running = subprocess.run(["pgrep", "-f", str(box.scratch)], capture_output=True, check=False).stdout.split()
    if left or running:
        fail(f"{what}: {left} and processes {running} are left")


def checks_of(record):
    return {check["name"]: check for check in record["checks"]}


def sound(box, server):
    """Others write while the backups are taken; each is verified afterwards."""
    with server.pgbench("shop"), checkpoints(server, False):
        taken = []
        for name in ("dump", "cluster"):
            time.sleep(0.3)
            taken.append(box.backup(name)["id"])
    for name, backup in zip(("dump", "cluster"), taken):
        record = passes(box, f"{name} of a busy server", f"{name}", "--at", backup)
        tables = {table["name"]: table for table in record["tables"]}
        prefix = "shop: " if name == "cluster" else ""
        spaced = tables[f"{prefix}public.spaced"]
        if spaced["expected_rows"] != 2000 or spaced["found"] != spaced["expected"] or len(spaced["found"]) != 64:
            fail(f"{name}: {spaced}")
        unchecked = {each["name"]: each["why"] for each in record["unchecked"]}
        if name == "cluster" and "written" not in unchecked.get("table shop: public.pgbench_accounts", ""):
            fail(f"cluster: what was written to meanwhile is not named: {unchecked}")
        if name == "dump" and f"{prefix}public.pgbench_accounts" not in tables:
            fail("dump: a table that was written to is not compared")
        if record["rto_ms"] is None or record["rpo_ms"] is None:
            fail(f"{name}: RPO and RTO are not measured")
    names = checks_of(record)
    for wanted in ("pg_verifybackup", "start", "content", "pg_amcheck", "pg_checksums"):
        if names.get(wanted, {}).get("verdict") != "passed":
            fail(f"cluster: {wanted}: {names.get(wanted)}")
    nothing_is_left(box, "sound backups")


def quiet(box, server):
    """Nobody writes: all tables are compared, and what the operator expects is asked."""
    for name in ("dump", "cluster"):
        box.backup(name)
        record = passes(box, name, name, "--level", "application")
        if len([table for table in record["tables"] if table["name"].endswith("pgbench_accounts")]) != 1:
            fail(f"{name}: not all tables are compared")
    box.sources["dump"]["expect"] = [{"name": "too many", "sql": "SELECT count(*) FROM public.spaced", "result": "1999"}]
    box.write_settings()
    fails(box, "an expectation", ["too many: expected 1999, found 2000"], "dump", "--level", "application")
    box.sources["dump"]["expect"] = expectations("")
    box.write_settings()


def expectations(database):
    more = {"database": database} if database else {}
    return [{"name": "rows", "sql": "SELECT count(*) FROM public.spaced", "result": "2000", **more},
            {"name": "the slot", "sql": "SELECT $1::timestamptz <= $2::timestamptz", "result": "t", **more}]


CHANGES = [
    ("a changed row", "UPDATE spaced SET md5 = 'x' WHERE i = 7", ["table public.spaced: expected 2000 rows"]),
    ("a row more", "INSERT INTO parts VALUES ('2026-02-02', 1)", ["found 1001 rows"]),
    ("a changed large object", "SELECT lo_put(4711, 3, 'x')", ["large-objects all"]),
    ("a moved sequence", "SELECT nextval('seq')", ["sequence public.seq: expected 1 not called, by 1, found 1 called"]),
    ("a disabled trigger", "ALTER TABLE parts_a DISABLE TRIGGER tr", ["trigger tr of public.parts_a"]),
    ("a dropped constraint", "ALTER TABLE spaced DROP CONSTRAINT positive", ["constraint positive of public.spaced"]),
    ("a dropped index", "DROP INDEX by_i", ["index public.by_i", "found nothing"]),
    ("another default", "ALTER TABLE spaced ALTER i SET DEFAULT 3", ["columns public.spaced"]),
    ("another function", "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
     ["function public.f()"]),
    ("a value of a type", "ALTER TYPE state ADD VALUE 'neu'", ["type public.state"]),
    ("a right", "GRANT SELECT ON spaced TO clerk", ["rights table public.spaced"]),
    ("a comment", "COMMENT ON TABLE parts IS 'other'", ["comment table public.parts"]),
    ("a setting", "ALTER DATABASE shop SET work_mem = '9MB'", ["setting database"]),
    ("a role", "ALTER ROLE clerk CONNECTION LIMIT 3", ["role clerk"]),
    ("NULL for nothing", "UPDATE odd SET t = NULL WHERE t = ''", ["table public.odd"]),
    ("minus nought", "UPDATE odd SET f = '-0' WHERE f = 0", ["table public.odd"]),
]


def changes(box, server):
    """What has changed since the backup is named by --against-live; the backup itself passes all the same."""
    box.backup("dump")
    passes(box, "the live database has not changed", "dump", "--against-live")
    half = len(CHANGES) // 2
    for some in (CHANGES[:half], CHANGES[half:]):
        for _, sql, _ in some:
            server.sql(sql, "shop")
        code, record, said = verify(box, "dump", "--against-live")
        for what, _, names in some:
            if not all(name in said for name in names):
                fail(f"{what}: not {names} in: {said}")
        if code != 1 or record["verdict"] != "passed" or checks_of(record)["live"]["verdict"] != "failed":
            fail(f"changes: exit {code}: {said}")
        box.backup("dump")
    done = box.run("restore", "dump@verified", "--to-directory", box.top / "verified")
    if done.returncode != 0:
        fail(f"a database that has changed since takes its proof from a backup: {done.stderr.decode()}")
    nothing_is_left(box, "comparing with the live database")


UNRELOADABLE = {
    "a row that a restore computes otherwise":
        ("CREATE FUNCTION by() RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT current_setting('application_name')$$;"
         "CREATE FUNCTION made(n int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN public.by(); END';"
         "CREATE TABLE priced (n int, p text GENERATED ALWAYS AS (made(n)) STORED); INSERT INTO priced VALUES (5)",
         "content", ["table public.priced"]),
    "a CHECK that reads another table":
        ("CREATE TABLE zz_known (n int); INSERT INTO zz_known VALUES (1); CREATE FUNCTION known(v int) RETURNS bool LANGUAGE"
         " sql AS 'SELECT EXISTS (SELECT FROM public.zz_known WHERE n = v)'; CREATE TABLE aa_uses (n int CHECK (known(n)));"
         " INSERT INTO aa_uses VALUES (1)", "pg_restore", ["aa_uses"]),
    "an unqualified name in the function of an index":
        ("CREATE TABLE words (w text); CREATE FUNCTION norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';"
         " CREATE FUNCTION deep(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN norm($1); END';"
         " INSERT INTO words VALUES ('A'); CREATE INDEX words_deep ON words (deep(w))", "pg_restore", ["words_deep"]),
    "a foreign key that was broken with triggers off":
        ("CREATE TABLE mother (n int PRIMARY KEY); CREATE TABLE child (n int CONSTRAINT of_mother REFERENCES mother);"
         " SET session_replication_role = replica; INSERT INTO child VALUES (9)", "pg_restore", ["of_mother"]),
}


def unreloadable(box, server):
    for number, (what, (sql, check, names)) in enumerate(UNRELOADABLE.items()):
        server.sql(f"CREATE DATABASE sick{number}")
        server.sql(sql, f"sick{number}")
        box.source("sick", kind="postgres", mode="logical", conninfo=server.conninfo(f"sick{number}"))
        box.backup("sick", "--new-chain")
        # One table after another: then what a CHECK asks for comes later for certain.
        fails(box, what, names, "sick", "--threads", "1", check=check)
        server.sql(f"DROP DATABASE sick{number}")
    del box.sources["sick"]
    box.write_settings()
    nothing_is_left(box, "dumps that cannot be reloaded")


def born(box, server):
    """Dumps of the databases that every new cluster has as well."""
    for database in ("postgres", "template1"):
        server.sql("CREATE TABLE kept AS SELECT generate_series(1, 100) AS i", database)
        box.source("born", kind="postgres", mode="logical", conninfo=server.conninfo(database))
        box.backup("born", "--new-chain")
        record = passes(box, f"a dump of {database}", "born")
        if [table["expected_rows"] for table in record["tables"] if table["name"] == "public.kept"] != [100]:
            fail(f"a dump of {database}: {record['tables']}")
        server.sql("DROP TABLE kept", database)
    del box.sources["born"]
    box.write_settings()
    nothing_is_left(box, "dumps of databases that are there")


def damaged(box, server):
    """In the store: a flipped bit, a missing pack. What fails is no longer SOURCE@verified."""
    for name in ("dump", "cluster"):
        identity = box.backup(name)["id"]
        passes(box, name, name, "--at", identity)
        packs = sorted((box.store / "sources" / name / "packs").iterdir(), key=lambda path: path.stat().st_size)
        kept = {path: path.read_bytes() for path in packs}
        for path, content in kept.items():
            path.chmod(0o600)
            path.write_bytes(content[:len(content) // 2] + bytes([content[len(content) // 2] ^ 1]) +
                             content[len(content) // 2 + 1:])
        fails(box, f"{name}: flipped bits", ["pack "], name, "--at", identity, check="packs")
        looked_at = box.run("status", "--json", name)
        status = json.loads(looked_at.stdout)
        if looked_at.returncode != 1:
            fail(f"{name}: the status after a failed drill: exit {looked_at.returncode}")
        if status["last_verdict"] != "failed" or status["verified_backup"] == identity:
            fail(f"{name}: the state after a failed drill: {status}")
        for path in kept:
            path.unlink()
        fails(box, f"{name}: missing packs", ["it is missing"], name, "--at", identity, "--level", "chain", check="presence")
        for path, content in kept.items():
            path.write_bytes(content)
        passes(box, f"{name} again", name, "--at", identity)
    nothing_is_left(box, "damage in the store")


def damaged_before(box, server):
    """A page that the server itself cannot read, and has no checksum to notice when it sends it."""
    server.sql("CREATE TABLE torn AS SELECT generate_series(1, 5000) AS i")
    file = server.data / server.sql("SELECT pg_relation_filepath('torn')")
    server.stop()
    server.run("pg_checksums", "--disable", "-D", server.data)
    sound_file = file.read_bytes()
    with open(file, "r+b") as out:
        out.seek(3 * 8192)
        out.write(b"\xff" * 24)
    server.start()
    made = box.run("backup", "--json", "cluster", timeout=300)
    if made.returncode != 0 or b"no digests were taken: invalid page in block 3" not in made.stderr:
        fail(f"the backup of a damaged cluster: exit {made.returncode}: {made.stderr.decode()}")
    code, record, said = verify(box, "cluster", "--at", json.loads(made.stdout)["id"])
    verdicts = {check["name"]: check["verdict"] for check in record["checks"] if check["verdict"] != "passed"}
    if code != 65 or verdicts.pop("content", None) != "same as source" or set(verdicts.values()) - {"same as source"}:
        fail(f"damage of the source: exit {code}, {verdicts}: {said}")
    server.stop()
    file.write_bytes(sound_file)
    server.run("pg_checksums", "--enable", "-D", server.data)
    server.start()
    server.sql("DROP TABLE torn")
    box.backup("cluster")
    passes(box, "the mended cluster", "cluster")


def disturbs_nobody(box, server):
    """Whatever the restored cluster's own settings say."""
    witness = server.top / "witness"
    server.sql(f"ALTER SYSTEM SET archive_command = 'touch {witness}'")
    server.sql("ALTER SYSTEM SET archive_cleanup_command = 'false'")
    server.sql("ALTER SYSTEM SET primary_conninfo = 'host=192.0.2.1'")
    server.sql("ALTER SYSTEM SET shared_preload_libraries = 'no_such_library'")
    server.sql("ALTER SYSTEM SET listen_addresses = '*'")
    try:
        box.backup("cluster")
    finally:
        server.sql("ALTER SYSTEM RESET ALL")
    passes(box, "a cluster with settings of its own", "cluster")
    if witness.exists():
        fail("the drill has archived")
    nothing_is_left(box, "a cluster with settings of its own")


def killed(box, server):
    """Neither files nor processes stay; after SIGKILL no longer than until the next run."""
    def server_runs():
        return subprocess.run(["pgrep", "-f", f"postgres.*{box.scratch}"], capture_output=True, check=False).returncode == 0

    for number, name in ((signal.SIGTERM, "dump"), (signal.SIGINT, "cluster"), (signal.SIGKILL, "dump"),
                         (signal.SIGKILL, "cluster")):
        running = box.start("verify", name)
        wait_until("the drill's server", server_runs)
        running.send_signal(number)
        running.communicate(timeout=60)
        if running.returncode != -number:
            fail(f"a drill that gets signal {number}: exit {running.returncode}")
        wait_until("the drill's server to end", lambda: not server_runs())
        if number != signal.SIGKILL:
            nothing_is_left(box, f"{name}: signal {number}")
    if not list(box.scratch.iterdir()):
        fail("a killed drill has left nothing: was it killed in time?")
    passes(box, "after drills that were killed", "dump")
    nothing_is_left(box, "the drill after those that were killed")
    # One drill of a source at a time.
    running = box.start("verify", "cluster")
    wait_until("the drill's server", server_runs)
    done = box.run("verify", "cluster")
    if done.returncode != 75:
        fail(f"two drills at once: exit {done.returncode}: {done.stderr.decode()}")
    running.communicate(timeout=120)
    if running.returncode != 0:
        fail(f"the first of two drills: exit {running.returncode}")


def cannot(box, server):
    """What stands in the way is neither a failure nor a success."""
    tools = box.top / "no-tools"
    tools.mkdir()
    box.sources["cluster"]["tools"] = str(tools)
    box.write_settings()
    code, record, said = verify(box, "cluster")
    if code != 69 or record["verdict"] != "could not be evaluated" or "pg_verifybackup" not in said:
        fail(f"without tools: exit {code}: {said}")
    del box.sources["cluster"]["tools"]
    box.write_settings()
    os.rename(box.top / "k.tke", box.top / "k.away")
    shutil.rmtree(box.top / "state" / "trackier-ctl" / "backup", ignore_errors=True)
    code, record, said = verify(box, "dump")
    if code != 69 or record is None or checks_of(record)["key"]["verdict"] != "could not be evaluated":
        fail(f"without a key: exit {code}: {said}")
    os.rename(box.top / "k.away", box.top / "k.tke")
    passes(box, "with the key", "dump")
    nothing_is_left(box, "what stands in the way")


def full(box, server):
    """A disk that is full in the middle of a drill says nothing of the backup."""
    if os.geteuid() != 0:
        print("SKIPPED: full disks: only root can mount one that PostgreSQL's user can use")
        return
    server.sql("CREATE DATABASE swells")
    # Small in the dump, 450 MB where it is restored.
    server.sql("CREATE TABLE wide (i int, t text GENERATED ALWAYS AS (repeat('x', 1000000)) STORED);"
               "ALTER TABLE wide ALTER t SET STORAGE EXTERNAL; INSERT INTO wide (i) SELECT generate_series(1, 450)", "swells")
    box.source("swells", kind="postgres", mode="logical", conninfo=server.conninfo("swells"))
    box.backup("swells")
    box.scratch.mkdir(exist_ok=True)
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=420m,mode=711 none "$0" && exec "$@"', str(box.scratch),
         str(box.binary), "verify", "--json", "swells"], cwd=box.top, env=box.env, stdin=subprocess.DEVNULL,
        capture_output=True, check=False, timeout=300)
    said = done.stderr.decode()
    record = json.loads(done.stdout) if done.stdout else {"verdict": None, "checks": []}
    bad = {check["name"]: check["verdict"] for check in record["checks"] if check["verdict"] != "passed"}
    if done.returncode != 69 or bad != {"pg_restore": "could not be evaluated"} or "the scratch place is full" not in said:
        fail(f"a full disk: exit {done.returncode}, {record['verdict']}, {bad}: {said}")
    server.sql("DROP DATABASE swells")
    del box.sources["swells"]
    box.write_settings()
    nothing_is_left(box, "a full disk")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    directory = programs()
    if directory is None:
        print("SKIPPED: PostgreSQL's server is not installed")
        return 0
    if shutil.which("setpriv") is None:
        print("SKIPPED: setpriv is not installed")
        return 0
    with tempfile.TemporaryDirectory(prefix="tpv-") as name:
        os.chmod(name, 0o755)
        top = pathlib.Path(name, "server")
        top.mkdir()
        server = Server(directory, top)
        box = live.Sandbox(pathlib.Path(name, "box"), options.binary.resolve())
        box.scratch = pathlib.Path(name, "scratch")
        box.head += f"[verify]\nscratch = {json.dumps(str(box.scratch))}\n"
        if server.account is not None:
            box.head += f"user = {json.dumps(server.account.pw_name)}\n"
        try:
            server.init()
            server.start()
            fill(server, scale=1)
            server.sql("ALTER TABLE spaced ADD CONSTRAINT positive CHECK (i >= 0); CREATE INDEX by_i ON spaced (i);"
                       "CREATE SEQUENCE seq; CREATE TABLE odd (t text, f float8); INSERT INTO odd VALUES ('', 0), ('NaN', 'NaN');"
                       "CREATE UNLOGGED TABLE fleeting AS SELECT 1 AS n", "shop")
            box.source("dump", kind="postgres", mode="logical", conninfo=server.conninfo("shop"), expect=expectations(""))
            box.source("cluster", kind="postgres", mode="physical", checkpoint="fast", conninfo=server.conninfo(),
                       digest="always", expect=expectations("shop"))
            for part in (sound, quiet, changes, unreloadable, born, damaged, damaged_before, disturbs_nobody, killed,
                         cannot, full):
                if not options.parts or part.__name__ in options.parts:
                    live.run_part(part, box, server)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            fail(f"{type(error).__name__}: {error}")
        finally:
            with contextlib.suppress(AssertionError, OSError, subprocess.SubprocessError):
                server.stop()
    print("\n".join(failures + [f"{len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
