#!/usr/bin/env bash
# Proves the container image and the scrape without a Docker engine: makes a
# Debian base image with mmdebstrap, builds the Dockerfile with buildah, runs it
# with podman (non-root, read-only root, no capabilities), asks for health and
# a forecast, checks the metrics with promtool, lets a real Prometheus scrape
# it, and stops it with SIGTERM. Needs root. Takes about ten minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

base=localhost/recur-base:bookworm
image=localhost/recur:test
container=recur-image-test-$$
grpc=18001
http=18002
prometheus_port=18003
work=$(mktemp -d)
prometheus_pid=

log() { printf '\n== %s\n' "$*"; }
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

clean_up() {
  [ -z "$prometheus_pid" ] || kill "$prometheus_pid" 2>/dev/null || true
  podman_quiet rm -f "$container" || true
  rm -rf "$work"
}
podman_quiet() { podman --runtime runc --cgroup-manager=cgroupfs "$@" >/dev/null 2>&1; }
trap clean_up EXIT

# until_true SECONDS COMMAND...: tries once a second.
until_true() {
  local seconds=$1
  shift
  while ((seconds-- > 0)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 1
  done
  return 1
}

in_container() {
  podman --runtime runc --cgroup-manager=cgroupfs exec "$container" "$@"
}

[ "$(id -u)" -eq 0 ] || fail "image_test.sh needs root"
./deploy/packages.sh install image

log "base image"
if ! buildah inspect "$base" >/dev/null 2>&1; then
  mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm \
    "$work/base.tar"
  from=$(buildah from scratch)
  buildah add -q "$from" "$work/base.tar" /
  buildah commit -q "$from" "$base"
  buildah rm "$from" >/dev/null
fi

log "image"
buildah bud --isolation chroot --format docker --pull-never \
  --build-arg "BASE=$base" -t "$image" . >"$work/bud.log" 2>&1 || {
  tail -50 "$work/bud.log" >&2
  fail "the image does not build"
}
podman image inspect --format '{{.Config.User}} {{.Size}} bytes' "$image"
[ "$(podman image inspect --format '{{.Config.User}}' "$image")" = 10001:10001 ] ||
  fail "the image does not run as its own user"

log "a model, trained in the image"
mkdir "$work/models"
chmod 777 "$work/models"
run=(podman --runtime runc --cgroup-manager=cgroupfs run
  --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --network host
  --read-only --cap-drop ALL)
"${run[@]}" --rm --entrypoint recur-train \
  -v "$PWD/deploy/examples:/examples:ro" -v "$work/models:/models" "$image" \
  forecast --data /examples/seattle_weather.csv --time date \
  --target temp_max --features precipitation,temp_min,wind --horizon 7 \
  --test-rows 364 --out /models/weather >"$work/train.log" 2>&1 || {
  cat "$work/train.log" >&2
  fail "training in the image failed"
}
tail -12 "$work/train.log"

log "the server"
"${run[@]}" -d --name "$container" -v "$work/models:/models:ro" \
  "$image" --listen "127.0.0.1:$grpc" --http "127.0.0.1:$http" >/dev/null
in_container_health() { in_container recur --server "127.0.0.1:$grpc" health; }
until_true 30 in_container_health || {
  podman logs "$container" >&2
  fail "the server did not become healthy"
}
in_container_health
[ "$(in_container id -u)" = 10001 ] || fail "it runs as another user"
in_container touch /models/x 2>/dev/null && fail "the root is not read-only"
"${run[@]}" --rm --entrypoint recur -v "$PWD/deploy/examples:/examples:ro" \
  "$image" --server "127.0.0.1:$grpc" forecast --model weather \
  --csv /examples/seattle_weather.csv || fail "no forecast"

log "metrics"
curl -fsS "http://127.0.0.1:$http/metrics" >"$work/metrics.txt"
promtool check metrics <"$work/metrics.txt" || fail "promtool objects"
echo "promtool finds nothing to object to in $(grep -vc '^#' "$work/metrics.txt") series"

log "a real Prometheus"
sed "s/127.0.0.1:8002/127.0.0.1:$http/; s/15s/1s/" deploy/prometheus.yml \
  >"$work/prometheus.yml"
promtool check config "$work/prometheus.yml" >/dev/null
prometheus --config.file="$work/prometheus.yml" \
  --storage.tsdb.path="$work/tsdb" \
  --web.listen-address="127.0.0.1:$prometheus_port" \
  >"$work/prometheus.log" 2>&1 &
prometheus_pid=$!
scraped() {
  curl -fsS "http://127.0.0.1:$prometheus_port/api/v1/query" \
    --data-urlencode 'query=recur_build_info' | grep -q '"job":"recur"'
}
until_true 30 scraped || {
  cat "$work/prometheus.log" >&2
  fail "Prometheus did not scrape it"
}
curl -fsS "http://127.0.0.1:$prometheus_port/api/v1/query" \
  --data-urlencode 'query=up{job="recur"}'
echo

log "SIGTERM"
podman --runtime runc --cgroup-manager=cgroupfs kill --signal TERM "$container" \
  >/dev/null
code=$(podman --runtime runc --cgroup-manager=cgroupfs wait "$container")
[ "$code" = 0 ] || fail "it left with exit code $code"
echo "exit code 0"
log "image_test: all passed"
