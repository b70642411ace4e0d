"""The measurements of peers.sh for breach scope. Nobody else counts people per customer, so jq counts records."""

import random
import statistics
import subprocess
import tempfile

from measure import Comparison, peak_resident

LINES = 10_000_000  # of the target: 25 s and 1 GiB
WINDOW = "--from 2026-11-01T00:00:00Z --to 2026-11-20T00:00:00Z"


class ScopePeers(Comparison):
    def __init__(self, program, rounds, megabytes, place):
        super().__init__(rounds, place)
        self.program = f"env XDG_STATE_HOME={place}/state TRACKIER_CONFIG={place}/settings.toml '{program}'"
        self.log = self.path("clicks.jsonl")
        with open(self.path("settings.toml"), "w", encoding="ascii") as settings:
            settings.write("[breach]\n")
        self.lines, self.size = self.write(megabytes * 2**20)
        opened = subprocess.run(["sh", "-c", f"{self.program} breach open measured"], check=True, text=True,
                                stdout=subprocess.PIPE)
        self.incident = opened.stdout.split()[0]

    def write(self, size):
        """Clicks of 200 customers, a quarter of them exposed; each line about 290 bytes."""
        dice = random.Random(1)
        agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile"
        written = lines = 0
        with open(self.log, "w", encoding="ascii") as log:
            while written < size:
                person = dice.randrange(200_000)
                written += log.write(
                    f'{{"ts":"2026-11-{1 + lines % 28:02}T{lines % 24:02}:{lines % 60:02}:00Z",'
                    f'"tenant_id":"t{dice.randrange(200):03}","country":"{"DE IN SG GB".split()[person % 4]}",'
                    f'"method":"GET","path":"{"/export/clicks" if lines % 4 == 0 else "/report"}",'
                    f'"status":{200 if lines % 9 else 403},"gaid":"{person:08x}-0000-4000-8000-00000000{person % 9999:04}",'
                    f'"agent":"{agent}","ref":"{person:032x}"}}\n')
                lines += 1
        return lines, written

    def all(self):
        wanted = 'select(.status == 200 and (.path | contains("/export"))) | .tenant_id'
        ours = f"breach scope with {self.lines:,} lines"
        scope = (f"{self.program} breach scope {self.incident} --logs {self.log} {WINDOW} "
                 "--exposed 'status == 200 && path ~ \"/export\"' --person gaid")
        measured = self.table("Whom it touches, by customer and country", {
            ours: ([], f"{scope} > {self.path('ours')}"),
            "jq and sort, records alone": (["jq"], f"jq -r '{wanted}' {self.log} | sort | uniq -c > {self.path('jq')}"),
        }, self.size)
        seconds = statistics.median(measured[ours].seconds) * LINES / self.lines
        self.at_most(f"{LINES:,} lines, by proportion", seconds, 25, "seconds")
        self.at_most("resident", peak_resident(scope + ' > /dev/null'), 1024, "MiB")


def measure(program, rounds, megabytes, disk):
    with tempfile.TemporaryDirectory(prefix="trackier-scope-", dir=disk) as place:
        peers = ScopePeers(program, rounds, megabytes, place)
        peers.all()
        return peers.missed
