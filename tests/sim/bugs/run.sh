#!/bin/bash
# Tests the simulator: breaks the product on purpose, in one way after the
# other, and counts how often that is noticed.
#
#   tests/sim/bugs/run.sh [--json FILE] [--seeds N] [--only NAME]
#
# Each *.patch here is one bug. It is applied to a copy of the source tree in a
# temporary directory, where the simulator is built and run until it finds a
# violation, for at most N seeds (2000). A patch that does not apply is an
# error: it is to be made anew. Exit code 0 if every bug was caught, 1 if one
# was not, 2 if something went wrong. With --only the violation is told in full,
# with its shortest list of faults. BUILD_JOBS says how many compilers run.
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
json= seeds=2000 only= shrink=--no-shrink
while [ $# -gt 0 ]; do
  case $1 in
    --json) json=$2; shift 2 ;;
    --seeds) seeds=$2; shift 2 ;;
    --only) only=$2 shrink=; shift 2 ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree log=$scratch/log
mkdir "$tree"
# What git would see, committed or not.
(cd "$root" && git ls-files -co --exclude-standard -z |
  tar --null --ignore-failed-read -cf - -T -) | tar -xf - -C "$tree" || exit 2
cd "$tree" || exit 2
# What is the same as in another tree is not compiled again.
export CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=1

fail() {
  echo "$1" >&2
  tail -n 40 "$log" >&2
  exit 2
}

build() {
  cmake --build build/dev --target recur_sim -j "${BUILD_JOBS:-1}" \
    > "$log" 2>&1
}

cmake --preset dev > "$log" 2>&1 || fail "cannot configure"
build || fail "cannot build the simulator"
build/dev/tests/sim/recur_sim --seeds 50 > "$log" 2>&1 ||
  fail "the simulator finds something in the product as it is"

bugs=0 caught=0 rows=
printf '%-31s %-7s %-42s %8s\n' bug seed "violates" seconds
for patch in "$here"/*.patch; do
  bug=$(basename "$patch" .patch)
  [ -z "$only" ] || [ "$only" = "$bug" ] || continue
  bugs=$((bugs + 1))
  patch -p1 -s -F0 --dry-run < "$patch" > "$log" 2>&1 ||
    fail "$bug.patch does not apply any more"
  patch -p1 -s -F0 < "$patch"
  build || fail "cannot build with $bug.patch"
  began=$(date +%s.%N)
  timeout 300 build/dev/tests/sim/recur_sim --seeds "$seeds" --stop-after 1 \
    $shrink > "$log" 2>&1
  code=$?
  seconds=$(awk -v a="$began" -v b="$(date +%s.%N)" \
    'BEGIN { printf "%.2f", b - a }')
  seed=- what="not caught"
  if [ $code -eq 1 ] && grep -q '^seed ' "$log"; then
    seed=$(sed -n 's/^seed \([0-9]*\) violates.*/\1/p' "$log" | head -n 1)
    what=$(sed -n 's/^seed [0-9]* violates "\([^"]*\)".*/\1/p' "$log" |
      head -n 1)
    caught=$((caught + 1))
  elif [ $code -ne 0 ]; then
    fail "the simulator ends with code $code under $bug.patch"
  fi
  printf '%-31s %-7s %-42s %8s\n' "$bug" "$seed" "$what" "$seconds"
  rows="$rows${rows:+, }{\"bug\": \"$bug\", \"seed\": \"$seed\",
    \"violates\": \"$what\", \"seconds\": $seconds}"
  [ -z "$only" ] || sed '/^$/,$d' "$log"
  patch -p1 -s -R < "$patch"
done
echo "$caught of $bugs caught"
if [ -n "$json" ]; then
  printf '{"seeded_bugs": %d, "seeded_bugs_caught": %d, "bugs": [%s]}\n' \
    "$bugs" "$caught" "$rows" > "$json"
fi
[ "$bugs" -gt 0 ] && [ "$caught" -eq "$bugs" ]
