#!/usr/bin/env bash
# From a fresh Debian 12 to a live forecast: installs what is missing, builds,
# trains three small models, serves them, streams a year of weather as a
# sensor would, classifies a few log lines, and stops.
#
#   deploy/quickstart.sh [--keep] [--retrain]
#     --keep     leave the server running and say how to call it
#     --retrain  train again even if the models are there
#
# Everything it makes is under build/: the programs in build/release, models,
# logs and prepared data in build/quickstart.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=false
retrain=false
for argument in "$@"; do
  case "$argument" in
    --keep) keep=true ;;
    --retrain) retrain=true ;;
    *)
      sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
      [ "$argument" = --help ] && exit 0
      exit 2
      ;;
  esac
done

work=build/quickstart
bin=build/release
models=$work/models
examples=deploy/examples
mkdir -p "$work" "$models"
server_pid=

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

# Shows a command as a reader would type it, then runs it.
run() {
  local shown=${1#"$bin"/} argument
  for argument in "${@:2}"; do
    case "$argument" in
      *' '*) shown+=" \"$argument\"" ;;
      *) shown+=" $argument" ;;
    esac
  done
  printf '\033[1m$ %s\033[0m\n' "$shown"
  "$@"
}

fail() {
  echo "$*" >&2
  exit 1
}

stop_server() {
  [ -n "$server_pid" ] || return 0
  kill -TERM "$server_pid" 2>/dev/null || true
  wait "$server_pid" || fail "recur-server did not stop cleanly"
  server_pid=
}

# The first of ten ports from $1 on that nobody listens on.
free_port() {
  local port
  for ((port = $1; port < $1 + 10; ++port)); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  fail "no free port from $1 to $(($1 + 9))"
}

build() {
  ./deploy/packages.sh install build
  if ! cmake --preset release >"$work/configure.log" 2>&1; then
    cat "$work/configure.log" >&2
    fail "configuring failed"
  fi
  cmake --build --preset release -- --quiet
}

# Seven days of sensor values before and on each day, labelled with that day's
# kind of weather: id, date, precipitation, temperatures, wind, label.
prepare_weeks() {
  awk -F, '
    NR == 1 { print "id," $1 "," $2 "," $3 "," $4 "," $5 ",label"; next }
    { row[NR] = $1 "," $2 "," $3 "," $4 "," $5; kind[NR] = $6 }
    NR >= 8 {
      for (i = NR - 6; i <= NR; ++i) print NR - 7 "," row[i] "," kind[NR]
    }' "$examples/seattle_weather.csv" >"$work/weather_weeks.csv"
}

# train NAME ARGUMENT...
train() {
  local name=$1
  shift
  if [ -d "$models/$name" ] && ! $retrain; then
    echo "$name is trained: $models/$name"
    return
  fi
  run "$bin/recur-train" "$@" --out "$models/$name"
}

train_all() {
  prepare_weeks
  train weather forecast --data "$examples/seattle_weather.csv" --time date \
    --target temp_max --features precipitation,temp_min,wind --horizon 7 \
    --test-rows 364
  train weather-kind classify --data "$work/weather_weeks.csv" \
    --sequence-id id --time date --test-rows 364 \
    --features precipitation,temp_max,temp_min,wind --label label
  train maintenance classify --data "$examples/maintenance_log.csv" \
    --text text --label label
}

start_server() {
  local grpc http
  grpc=$(free_port 8001)
  http=$(free_port $((grpc == 8001 ? 8002 : grpc + 1)))
  export RECUR_SERVER=127.0.0.1:$grpc
  metrics=http://127.0.0.1:$http/metrics
  "$bin/recur-server" --models "$models" --listen "127.0.0.1:$grpc" \
    --http "127.0.0.1:$http" >"$work/server.log" 2>&1 &
  server_pid=$!
  local try
  for try in $(seq 100); do
    "$bin/recur" health >/dev/null 2>&1 && return
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/server.log" >&2
  fail "recur-server did not start"
}

show_metrics() {
  local host=${metrics#http://}
  local port=${host#*:}
  exec 3<>"/dev/tcp/127.0.0.1/${port%/*}"
  printf 'GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
  grep -E '^recur_(steps_total|sequence_steps_total|sessions_total|batch_rows_(sum|count)|step_seconds_(sum|count)|model_loads_total)' <&3
  exec 3<&-
}

say "Packages and programs"
build
say "Three models"
train_all
say "The server"
start_server
trap stop_server EXIT
run "$bin/recur" models
say "A year of weather as a live sensor: each day observed, each week forecast"
run "$bin/recur" stream --model weather --csv "$examples/seattle_weather.csv" \
  --last 364 --session "quickstart-$$" --forecast --plot
say "Log lines"
run "$bin/recur" classify --model maintenance \
  "hydraulic oil on the floor under the press" \
  "fuse blown again in the control cabinet" \
  "bearing of the exhaust fan is too hot to touch"
say "What Prometheus would see (a few lines of $metrics)"
show_metrics
if $keep; then
  trap - EXIT
  disown "$server_pid"
  cat <<TEXT

The server goes on as process $server_pid, on $RECUR_SERVER; its log is
$work/server.log. Try:
  export RECUR_SERVER=$RECUR_SERVER
  $bin/recur models
  $bin/recur forecast --model weather --csv $examples/seattle_weather.csv
  $bin/recur classify --model maintenance "water drips from the pump"
  kill $server_pid
TEXT
else
  stop_server
  trap - EXIT
  say "Stopped. Run it again with --keep to go on playing."
fi
