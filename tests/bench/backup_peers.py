"""The measurements of peers.sh for backup and restore.

A step changes what the next one starts from: every program does it on the same state of the database, one after
the other, before the database goes on. restic and borg need a file that holds still: they back up what sqlite3's
`.backup` has made of the database, and the time that takes is theirs.
"""

import contextlib
import filecmp
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import click_database
from measure import HEADING, Comparison, Measured, elsewhere, peak_resident, row, settle, shell

MOST_RESIDENT = 256  # MiB
SURE_AFTER = 2.1  # seconds after which the times of a file are trusted
QUIET_AFTER = 50  # seconds in which PostgreSQL has written what a backup leaves it to write
ROUNDS_OF_CHANGES = 3
BLOCKS_SINCE = (2, 47)  # of pgBackRest, https://pgbackrest.org/release.html


def size_of(directory):
    """Bytes of the files in it."""
    return sum(os.path.getsize(os.path.join(parent, name))
               for parent, _, names in os.walk(directory) for name in names)


class Step(Measured):
    """Runs of one program, and what each has added to its repository."""

    def __init__(self):
        super().__init__()
        self.bytes = []

    def after(self, first):
        """The two as one, for what cannot be done without doing something else first."""
        both = Step()
        both.seconds = [a + b for a, b in zip(first.seconds, self.seconds)]
        both.cpu = [a + b for a, b in zip(first.cpu, self.cpu)]
        both.resident = max(first.resident, self.resident)
        both.bytes = self.bytes
        return both


