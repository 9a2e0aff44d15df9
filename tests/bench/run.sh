#!/usr/bin/env bash
# Measures Recur beside the machine, its own engine, an echo server and two
# servers as one would write them without it. Installs and builds what that
# takes, then runs every scenario: some 18 minutes, with nothing else running.
#
#   tests/bench/run.sh [--json FILE] [--only KEY[,KEY]] [--quick] [--no-build]
#     --json FILE      write the figures, and all they were computed from
#     --only KEY,...   only these figures (an unknown one lists them)
#     --quick          short runs (3 minutes): a look, not a result
#     --no-build       take what is built and installed
#
# README.md beside this file says what each figure means.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")/../.."

say() { printf '\n== %s ==\n' "$*" >&2; }

no_build=false
only=
pass=()
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help)
      sed -n '2,12s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    --no-build) no_build=true ;;
    --json)
      [ $# -ge 2 ] || { echo "--json needs a file" >&2; exit 2; }
      case "$2" in
        /*) pass+=(--json "$2") ;;
        *) pass+=(--json "$called_from/$2") ;;
      esac
      shift
      ;;
    --only)
      [ $# -ge 2 ] || { echo "--only needs a figure" >&2; exit 2; }
      only=$2
      pass+=(--only "$2")
      shift
      ;;
    *) pass+=("$1") ;;
  esac
  shift
done

logs=build/bench-logs
mkdir -p "$logs"

# Runs a command with its output in a log, which is shown if it fails.
quietly() {
  local log=$logs/$1.log
  shift
  "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
}

build() {
  say "build"
  ./deploy/packages.sh install build test
  quietly configure cmake --preset release -DRECUR_BENCH=ON
  cmake --build --preset release -- --quiet
}

write_models() {
  rm -rf build/bench-models
  build/release/tests/bench/recur_bench_models build/bench-models
}

peers=tests/bench/peers

prepare_python() {
  ./deploy/packages.sh install bench &&
    quietly peer-models /usr/bin/python3 $peers/write_models.py \
      build/bench/peers 64 128
}

prepare_node() {
  command -v npm >/dev/null || ./deploy/packages.sh install bench-node || return
  [ -d $peers/node/node_modules ] ||
    quietly npm sh -c "cd $peers/node &&
      npm install --no-package-lock --no-audit --no-fund \
        --onnxruntime-node-install=skip"
}

# A peer that cannot be prepared is left out, with a message; the rest runs.
without=()
prepare_peer() {
  local peer=$1
  if ! "prepare_$peer" >&2; then
    echo "the $peer peer cannot be prepared: its figures are left out" >&2
    without+=("$peer")
  fi
}

$no_build || build
write_models
say "peers"
if [[ -n $only && $only != *_peer* ]]; then
  echo "none is asked for" >&2
elif $no_build; then
  [ -d $peers/node/node_modules ] || without+=(node)
else
  prepare_peer python
  prepare_peer node
fi
say "measure"
if [ ${#without[@]} -gt 0 ]; then
  pass+=(--without "$(IFS=,; echo "${without[*]}")")
fi
exec /usr/bin/python3 tests/bench/run_scenarios.py "${pass[@]}"
