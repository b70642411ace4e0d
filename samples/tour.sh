#!/bin/sh
# Builds trackier-ctl and shows what it does, on the samples beside this script. Installs the Debian packages
# that building needs, if any are missing; changes nothing else outside of the build directory.
set -eu
cd "$(dirname "$0")/.."

.ci/install-packages build
echo 'building (about ten minutes on two cores the first time) ...'
mkdir -p build
{ cmake --preset release -DTRACKIER_TESTS=OFF && cmake --build --preset release; } >build/tour.log 2>&1 ||
  { cat build/tour.log; exit 1; }
PATH=$PWD/build/release/cli:$PATH

# A directory to play in, where the samples are at hand.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
ln -s "$PWD/samples" "$place/samples"
cd "$place"
export XDG_STATE_HOME="$place/state"

show() {
  printf '\n$ %s\n' "$*"
  sh -c "$*"
}

printf '\n-- A web server log, a line before and after.\n'
show "sed -n 5p samples/logs/access.log"
show "trackier-ctl anonymize samples/logs/access.log -o access.anon.log"
show "sed -n 5p access.anon.log"

printf '\n-- Every sample, each in its own format.\n'
mkdir anonymized
show "trackier-ctl anonymize --report --out-dir anonymized samples/logs/*"
show "head -n 2 anonymized/clicks.jsonl"

printf '\n-- Is anybody still in it?\n'
show "trackier-ctl anonymize --check anonymized/*" && echo '(exit status 0: nobody)'
show "trackier-ctl anonymize --check samples/logs/notes.txt" || echo "(exit status $?: somebody)"

printf '\n-- One visitor, one key, two tenants: pseudonyms that cannot be joined.\n'
show "(umask 077; openssl rand -hex 32 > pseudonym.key)"
for tenant in shop adnetwork; do
  show "trackier-ctl anonymize --key file:pseudonym.key --tenant $tenant samples/logs/clicks.jsonl | head -n 1 | cut -c 1-120"
done

printf '\n-- Sealed for a key that is not here to read it; moved to the next version of the key in place.\n'
show "(umask 077; openssl rand -hex 32 > unlock.key)"
show "trackier-ctl keys new acme/encrypt --keyring k.tke --unlock unlock.key"
show "trackier-ctl keys public acme/encrypt --keyring k.tke --unlock unlock.key > acme.recipient"
show "trackier-ctl encrypt -R acme.recipient access.anon.log -o access.tke"
show "trackier-ctl inspect access.tke"
show "trackier-ctl keys rotate acme/encrypt --keyring k.tke --unlock unlock.key"
show "trackier-ctl keys rewrap access.tke --keyring k.tke --unlock unlock.key"
show "trackier-ctl keys census access.tke --keyring k.tke --unlock unlock.key"
show "trackier-ctl decrypt --keyring k.tke --unlock unlock.key access.tke -o - | cmp - access.anon.log && echo the same"

printf '\n-- A database, backed up while it is used; what the second backup stores is what has changed.\n'
show "sqlite3 shop.sqlite \"PRAGMA journal_mode = WAL; CREATE TABLE clicks (id INTEGER PRIMARY KEY, url, paid)\""
show "sqlite3 shop.sqlite \"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) INSERT INTO clicks SELECT i, '/offer/' || hex(randomblob(12)), 0 FROM n\""
show "(umask 077; openssl rand -hex 32 > house.key)"
cat > backup.toml <<END
backup.store = '$place/store'
encrypt.recipients = '$(trackier-ctl keys public --of house.key)'
source = [{ name = 'shop', kind = 'sqlite', path = '$place/shop.sqlite' }]
END
show "cat backup.toml"
export TRACKIER_CONFIG="$place/backup.toml"
show "trackier-ctl backup"
show "sqlite3 shop.sqlite \"UPDATE clicks SET paid = 1 WHERE abs(random()) % 100 = 0\""
show "trackier-ctl backup"
show "trackier-ctl backups"

printf '\n-- A mistake, and the database as it was; elsewhere the key brings it back.\n'
show "sqlite3 shop.sqlite \"DELETE FROM clicks\""
show "trackier-ctl restore shop --to again.sqlite"
show "sqlite3 again.sqlite \"SELECT count(*) FROM clicks WHERE paid\""
show "trackier-ctl restore shop --store store -i house.key --to elsewhere.sqlite && cmp again.sqlite elsewhere.sqlite && echo the same"
show "trackier-ctl prune --dry-run"

printf '\n-- A breach, three hours after the first signal: every clock, whom it touches, and a notice for each of them.\n'
export TRACKIER_CONFIG=samples/breach/incident/config.toml
show "trackier-ctl breach open 'Click exports public' --detected \$(date -u -d '3 hours ago' +%FT%TZ)"
incident=$(trackier-ctl breach list | cut -d ' ' -f 1)
show "trackier-ctl breach next $incident"
show "trackier-ctl breach aware $incident --because 'reads from outside are in the access log'"
show "trackier-ctl breach scope $incident --logs samples/breach/incident/access.jsonl --from 2026-11-20T06:15:00Z --to 2026-11-25T09:05:00Z --exposed 'status == 200 && path ~ \"/export\"' --person gaid,email_sha256"
show "trackier-ctl breach fact $incident --from samples/breach/incident/facts.json"
show "trackier-ctl breach draft $incident --duty promise.customer48"
show "trackier-ctl breach draft $incident --show D-0001 --plain | head -n 40"
show "trackier-ctl breach timeline $incident --verify"

printf '\nThe program is build/release/cli/trackier-ctl; its manual: man man/trackier-ctl-anonymize.1\n'
