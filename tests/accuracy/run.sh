#!/usr/bin/env bash
# Trains on real data sets with the defaults and judges the test parts.
#
#   tests/accuracy/run.sh [--json FILE] [--seeds N] [--data DIR] [--served]
#                         [--search MINUTES] [SET...]
#
# Builds recur-train (and recur-server) into build/release. DIR holds the data
# sets; ../shared/data beside the repository unless told. Three seeds and all
# sets unless told: half an hour or so on two cores.
set -euo pipefail
cd "$(dirname "$0")/../.."
case " $* " in
  *" --help "* | *" -h "*) exec /usr/bin/python3 tests/accuracy/run.py --help ;;
esac
./deploy/packages.sh install build test
mkdir -p build
cmake --preset release >build/release.configure.log 2>&1 || {
  cat build/release.configure.log >&2
  exit 1
}
cmake --build --preset release --target recur-train recur-server -- --quiet
exec /usr/bin/python3 tests/accuracy/run.py --bin build/release "$@"
