#!/bin/sh
# Checks what a compiler does not: layout, the manual, and what clang-tidy knows.
#
#   tests/check.sh            the .cpp files that differ from the last commit
#   tests/check.sh FILE...    these
#   tests/check.sh --all      all of lib/ and cli/; takes minutes
#
# Layout and manual are always checked whole. clang-tidy reads compile_commands.json from the
# directory that TRACKIER_BUILD names, build/dev if it is not set; without one it is configured.
set -eu
cd "$(dirname "$0")/.."
build=${TRACKIER_BUILD:-build/dev}
jobs=${TRACKIER_JOBS:-$(nproc)}

program() { # the first of these that is installed
  for each in "$@"; do
    if command -v "$each"; then return 0; fi
  done
  echo "tests/check.sh: $1 is not installed" >&2
  return 1
}
format=$(program clang-format-14 clang-format)
tidy=$(program clang-tidy-14 clang-tidy)
mandoc=$(program mandoc)

echo "layout ($format)"
find lib cli tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 "$format" --dry-run -Werror

echo "manual ($mandoc)"
"$mandoc" -Tlint -W warning man/*.[1-8]

case ${1-} in
  --all) files=$(find lib cli -name '*.cpp') ;;
  '') files=$({ git diff --name-only --diff-filter=d HEAD; git ls-files --others --exclude-standard; } |
        grep -E '^(lib|cli)/.*\.cpp$' || true) ;;
  *) files=$* ;;
esac
if [ -z "$files" ]; then
  echo "clang-tidy: no file to look at"
  exit 0
fi
[ -f "$build/compile_commands.json" ] || cmake --preset dev -B "$build" > /dev/null
echo "clang-tidy ($tidy, $(echo "$files" | wc -w) files)"
# What it is compiled with is for g++: clang need not know all its warnings.
echo "$files" | tr ' ' '\n' | xargs -P "$jobs" -n 1 "$tidy" --quiet -p "$build" \
  --extra-arg=-Wno-unknown-warning-option
