"""Runs deploy/examples/client.py against a real recur-server.

usage: python_client_test.py SOURCE_DIR BINARY_DIR

Generates the stubs as the example says, lets tiny_model write a model whose
forecast is the last value, and compares what the example prints. Exit code 77
(skipped) where gRPC for Python or its plugin is not installed.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

SKIPPED = 77


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def generate_stubs(source, out):
    plugin = shutil.which("grpc_python_plugin")
    protoc = shutil.which("protoc")
    if not plugin or not protoc:
        skip("protoc or grpc_python_plugin is not installed")
    proto = source / "proto"
    files = sorted((proto / "recur/v1").glob("*.proto"))
    files += sorted((proto / "google/rpc").glob("*.proto"))
    subprocess.run(
        [protoc, "-I", proto, f"--python_out={out}", f"--grpc_python_out={out}",
         f"--plugin=protoc-gen-grpc_python={plugin}", *files], check=True)


def start_server(binary, models):
    """Returns the process and its gRPC port, once it serves."""
    server = subprocess.Popen(
        [binary / "recur-server", "--models", models, "--listen", "127.0.0.1:0",
         "--http", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        found = re.search(r"serves gRPC on \S+ \(port (\d+)\)", line)
        if found:
            return server, found.group(1)
    server.wait()
    sys.exit("recur-server ended before it served")


def main():
    source, binary = map(pathlib.Path, sys.argv[1:])
    try:
        import grpc  # noqa: F401
        import google.protobuf  # noqa: F401
    except ImportError as error:
        skip(error)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        stubs = folder / "stubs"
        stubs.mkdir()
        generate_stubs(source, stubs)
        subprocess.run([binary / "tests/tiny_model", folder / "models"],
                       check=True)
        data = folder / "data.csv"
        data.write_text("date,temp,wind\n2012-01-01,12.5,1\n2012-01-02,-3,\n")
        server, port = start_server(binary, folder / "models")
        try:
            result = subprocess.run(
                [sys.executable, source / "deploy/examples/client.py",
                 f"127.0.0.1:{port}", "tiny", data],
                env={**os.environ, "PYTHONPATH": str(stubs)},
                stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        finally:
            server.send_signal(signal.SIGTERM)
            server.stderr.read()
            code = server.wait(timeout=60)
    print(result.stdout)
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"session \S+ on tiny 1", lines[0]), lines[0]
    assert lines[1:] == ["2012-01-01 12.5 12.5 12.5",
                         "2012-01-02 -3.0 -3.0 -3.0"], lines[1:]
    assert code == 0, f"recur-server left with code {code}"


if __name__ == "__main__":
    main()
