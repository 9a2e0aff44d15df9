#!/usr/bin/env bash
# Debian packages that Recur needs, and their installation.
#
#   deploy/packages.sh list GROUP...     prints the names
#   deploy/packages.sh install GROUP...  installs those that are missing
#
# Groups: build (compile), test (run the tests), runtime (run the binaries),
# image (prove the container image), bench (measure beside a Python server),
# bench-node (and beside a Node server, where npm is not there already).
set -euo pipefail

build=(
  build-essential ca-certificates ccache cmake git libabsl-dev
  libbenchmark-dev libcivetweb-dev libcli11-dev libcurl4-openssl-dev
  libdnnl-dev libeigen3-dev libgrpc++-dev libhiredis-dev libprotobuf-dev
  librocksdb-dev libspdlog-dev libssl-dev libxxhash-dev ninja-build
  nlohmann-json3-dev pkg-config prometheus-cpp-dev protobuf-compiler protobuf-compiler-grpc
  zlib1g-dev
)
test=(clang-format haproxy libgmock-dev libgtest-dev nginx-light openssl python3
  python3-grpcio python3-protobuf redis-server tzdata)
runtime=(
  libabsl20220623 libcivetweb1 libdnnl2 libgomp1 libgrpc++1.51 libhiredis0.14
  libprometheus-cpp-core1.0 libprotobuf32 librocksdb7.8 libspdlog1.10 libssl3
  libxxhash0 tzdata
)
bench=(libopenblas0-pthread python3 python3-grpcio python3-numpy
  python3-protobuf python3-torch util-linux)
bench_node=(nodejs npm)
image=(buildah curl mmdebstrap podman prometheus runc)

usage() {
  sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

[ $# -ge 2 ] || usage
action=$1
shift
names=()
for group in "$@"; do
  case "$group" in
    build) names+=("${build[@]}") ;;
    test) names+=("${test[@]}") ;;
    runtime) names+=("${runtime[@]}") ;;
    bench) names+=("${bench[@]}") ;;
    bench-node) names+=("${bench_node[@]}") ;;
    image) names+=("${image[@]}") ;;
    *) usage ;;
  esac
done

missing() {
  for name in "${names[@]}"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null |
      grep -q 'ok installed' || printf '%s\n' "$name"
  done
}

case "$action" in
  list) printf '%s\n' "${names[@]}" ;;
  install)
    mapfile -t wanted < <(missing)
    [ ${#wanted[@]} -gt 0 ] || exit 0
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
      command -v sudo >/dev/null || {
        echo "missing packages, and neither root nor sudo to install them:" >&2
        printf '  %s\n' "${wanted[@]}" >&2
        exit 1
      }
      as_root=(sudo)
    fi
    echo "installing ${#wanted[@]} Debian packages ..."
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if ! "${as_root[@]}" apt-get -qq update >"$log" 2>&1 ||
      ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "${wanted[@]}" \
        >>"$log" 2>&1; then
      cat "$log" >&2
      echo "the packages could not be installed" >&2
      exit 1
    fi
    ;;
  *) usage ;;
esac
