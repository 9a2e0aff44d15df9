#!/usr/bin/env bash
# Measures an epoch of training beside PyTorch's, and two cores beside one.
# Installs and builds what that takes; some 3 minutes, with nothing else
# running.
#
#   tests/bench/training/run.sh [--json FILE] [--pairs N] [--no-build]
#     --json FILE   write the figures, and all they were computed from
#     --pairs N     measure each pair N times (7)
#     --no-build    take what is built and installed
#
# ../README.md says what each figure means.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")/../../.."

no_build=false
pass=()
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help)
      sed -n '2,11s/^# \{0,1\}//p' "$0"
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
    *) pass+=("$1") ;;
  esac
  shift
done

build=build/release
if ! $no_build; then
  ./deploy/packages.sh install build bench
  cmake --preset release -DRECUR_BENCH=ON >/dev/null
  cmake --build --preset release --target recur_bench_training -- --quiet
fi
exec /usr/bin/python3 tests/bench/training/run.py \
  --tool "${RECUR_BENCH_TRAINING:-$build/tests/bench/recur_bench_training}" \
  "${pass[@]}"
