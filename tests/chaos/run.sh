#!/usr/bin/env bash
# Kills servers under load and holds every answer against an uninterrupted run;
# README.md beside this file says how.
#
#   tests/chaos/run.sh [--long] [--json FILE] [--only KIND] [--cycles N]
#     --long       many cycles, and all else that shows that sessions survive:
#                  the simulator, seeded bugs, what storing costs; six minutes
#                  once all is built
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
long=false
kills_only=false
json=
limit=180
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help)
      sed -n '2,14s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    --long)
      long=true
      limit=2400
      pass+=("$1")
      ;;
    --json)
      [ $# -ge 2 ] || { echo "--json needs a file" >&2; exit 2; }
      case "$2" in
        /*) json=$2 ;;
        *) json=$called_from/$2 ;;
      esac
      shift
      ;;
    --only)
      kills_only=true
      pass+=("$1")
      ;;
    *) pass+=("$1") ;;
  esac
  shift
done
$kills_only && long=false

chaos=build/dev/tests/recur_chaos
sim=build/dev/tests/sim/recur_sim
targets=()
[ -x "$chaos" ] || targets+=(recur_chaos)
[ -x build/release/recur-server ] || [ -x build/dev/recur-server ] ||
  targets+=(recur-server)
$long && targets=(recur_chaos recur_sim recur-server)
if [ ${#targets[@]} -gt 0 ]; then
  cmake --preset dev >&2
  cmake --build --preset dev --target "${targets[@]}" -- --quiet >&2
fi
server=build/release/recur-server
[ build/dev/recur-server -nt "$server" ] && server=build/dev/recur-server

# Whatever ends it, nothing stays behind.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
echo "server: $server"

kill_servers() {
  timeout "$limit" "$chaos" --server "$server" "${pass[@]}" "$@"
}

if ! $long; then
  kill_servers ${json:+--json "$json"}
  exit
fi

# One part after the other, whatever becomes of each; the report says what is
# missing.
parts=$TMPDIR/parts
mkdir "$parts"
failed=()
part() {
  local name=$1 what=$2 began=$SECONDS code=0
  shift 2
  printf '\n== %s (%d:%02d so far) ==\n' "$what" $((SECONDS / 60)) \
    $((SECONDS % 60))
  "$@" --json "$parts/$name.json" || code=$?
  printf '== %s: %d s, exit code %d ==\n' "$name" $((SECONDS - began)) "$code"
  [ "$code" -eq 0 ] || failed+=("$name")
}

export OMP_NUM_THREADS=1
BUILD_JOBS=$(nproc)
export BUILD_JOBS
part kills "servers are killed under load" kill_servers
part simulator "10,000 seeds in virtual time" \
  timeout 3600 "$sim" --seeds 10000
part bugs "bugs are planted, and found" \
  timeout 3600 tests/sim/bugs/run.sh
part cost "what storing costs" timeout 3600 tests/bench/run.sh \
  --only rocksdb_over_memory,restart_million_seconds
printf '\n== all, in %d:%02d ==\n' $((SECONDS / 60)) $((SECONDS % 60))
/usr/bin/python3 tests/chaos/long_report.py "$parts" ${json:+--json "$json"} ||
  failed+=(table)
[ ${#failed[@]} -eq 0 ] || { echo "not as promised: ${failed[*]}"; exit 1; }
