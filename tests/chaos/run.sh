#!/usr/bin/env bash
# Kills servers under load and holds every answer against an uninterrupted run;
# README.md beside this file says how.
#
#   tests/chaos/run.sh [--long] [--json FILE] [--only KIND] [--cycles N]
#     --long       200, 100, 50, 50, 20 and 20 cycles: some 10 minutes
#     --json FILE  write the figures
#     --only KIND  rocksdb, redis, redis-server, failover, haproxy or nginx
#     --cycles N   so many of each kind
#
# Takes the newest recur-server of build/release and build/dev, and builds what
# is not there.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")/../.."

pass=()
limit=180
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help)
      sed -n '2,12s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    --long)
      limit=2400
      pass+=("$1")
      ;;
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

chaos=build/dev/tests/recur_chaos
server=build/release/recur-server
[ build/dev/recur-server -nt "$server" ] && server=build/dev/recur-server
if [ ! -x "$chaos" ] || [ ! -x "$server" ]; then
  targets=(recur_chaos)
  if [ ! -x "$server" ]; then
    server=build/dev/recur-server
    targets+=(recur-server)
  fi
  cmake --preset dev >&2
  cmake --build --preset dev --target "${targets[@]}" >&2
fi

# Whatever ends it, nothing stays behind.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
echo "server: $server"
timeout "$limit" "$chaos" --server "$server" "${pass[@]}"
