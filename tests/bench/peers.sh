#!/bin/sh
# Times whole runs of trackier-ctl against other programs on the same files, in turn, and prints each target
# of the project beside what was measured.
#
#   tests/bench/peers.sh [anonymize|sealing|backup|verify|scope [MEGABYTES]]  all, with 500, backup with 1000, by default
#
# Environment: TRACKIER_CTL, the program (default: build/bench or build/release); ROUNDS (5); TMPDIR, where four
# times MEGABYTES must fit (twenty times for backup and verify), best on the disk you care about; TRACKIER_SHARED, a folder with
# data/logs of real logs to repeat in place of the samples. Needs python3; peers that are not installed are left
# out and named.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for program in "${TRACKIER_CTL:-}" "$root/build/bench/cli/trackier-ctl" "$root/build/release/cli/trackier-ctl"; do
  [ -n "$program" ] && [ -x "$program" ] && break
  program=
done
[ -n "$program" ] || {
  echo "peers.sh: no trackier-ctl; build one with: cmake --preset bench && cmake --build --preset bench" >&2
  exit 66
}
command -v python3 >/dev/null || { echo 'peers.sh: python3 is missing' >&2; exit 69; }
for what in ${1:-anonymize sealing backup verify scope}; do
  [ "$what" = backup ] && megabytes=1000 || megabytes=500
  python3 "$here/peers.py" --program "$program" --root "$root" --rounds "${ROUNDS:-5}" "$what" "${2:-$megabytes}"
done
