"""Makes databases of clicks and conversions, as an ad platform has them, and changes them as an hour does.
With the standard library alone; the same numbers give the same database.

  click_database.py sqlite MEGABYTES PATH   makes a database of SQLite
  click_database.py copy MEGABYTES          writes the same rows for psql
"""

import random
import sqlite3
import sys

START = 1_790_000_000
CAMPAIGNS = 400
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 "
          "Mobile/15E148 Safari/604.1",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 "
          "Safari/537.36",
          "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile "
          "Safari/537.36"]
BYTES_A_CLICK = {"sqlite": 395, "copy": 480}  # with its indexes
A_TRANSACTION = 200_000  # clicks
CLICKS_A_CONVERSION = 30


def connect(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -1000000")
    return database


def click(chance, number):
    return (number, START + number // 40, f"{chance.getrandbits(128):032x}",
            f"{chance.randrange(1, 224)}.{chance.randrange(256)}.{chance.randrange(256)}.0",
            chance.randrange(CAMPAIGNS), chance.choice(AGENTS), f"https://shop{chance.randrange(50)}.example/p/"
            f"{chance.randrange(100000)}?ref=ad{chance.randrange(5000)}", f"https://www.news{chance.randrange(300)}.example/articles/"
            f"{chance.randrange(10**7)}-what-to-wear.html", chance.randrange(1, 900), 0)


def conversions(chance, first, count):
    """Of so many clicks: click, at, value."""
    for _ in range(count // CLICKS_A_CONVERSION):
        yield first + chance.randrange(count), START + (first + count) // 40, chance.randrange(10000)


def parts(clicks):
    """First click and number of clicks of each transaction."""
    for first in range(0, clicks, A_TRANSACTION):
        yield first, min(A_TRANSACTION, clicks - first)


def make(path, megabytes, seed=1):
    """A database of about so many megabytes in WAL mode; returns how many clicks it has."""
    chance = random.Random(seed)
    database = connect(path)
    database.executescript("""
        PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 100000;
        CREATE TABLE click (id INTEGER PRIMARY KEY, at INTEGER, visitor TEXT, ip TEXT, campaign INTEGER,
                            agent TEXT, url TEXT, referrer TEXT, cost INTEGER, state INTEGER);
        CREATE TABLE conversion (id INTEGER PRIMARY KEY, click INTEGER, at INTEGER, value INTEGER, currency TEXT);
        CREATE TABLE stat (campaign INTEGER, hour INTEGER, clicks INTEGER, cost INTEGER,
                           PRIMARY KEY (campaign, hour)) WITHOUT ROWID;
        CREATE INDEX click_at ON click (at);
        CREATE INDEX click_visitor ON click (visitor);
        CREATE INDEX click_ip ON click (ip);
        CREATE INDEX click_campaign ON click (campaign, at);
        CREATE INDEX conversion_click ON conversion (click);
        CREATE INDEX conversion_at ON conversion (at);""")
    clicks = megabytes * 1_000_000 // BYTES_A_CLICK["sqlite"]
    for first, count in parts(clicks):
        append(database, chance, first, count)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return clicks


def append(database, chance, first, count):
    database.execute("BEGIN")
    database.executemany("INSERT INTO click VALUES (?,?,?,?,?,?,?,?,?,?)",
                         (click(chance, number) for number in range(first, first + count)))
    database.executemany("INSERT INTO conversion (click, at, value, currency) VALUES (?,?,?,'EUR')",
                         conversions(chance, first, count))
    database.executemany("INSERT INTO stat VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET clicks = clicks + 1",
                         ((chance.randrange(CAMPAIGNS), (START + first // 40) // 3600, 1, chance.randrange(900))
                          for _ in range(CAMPAIGNS)))
    database.execute("COMMIT")


def size_of(database):
    return database.execute("SELECT max(id) + 1 FROM click").fetchone()[0]


def update(path, share, seed):
    """Changes a share of the clicks and conversions, anywhere."""
    chance = random.Random(seed)
    database = connect(path)
    clicks = size_of(database)
    database.execute("BEGIN")
    database.executemany("UPDATE click SET state = ?, cost = cost + 1 WHERE id = ?",
                         ((chance.randrange(1, 9), chance.randrange(clicks)) for _ in range(int(clicks * share))))
    conversions = database.execute("SELECT max(id) FROM conversion").fetchone()[0]
    database.executemany("UPDATE conversion SET value = value + 7 WHERE id = ?",
                         ((chance.randrange(1, conversions),) for _ in range(int(conversions * share))))
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def hour(path, seed):
    """Appends 0.2 % and changes as many among the newest 2 %."""
    chance = random.Random(seed)
    database = connect(path)
    clicks = size_of(database)
    count = clicks // 500
    append(database, chance, clicks, count)
    database.execute("BEGIN")
    database.executemany("UPDATE click SET state = ? WHERE id = ?",
                         ((chance.randrange(1, 9), clicks - chance.randrange(clicks // 50)) for _ in range(count)))
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def copy(out, megabytes, seed=1):
    """The statements that make tables of about so many megabytes in PostgreSQL."""
    chance = random.Random(seed)
    out.write("""
        CREATE TABLE click (id bigint, at bigint, visitor text, ip text, campaign integer, agent text, url text,
                            referrer text, cost integer, state integer);
        CREATE TABLE conversion (id bigint GENERATED ALWAYS AS IDENTITY, click bigint, at bigint, value integer,
                                 currency text DEFAULT 'EUR');\n""")
    for first, count in parts(megabytes * 1_000_000 // BYTES_A_CLICK["copy"]):
        for table, rows in (("click", (click(chance, number) for number in range(first, first + count))),
                            ("conversion (click, at, value)", conversions(chance, first, count))):
            out.write(f"COPY {table} FROM stdin;\n")
            out.writelines("\t".join(map(str, row)) + "\n" for row in rows)
            out.write("\\.\n")
    out.write("""
        ALTER TABLE click ADD PRIMARY KEY (id);
        ALTER TABLE conversion ADD PRIMARY KEY (id);
        CREATE INDEX ON click (at);
        CREATE INDEX ON click (visitor);
        CREATE INDEX ON click (ip);
        CREATE INDEX ON click (campaign, at);
        CREATE INDEX ON conversion (click);
        CREATE INDEX ON conversion (at);\n""")


def main(kind, megabytes, path=None):
    if kind == "copy":
        copy(sys.stdout, int(megabytes))
    else:
        print(make(path, int(megabytes)), "clicks")


if __name__ == "__main__":
    main(*sys.argv[1:])
