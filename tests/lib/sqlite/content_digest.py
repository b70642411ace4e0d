#!/usr/bin/env python3
"""The digests of the tables of a SQLite database as trackier-proof(5), DIGESTS, defines them, computed
without anything of the program: a line for each table, its name in hexadecimal digits, its rows, its
digest. Names have to be UTF-8.

  content_digest.py DATABASE KEY    KEY: in hexadecimal digits
"""
import hmac
import sqlite3
import struct
import sys

ORDINARY, STORED = 0, 3


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def encoded(kind, value):
    if kind == "null":
        return b"\0"
    if kind == "integer":
        return b"\1" + struct.pack(">q", value)
    if kind == "real":
        return b"\2" + struct.pack(">d", value)
    tag = {"text": b"\3", "blob": b"\4"}[kind]
    return tag + struct.pack(">Q", len(value)) + value


def columns_of(database, table):
    info = list(database.execute(f"PRAGMA main.table_xinfo({quoted(table)})"))
    columns = [quoted(row[1].decode()) for row in info if row[6] in (ORDINARY, STORED)]
    has_rowid = not list(database.execute(f"PRAGMA main.index_info({quoted(table)})"))
    hidden_by = {row[1].decode().lower() for row in info}
    for name in ("rowid", "oid", "_rowid_"):
        if has_rowid and name not in hidden_by:
            return [name] + columns
    return columns


def digest_of(database, table, key):
    columns = columns_of(database, table)
    # A text as the bytes it is stored as, and the type of each value.
    asked = ", ".join(f"typeof({c}), CASE typeof({c}) WHEN 'text' THEN CAST({c} AS BLOB) ELSE {c} END"
                      for c in columns)
    rows = 0
    total = 0
    for values in database.execute(f"SELECT {asked} FROM main.{quoted(table)}"):
        row = b"".join(encoded(values[i].decode(), values[i + 1]) for i in range(0, len(values), 2))
        total += int.from_bytes(hmac.digest(key, row, "sha256"), "big")
        rows += 1
    name = table.encode()
    message = (b"content" + struct.pack("<Q", len(name)) + name + struct.pack("<Q", rows) +
               (total % 2**256).to_bytes(32, "big"))
    return rows, hmac.digest(key, message, "sha256").hex()


def main():
    database = sqlite3.connect(sys.argv[1])
    database.text_factory = bytes
    key = bytes.fromhex(sys.argv[2])
    tables = [row[0].decode() for row in
              database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")]
    for table in sorted(tables):
        rows, digest = digest_of(database, table, key)
        print(table.encode().hex(), rows, digest)


main()
