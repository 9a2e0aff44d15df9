#!/usr/bin/env bash
# Makes what the peers need beside Debian's packages: the Node packages, in
# node/node_modules, and the models, in build/bench/peers.
#
#   tests/bench/peers/prepare.sh [HIDDEN...]     64 and 128 if none is given
#
# Debian packages: nodejs npm (Node 20 or newer), libopenblas0-pthread
# protobuf-compiler protobuf-compiler-grpc python3-grpcio python3-numpy
# python3-protobuf python3-torch.
set -euo pipefail
cd "$(dirname "$0")"

sizes=("$@")
[ ${#sizes[@]} -gt 0 ] || sizes=(64 128)

# ONNX Runtime's own install step would fetch what only GPUs need.
if ! (cd node && npm ls --silent >/dev/null 2>&1); then
  (cd node && npm install --no-package-lock --no-audit --no-fund \
    --loglevel=error --onnxruntime-node-install=skip)
fi
exec /usr/bin/python3 write_models.py ../../../build/bench/peers "${sizes[@]}"
