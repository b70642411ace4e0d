#!/bin/sh
# Builds everything and runs all tests, having installed the Debian packages that are missing.
#
#   tests/run.sh            all of it: about 40 minutes on two cores
#   tests/run.sh --quick    the sanitizer build and its tests alone
#
# Longer campaigns have scripts of their own: tests/fuzz/run.sh and tests/bench/peers.sh.
set -eu
cd "$(dirname "$0")/.."
export CTEST_OUTPUT_ON_FAILURE=1

step() { printf '\n== %s\n' "$*"; }

configure() { # PRESET [SETTING...]
  cmake --preset "$@" -DTRACKIER_WERROR=ON >"build-$1.log" 2>&1 || { cat "build-$1.log"; exit 1; }
  rm -f "build-$1.log"
}

step 'packages'
.ci/install-packages test

step 'formatting and manual pages'
tests/check.sh

step 'address and undefined-behaviour sanitizers'
configure dev
cmake --build --preset dev
ctest --preset dev --label-exclude long
[ "${1-}" != --quick ] || exit 0

step 'release'
configure release -DTRACKIER_UNIT_TESTS=OFF
cmake --build --preset release
ctest --preset release

step 'thread sanitizer'
configure tsan
cmake --build --preset tsan --target test_flow test_os test_envelope test_anonymize test_scope
ctest --preset tsan --tests-regex 'lib-(flow|os|envelope)'
threaded() { # AREA TEST...: of a large area the tests that have threads
  area=$1
  shift
  build/tsan/tests/lib/test_"$area" --source-file="$(printf '*/%s_test.cpp,' "$@")"
}
threaded anonymize job check long_records
threaded scope count

step 'fuzzing'
TRACKIER_FUZZ_RUNS=3000 tests/fuzz/run.sh 6  # the same inputs every time: a change is judged by what it changes

step 'package'
(cd build/release && cpack -G DEB >/dev/null && ls ./*.deb)