class BackupPeers(Comparison):
    """One source in settings of its own, and the peers' repositories beside its store."""

    def __init__(self, program, rounds, place, source):
        super().__init__(rounds, place)
        self.store = self.path("store")
        # What somebody builds meanwhile is not measured.
        bare = shutil.copy2(program, self.path("trackier-ctl"))
        self.ours = f"env XDG_STATE_HOME={self.path('state')} TRACKIER_CONFIG={self.path('settings.toml')} {bare}"
        unlock = self.path("unlock.key")
        with open(os.open(unlock, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as out:
            out.write("0123456789abcdef" * 4)
        access = f"--keyring {self.path('k.tke')} --unlock file:{unlock}"
        shell(f"env XDG_STATE_HOME={self.path('state')} {bare} keys new -q acme/backup {access}")
        line = subprocess.run(f"{bare} keys public acme/backup {access}", shell=True, check=True, text=True,
                              capture_output=True).stdout.strip()
        with open(self.path("settings.toml"), "w", encoding="ascii") as out:
            out.write(f'[keyring]\npath = "{self.path("k.tke")}"\nunlock = ["file:{unlock}"]\n'
                      f'[backup]\nstore = "{self.store}"\n'
                      + "".join(f'[[source]]\n{each}recipients = ["{line}"]\n' for each in source))

    @staticmethod
    def turn(steps, commands):
        """Each command once. commands: by name, with the repository that it adds to."""
        for name, (command, repository) in commands.items():
            before = size_of(repository)
            settle()
            step = steps.setdefault(name, Step())
            step.add(*shell(command))
            step.bytes.append(size_of(repository) - before)

    def show(self, title, steps, size):
        print(f"\n{title} (load {os.getloadavg()[0]:.1f})\n{HEADING}{'stored MB':>11}")
        for name, step in steps.items():
            print(f"{row(name, step, size)}{statistics.median(step.bytes) / 1e6:>11.3f}")

    def fewer(self, what, one, other, least):
        """one, other: bytes, round by round."""
        ratio = statistics.median(b / max(a, 1) for a, b in zip(one, other))
        met = ratio >= least
        self.missed += not met
        print(f"  target: {what}: at least {least} times fewer bytes, measured {ratio:.1f}: "
              f"{'met' if met else 'MISSED'}")

    def has(self, *tools):
        absent = [tool for tool in tools if shutil.which(tool) is None]
        self.missing.update(absent)
        return not absent

    def within_memory(self, what, command):
        self.at_most(f"resident, {what}", peak_resident(command), MOST_RESIDENT, "MiB")


class SqlitePeers(BackupPeers):
    def __init__(self, program, rounds, megabytes, place):
        self.database = os.path.join(place, "shop.sqlite")
        super().__init__(program, rounds, place, [
            f'name = "shop"\nkind = "sqlite"\npath = "{self.database}"\ncheck = "never"\n'])
        elsewhere(click_database.make, self.database, megabytes)
        self.copy = self.path("copy.sqlite")
        self.restic = (f"env RESTIC_PASSWORD=x RESTIC_REPOSITORY={self.path('restic')} "
                       f"RESTIC_CACHE_DIR={self.path('restic-cache')} restic -q")
        self.borg = f"env BORG_PASSPHRASE=x BORG_BASE_DIR={self.path('borg-home')} borg --error"
        self.chunkers = {"borg": "", "borg, chunks of 16 KiB": "--chunker-params fixed,16384"}
        print(f"clicks of {self.size / 1e6:.0f} MB in WAL mode; restic as it comes; borg with repokey-blake2 and "
              "--compression zstd,3")

    @property
    def size(self):
        return os.path.getsize(self.database)

    def borg_repository(self, name):
        return self.path(f"borg{list(self.chunkers).index(name)}")

    def begin_again(self):
        if self.has("restic"):
            shell(f"rm -rf {self.path('restic')}; {self.restic} init")
        if self.has("borg"):
            for name in self.chunkers:
                repository = self.borg_repository(name)
                shell(f"rm -rf {repository}; {self.borg} init -e repokey-blake2 {repository}")

    def back_up(self, steps, ours="backup", borg=True):
        """With everything there is, in turn."""
        commands = {"ours": (f"{self.ours} {ours}", self.store)}
        if self.has("sqlite3"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.copy)
            commands["sqlite3 .backup"] = (f"sqlite3 {self.database} '.backup {self.copy}'", self.path("none"))
            if self.has("restic"):
                commands["restic"] = (f"{self.restic} backup {self.copy}", self.path("restic"))
            if borg and self.has("borg"):
                for name, options in self.chunkers.items():
                    repository = self.borg_repository(name)
                    commands[name] = (f"{self.borg} create --compression zstd,3 {options} {repository}::"
                                      f"{time.monotonic_ns()} {self.copy}", repository)
        self.turn(steps, commands)

    @staticmethod
    def with_sums(steps):
        copied = steps.get("sqlite3 .backup")
        sums = {f".backup + {name}": step.after(copied) for name, step in steps.items()
                if copied and not name.startswith("ours") and name != "sqlite3 .backup"}
        return {**steps, **sums}

    def first(self):
        """The peers take no digests of rows."""
        steps = {}
        bare = "ours, digest = \"never\""
        without_digests = self.path("bare.toml")
        with open(self.path("settings.toml"), encoding="ascii") as settings, \
                open(without_digests, "w", encoding="ascii") as out:
            out.write(settings.read() + 'digest = "never"\n')
        for number in range(self.rounds):
            self.begin_again()
            self.back_up(steps, "backup --new-chain", borg=number == self.rounds - 1)  # and keeps it
            self.turn(steps, {bare: (f"{self.ours} --config {without_digests} backup --new-chain", self.store)})
        steps = self.with_sums(steps)
        self.show(f"First backup, {self.rounds} times, borg once", steps, self.size)
        self.compare(steps, bare, {".backup + restic": 4})

    def share(self):
        steps = {}
        for seed in range(ROUNDS_OF_CHANGES):
            elsewhere(click_database.update, self.database, 0.01, seed)
            self.back_up(steps)
        steps = self.with_sums(steps)
        self.show(f"1 % of the rows changed, anywhere; {ROUNDS_OF_CHANGES} times one after another", steps, self.size)
        print(f"  ours, MB each time: {', '.join(f'{each / 1e6:.3f}' for each in steps['ours'].bytes)}")
        # What has changed since the first backup grows: one such change is the first.
        first = {name: step.bytes[:1] for name, step in steps.items()}
        if "restic" in steps:
            self.fewer("ours / restic, the first time", first["ours"], first["restic"], 200)
        if "borg" in steps:
            best = [min(first[name][0] for name in self.chunkers)]
            self.fewer("ours / borg, the better chunker, the first time", first["ours"], best, 100)
        self.compare(steps, "ours", {".backup + restic": 10})

    def hours(self):
        steps = {}
        for number in range(24):
            elsewhere(click_database.hour, self.database, 100 + number)
            self.back_up(steps, borg=False)
        steps = self.with_sums(steps)
        self.show("24 hours in a row: 0.2 % new, as much changed among the newest; medians of an hour", steps,
                  self.size)
        for name, step in steps.items():
            print(f"  {name:<44}{sum(step.seconds):>8.1f} s in all, {sum(step.bytes) / 1e6:.1f} MB")
        if "restic" in steps:
            self.fewer("ours / restic, in all", [sum(steps["ours"].bytes)], [sum(steps["restic"].bytes)], 14)

    def unchanged(self):
        """As long as the times of the file say so, and when they say nothing."""
        time.sleep(SURE_AFTER)
        shell(f"{self.ours} backup")
        cat = ([], f"cat {self.database} > /dev/null")
        before = size_of(self.store)
        known = self.table("Unchanged, and so are the times of the file", {
            "ours": ([], f"{self.ours} backup"),
            "cat": cat,
            "restic, of the same copy": (["restic"], f"{self.restic} backup {self.copy}"),
        }, self.size)
        print(f"  {(size_of(self.store) - before) / (self.rounds + 1) / 1e3:.1f} kB added to our store each time")
        self.at_most("ours, times unchanged", statistics.median(known["ours"].seconds) * 1e3, 20, "ms")
        scanned = self.table("Unchanged, but touched: everything is read", {
            "ours": ([], f"touch {self.database}; {self.ours} backup"),
            "ours, 1 thread": ([], f"touch {self.database}; {self.ours} backup -j 1"),
            "cat": cat,
        }, self.size)
        print(f"  ours, touched / cat: {self.ratio(scanned, 'cat', 'ours'):.2f} times")

    def restore(self, what):
        out, peer = self.path("restored"), self.path("peer")
        measured = self.table(f"Restoring {what}, everything synced", {
            "ours": ([], f"{self.ours} restore -q shop --to {out} --force && sync {out}"),
            "ours, 1 thread": ([], f"{self.ours} restore -q shop --to {out} --force -j 1 && sync {out}"),
            "cp": (["cp"], f"cp {self.database} {peer} && sync {peer}"),
            "restic": (["restic"], f"{self.restic} restore latest --target {peer}.d && sync -f {peer}.d"),
        }, self.size, [out, peer, f"{peer}.d{self.copy}"], twice=True)
        self.at_most("ours / cp", self.ratio(measured, "cp", "ours"), 1.5, "times")
        shell(f"{self.ours} restore -q shop --to {out} --force")
        same = filecmp.cmp(self.database, out, shallow=False)
        self.missed += not same
        print(f"  target: every byte comes back: {'met' if same else 'MISSED'}")
        os.unlink(out)

    def memory(self):
        print("\nMemory")
        elsewhere(click_database.update, self.database, 0.01, 50)
        self.within_memory("1 % changed", f"{self.ours} backup")
        self.within_memory("restore", f"{self.ours} restore -q shop --to {self.path('restored')} --force")
        self.within_memory("first backup", f"{self.ours} backup --new-chain")

    def all(self):
        self.first()
        self.restore("the first backup")
        self.unchanged()
        self.share()
        self.hours()
        self.restore("the newest of all these backups")
        self.memory()


class PostgresPeers(BackupPeers):
    """A cluster of its own with clicks and conversions."""

    def __init__(self, program, rounds, megabytes, place, programs):
        connection = f"host={place}/run port=5432 user=postgres dbname=postgres"
        super().__init__(program, rounds, place, [
            f'name = "{mode}"\nkind = "postgres"\nmode = "{mode}"\nconninfo = "{connection}"\n'
            for mode in ("physical", "logical")])
        os.chmod(place, 0o711)
        self.programs = programs
        self.connection = connection
        self.megabytes = megabytes
        self.data = self.path("data")
        self.server = None
        # PostgreSQL refuses to run as root.
        nobody = "--reuid=nobody --regid=nogroup --clear-groups " if os.geteuid() == 0 else ""
        self.user = nobody and f"setpriv {nobody}"
        self.dependent_user = f"setpriv --pdeathsig=KILL {nobody}"
        for name in ("data", "run", "repository", "spool", "lock", "log"):
            os.mkdir(self.path(name), 0o700)
            self.hand_over(self.path(name))
        os.chmod(self.path("run"), 0o755)
        self.version = pgbackrest_version()
        self.blocks = tuple(int(part) for part in self.version.split(".")[:2]) >= BLOCKS_SINCE
        with open(self.path("pgbackrest.conf"), "w", encoding="ascii") as out:
            out.write(f"[global]\nrepo1-path={self.path('repository')}\nrepo1-cipher-type=aes-256-cbc\n"
                      "repo1-cipher-pass=x\nrepo1-retention-full=9\ncompress-type=zst\nprocess-max=2\nstart-fast=y\n"
                      + ("repo1-bundle=y\nrepo1-block=y\n" if self.blocks else "") +
                      f"lock-path={self.path('lock')}\nlog-path={self.path('log')}\nlog-level-file=off\n"
                      f"spool-path={self.path('spool')}\n[peer]\npg1-path={self.data}\n"
                      f"pg1-socket-path={self.path('run')}\npg1-port=5432\npg1-user=postgres\n")
        self.pgbackrest = f"{self.user}pgbackrest --config={self.path('pgbackrest.conf')} --stanza=peer"

    def hand_over(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, "nobody", "nogroup")

    @contextlib.contextmanager
    def running(self):
        shell(f"{self.user}{self.programs}/initdb -D {self.data} -U postgres -A trust --no-sync --data-checksums "
              "-E UTF8 --locale=C --no-instructions > /dev/null")
        archive = self.has("pgbackrest")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="ascii") as out:
            out.write(f"listen_addresses = ''\nunix_socket_directories = '{self.path('run')}'\nautovacuum = off\n"
                      "max_wal_size = 4GB\ncheckpoint_timeout = 30s\n"
                      + (f"archive_mode = on\narchive_command = 'pgbackrest --config={self.path('pgbackrest.conf')} "
                         "--stanza=peer archive-push %p'\n" if archive else ""))
        with open(self.path("server.log"), "wb") as log:
            self.server = subprocess.Popen(
                [*self.dependent_user.split(), f"{self.programs}/postgres", "-D", self.data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            shell(f"for i in $(seq 100); do {self.programs}/pg_isready -q -d '{self.connection}' && exit; sleep 0.1; "
                  f"done; cat {self.path('server.log')} >&2; exit 1")
            if archive:
                shell(f"{self.pgbackrest} stanza-create")
            shell(f"{sys.executable} {click_database.__file__} copy {self.megabytes} | {self.psql}")
            self.settle()
            yield
        finally:
            self.server.send_signal(signal.SIGINT)
            self.server.wait()

    @property
    def psql(self):
        return f"{self.programs}/psql -Xq -v ON_ERROR_STOP=1 '{self.connection}'"

    def sql(self, statements):
        shell(f"{self.psql} -o /dev/null <<'END'\n{statements}\nEND")

    def rows_of(self, table):
        return int(subprocess.run(f"{self.psql} -At -c 'SELECT count(*) FROM {table}'", shell=True, check=True,
                                  text=True, capture_output=True).stdout)

    def settle(self):
        """Nothing to be written, nothing to be archived."""
        self.sql("SELECT pg_switch_wal(); CHECKPOINT;")
        while any(name.endswith(".ready") for name in os.listdir(f"{self.data}/pg_wal/archive_status")):
            time.sleep(0.1)

    @property
    def size(self):
        return size_of(f"{self.data}/base")

    def refusal(self):
        """Why our program does not back this up; empty when it does."""
        run = subprocess.run(f"{self.ours} backup physical", shell=True, text=True, capture_output=True)
        return "" if run.returncode == 0 else run.stderr.strip()

    def back_up(self, steps, kind, ours):
        commands = {"ours": (f"{self.ours} backup physical {ours}", self.store)}
        if self.has("pgbackrest"):
            commands["pgBackRest"] = (f"{self.pgbackrest} --type={kind} backup", f"{self.path('repository')}/backup")
        self.turn(steps, commands)

    def at_most_times(self, what, steps, most):
        if "pgBackRest" in steps:
            self.at_most(f"{what}, ours / pgBackRest", self.ratio(steps, "pgBackRest", "ours"), most, "times")

    def first(self):
        steps = {}
        for _ in range(ROUNDS_OF_CHANGES):
            self.back_up(steps, "full", "--new-chain")
        self.show(f"First backup, {ROUNDS_OF_CHANGES} times", steps, self.size)
        self.at_most_times("first", steps, 1)

    def churn(self, seed):
        """One row after another, each in a transaction of its own, as applications do."""
        script = self.path("churn.sql")
        for table, change in (("click", "state = 1 + :id % 8, cost = cost + 1"), ("conversion", "value = value + 7")):
            rows = self.rows_of(table)
            with open(script, "w", encoding="ascii") as out:
                out.write(f"\\set id random(1, {rows} - 1)\nUPDATE {table} SET {change} WHERE id = :id;\n")
            shell(f"PGOPTIONS='-c synchronous_commit=off' {self.programs}/pgbench -n -M prepared -t {rows // 100} "
                  f"--random-seed={seed} -f {script} '{self.connection}' > /dev/null 2>&1")

    def share(self):
        steps = {}
        for number in range(ROUNDS_OF_CHANGES):
            self.churn(number)
            self.settle()
            self.back_up(steps, "incr", "")
        self.show(f"1 % of the clicks and conversions changed, anywhere, checkpointed; {ROUNDS_OF_CHANGES} times one "
                  "after another", steps, self.size)
        print(f"  ours, MB each time: {', '.join(f'{each / 1e6:.3f}' for each in steps['ours'].bytes)}")
        if "pgBackRest" in steps:
            archived = size_of(f"{self.path('repository')}/archive")
            print(f"  pgBackRest's archive of WAL, {archived / 1e6:.0f} MB so far, is not counted; ours includes the "
                  "WAL that it needs")
            self.fewer("ours / pgBackRest incr", steps["ours"].bytes, steps["pgBackRest"].bytes, 18)
        self.at_most_times("1 % changed", steps, 1)

    def unchanged(self):
        """Ours last: that of pgBackRest writes a little to the cluster, as ours does when it is not the mark that
        speaks. Some seconds later, for the server has something to add."""
        theirs, ours = {}, {}
        if self.has("pgbackrest"):
            for _ in range(ROUNDS_OF_CHANGES):
                self.turn(theirs, {"pgBackRest": (f"{self.pgbackrest} --type=incr backup",
                                                  f"{self.path('repository')}/backup")})
        for title, wait in (("at once", 0), (f"{QUIET_AFTER} s later", QUIET_AFTER)):
            shell(f"{self.ours} backup physical")
            time.sleep(wait)
            self.turn(ours, {f"ours, {title}": (f"{self.ours} backup physical",
                                                f"{self.store}/sources/physical/packs")})
        self.show("Unchanged", {**ours, **theirs}, self.size)
        for name, step in ours.items():
            if "pgBackRest" in theirs:
                share = step.seconds[0] / statistics.median(theirs["pgBackRest"].seconds)
                self.at_most(f"{name} / pgBackRest", share * 100, 2, "%")
            self.at_most(f"{name}, bytes of content", step.bytes[0], 0, "bytes")

    def restore(self):
        out, peer = self.path("restored"), self.path("peer")
        commands = {"ours": (f"{self.ours} restore -q physical --to-directory {out} && sync -f {out}",
                             self.path("none"))}
        if self.has("pgbackrest"):
            commands["pgBackRest"] = (f"{self.pgbackrest} --log-level-console=off --pg1-path={peer} restore && "
                                      f"sync -f {peer}", self.path("none"))
        steps = {}
        for _ in range(ROUNDS_OF_CHANGES):
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(peer, ignore_errors=True)
            os.mkdir(peer, 0o700)
            self.hand_over(peer)
            self.turn(steps, commands)
        self.show("Restoring the newest backup, everything synced", steps, self.size)
        self.at_most_times("restore", steps, 0.67)  # 1 / 1.5
        # What says where tablespaces were is not a part of what comes back.
        same = subprocess.run(f"{self.programs}/pg_verifybackup --no-parse-wal --quiet --ignore=tablespace_map {out}",
                              shell=True).returncode == 0
        self.missed += not same
        print(f"  target: pg_verifybackup finds nothing wrong: {'met' if same else 'MISSED'}")

    def dump(self):
        steps = {}
        out = self.path("dumps")
        os.mkdir(out)
        commands = {"pg_dump -Fc > file": (f"{self.programs}/pg_dump -Fc -d '{self.connection}' > {out}/dump", out)}
        if subprocess.run(f"{self.ours} backup -q logical", shell=True, capture_output=True).returncode == 0:
            commands["ours, mode = logical"] = (f"{self.ours} backup logical --new-chain", self.store)
        self.turn(steps, commands)
        self.show("As text, for information", steps, self.size)

    def all(self):
        with self.running():
            print(f"clicks of {self.size / 1e6:.0f} MB, data checksums; processor time is without the server's")
            if self.has("pgbackrest"):
                print(f"pgBackRest {self.version}: archive_mode = on with its archive-push, aes-256-cbc, zst, "
                      f"process-max = 2,\nstart-fast, block increments {'on' if self.blocks else 'not in it'}")
            why = self.refusal()
            if why:
                print(f"left out, our program cannot yet: {why}")
                return
            self.first()
            self.share()
            self.unchanged()
            self.restore()
            print("\nMemory")
            self.within_memory("first backup of the cluster", f"{self.ours} backup physical --new-chain")
            self.dump()


def pgbackrest_version():
    if shutil.which("pgbackrest") is None:
        return "0"
    return subprocess.run(["pgbackrest", "version"], check=True, text=True, capture_output=True).stdout.split()[-1]


def postgres_programs():
    for major in range(30, 12, -1):
        directory = f"/usr/lib/postgresql/{major}/bin"
        if os.path.exists(f"{directory}/postgres") and os.path.exists(f"{directory}/pgbench"):
            return directory
    return None


def descendants(process):
    with contextlib.suppress(OSError), open(f"/proc/{process}/task/{process}/children", encoding="ascii") as children:
        for child in children.read().split():
            yield from descendants(int(child))
            yield int(child)


def end_descendants():
    """What they were about to write is of no use."""
    running = list(descendants(os.getpid()))
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    while any(os.path.exists(f"/proc/{process}") for process in running):
        time.sleep(0.01)


@contextlib.contextmanager
def scratch(disk):
    """A directory that is gone afterwards, whatever was at work in it when the measuring was ended."""
    place = tempfile.mkdtemp(prefix="trackier-peers.", dir=disk)
    try:
        yield place
    finally:
        end_descendants()
        shutil.rmtree(place)


def measure(program, rounds, megabytes, disk, sqlite=SqlitePeers, postgres=PostgresPeers):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    missed = 0
    programs = postgres_programs()
    for title, make in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        if make is postgres and programs is None:
            print("\nnot installed, left out: PostgreSQL")
            continue
        with scratch(disk) as place:
            print(f"\n== {title}, {place}")
            started = time.monotonic()
            more = (programs,) if make is postgres else ()
            peers = make(program, rounds, megabytes, place, *more)
            peers.all()
            print(f"\n{time.monotonic() - started:.0f} s")
            if peers.missing:
                print(f"not installed, left out: {', '.join(sorted(peers.missing))}")
            missed += peers.missed
    return missed
