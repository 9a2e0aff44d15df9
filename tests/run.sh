#!/usr/bin/env bash
# Installs what the tests need, builds, and runs them:
#   dev   every test
#   asan  every test under AddressSanitizer and UndefinedBehaviorSanitizer
#   tsan  the rooms below the transport that have threads, under
#         ThreadSanitizer
#
#   tests/run.sh [dev] [asan] [tsan]     all three if none is named
set -euo pipefail
cd "$(dirname "$0")/.."

presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(dev asan tsan)
for preset in "${presets[@]}"; do
  case "$preset" in
    dev | asan | tsan) ;;
    *) echo "usage: tests/run.sh [dev] [asan] [tsan]" >&2; exit 2 ;;
  esac
done

./deploy/packages.sh install build test

mkdir -p build
export OMP_NUM_THREADS=1
# What was freed is kept back for 16 MiB, not 256: a training that allocates at
# every update takes half as long.
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16
export TSAN_OPTIONS=halt_on_error=1
for preset in "${presets[@]}"; do
  printf '\n== %s: build ==\n' "$preset"
  began=$SECONDS
  cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 || {
    cat "build/$preset.configure.log" >&2
    exit 1
  }
  cmake --build --preset "$preset" -- --quiet
  printf '== %s: test (built in %d s) ==\n' "$preset" $((SECONDS - began))
  ctest --preset "$preset" -j "$(nproc)"
done
