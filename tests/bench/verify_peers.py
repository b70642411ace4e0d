"""The measurements of peers.sh for verify: drills beside what the peers have in their place."""

import os

import backup_peers
from backup_peers import PostgresPeers, SqlitePeers


class SqliteDrills(SqlitePeers):
    """restic and borg read all that they have stored and compare hashes; nobody restores, or compares rows."""

    def all(self):
        self.begin_again()
        self.back_up({}, "backup --new-chain")
        restic, borg = "restic check --read-data", "borg check --verify-data"
        measured = self.table("All data of the only backup read and checked", {
            "ours, --level data": ([], f"{self.ours} verify -q shop --level data"),
            "ours, restored and rows compared": ([], f"{self.ours} verify -q shop"),
            restic: (["restic"], f"{self.restic} check --read-data"),
            borg: (["borg"], f"{self.borg} check --verify-data {self.borg_repository('borg')}"),
        }, self.size)
        self.compare(measured, "ours, --level data", {restic: 5, borg: 8})


class PostgresDrills(PostgresPeers):
    """What is restored comes back in a server of its own, and is compared; pg_restore has one that runs already, and
    compares nothing."""

    def all(self):
        os.chmod(self.path("state"), 0o711)  # the drill's place is in it, and PostgreSQL is another user
        with self.running():
            print(f"clicks of {self.size / 1e6:.0f} MB, data checksums; processor time is without the server's")
            self.back_up_both()
            restored = self.connection.replace("dbname=postgres", "dbname=restored")
            files, dump, peer = "ours, the cluster's files", "ours, a dump", "pg_restore -j2"
            measured = self.table("Everything checked, rows compared; and a dump only restored", {
                files: ([], f"{self.ours} verify -q physical"),
                dump: ([], f"{self.ours} verify -q logical"),
                peer: ([], f"{self.programs}/psql -Xqo /dev/null '{self.connection}' -c 'DROP DATABASE IF EXISTS restored' "
                           f"-c 'CREATE DATABASE restored' && {self.programs}/pg_restore -j2 -d '{restored}' "
                           f"{self.path('dump')}"),
            }, self.size)
            self.at_most(f"{files} / {peer}", self.ratio(measured, peer, files), 0.9, "times")
            print(f"  {dump} / {peer}: {self.ratio(measured, peer, dump):.2f} times")

    def back_up_both(self):
        steps = {}
        self.turn(steps, {
            "ours, the cluster's files": (f"{self.ours} backup physical", self.store),
            "ours, a dump": (f"{self.ours} backup logical", self.store),
            "pg_dump -Fc": (f"{self.programs}/pg_dump -Fc -d '{self.connection}' > {self.path('dump')}", self.path("none")),
        })
        self.show("The backups, with digests; and the peer's", steps, self.size)


def measure(program, rounds, megabytes, disk):
    return backup_peers.measure(program, rounds, megabytes, disk, SqliteDrills, PostgresDrills)
