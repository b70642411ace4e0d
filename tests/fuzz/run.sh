#!/bin/sh
# Fuzzes every target, or replays what was found before. Installs nothing.
#
#   tests/fuzz/run.sh [SECONDS_PER_TARGET [TARGET...]]     5 by default
#   tests/fuzz/run.sh replay                               only the corpus
#
# What breaks a promise is kept as build/fuzz/found/TARGET-crash-...; once it is mended, put the file, made small
# with `fuzz_TARGET -minimize_crash=1 -runs=10000 FILE`, into tests/fuzz/corpus/TARGET under a name that says what
# it is. With TRACKIER_FUZZ_STRICT=1 a second run over a result must change nothing, even if it is noise: much is
# found that way, and some of it matters. TRACKIER_FUZZ_RUNS=N tries the same N inputs every time.
set -eu
cd "$(dirname "$0")/../.."

missing=
command -v clang++-14 >/dev/null || missing="$missing clang-14"
command -v cmake >/dev/null || missing="$missing cmake"
command -v ninja >/dev/null || missing="$missing ninja-build"
[ -e /usr/include/nlohmann/json.hpp ] || missing="$missing nlohmann-json3-dev"
ls /usr/lib/llvm-14/lib/clang/14*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 || missing="$missing libclang-rt-14-dev"
if [ -n "$missing" ]; then
  echo "run.sh: missing Debian packages:$missing" >&2
  exit 69
fi

# A few inputs are tried sooner than a faster program is built.
[ -n "${TRACKIER_FUZZ_RUNS:-}" ] && optimised=-O0 || optimised=-O1
cmake --preset fuzz -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$optimised -g" >/dev/null
cmake --build --preset fuzz --target fuzzers
programs=build/fuzz/tests/fuzz
corpus=tests/fuzz/corpus
"$programs/fuzz_replay" "$corpus" >/dev/null || {
  status=$?
  echo 'run.sh: the corpus breaks a promise; the last line names the file:' >&2
  "$programs/fuzz_replay" "$corpus" 2>/dev/null | tail -n 1 >&2
  exit "$status"
}
echo "the corpus keeps every promise: $(find "$corpus" -type f | wc -l) files"
[ "${1:-}" != replay ] || exit 0

seconds=${1:-5}
same_inputs=${TRACKIER_FUZZ_RUNS:+-seed=1 -runs=$TRACKIER_FUZZ_RUNS}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(ls "$corpus")
found=build/fuzz/found
mkdir -p "$found"

fuzz() { # TARGET
  grown=build/fuzz/grown/$1
  mkdir -p "$grown"
  # New inputs go to the first directory; the corpus of the project is only read.
  if nice -n 15 "$programs/fuzz_$1" -max_total_time="$seconds" $same_inputs -timeout=20 -rss_limit_mb=1024 \
      -print_final_stats=1 -artifact_prefix="$found/$1-" "$grown" "$corpus/$1" >"$found/$1.log" 2>&1
  then
    echo "$1: nothing found in $(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$1.log") runs"
  else
    echo "$1: $(grep -aE '^broken promise|SUMMARY|ERROR: libFuzzer' "$found/$1.log" | head -n 1)"
    ls -t "$found/$1"-*-* | head -n 1
    return 1
  fi
}

workers=$(nproc)
fuzz_every() { # FIRST TARGET...: of the targets every one that is this worker's turn
  turn=$1
  shift
  status=0
  for target; do
    [ "$turn" -ne 0 ] || fuzz "$target" || status=1
    turn=$(((turn + 1) % workers))
  done
  return "$status"
}

pids=
for worker in $(seq 0 $((workers - 1))); do
  fuzz_every "$worker" "$@" &
  pids="$pids $!"
done
status=0
for pid in $pids; do
  wait "$pid" || status=1
done
exit "$status"
