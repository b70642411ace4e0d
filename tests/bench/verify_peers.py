"""The measurements of peers.sh for verify: drills beside what the peers have in their place."""

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
    """A dump comes back in a server of its own and is compared, where pg_restore has one that runs already."""

    def all(self):
        with self.running():
            print(f"pgbench -s {self.scale}, {self.size / 1e6:.0f} MB; processor time is without the server's")
            self.back_up_logical()
            restored = self.connection.replace("dbname=postgres", "dbname=restored")
            peer = "pg_restore -j2"
            measured = self.table("A logical backup restored", {
                "ours, rows compared": ([], f"{self.ours} verify -q logical"),
                peer: ([], f"{self.programs}/psql -Xqo /dev/null '{self.connection}' -c 'DROP DATABASE IF EXISTS restored' "
                           f"-c 'CREATE DATABASE restored' && {self.programs}/pg_restore -j2 -d '{restored}' "
                           f"{self.path('dump')}"),
            }, self.size)
            self.at_most("ours / pg_restore -j2", self.ratio(measured, peer, "ours, rows compared"), 0.9, "times")

    def back_up_logical(self):
        steps = {}
        self.turn(steps, {
            "ours": (f"{self.ours} backup logical", self.store),
            "pg_dump -Fc": (f"{self.programs}/pg_dump -Fc -d '{self.connection}' > {self.path('dump')}", self.path("none")),
        })
        self.show("The backup, with digests; and the peer's", steps, self.size)


def measure(program, rounds, megabytes, disk):
    return backup_peers.measure(program, rounds, megabytes, disk, SqliteDrills, PostgresDrills)
