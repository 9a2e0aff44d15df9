"""The Python classes of recur.v1, made by protoc when they are asked for."""
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROTO = pathlib.Path(__file__).resolve().parents[3] / "proto"
FILES = ("recur/v1/recur.proto", "google/rpc/status.proto")


def load():
    """Returns the modules recur_pb2 and recur_pb2_grpc."""
    plugin = shutil.which("grpc_python_plugin")
    if not plugin or not shutil.which("protoc"):
        sys.exit("protoc or grpc_python_plugin is not installed")
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(
            ["protoc", "-I", PROTO, f"--python_out={out}",
             f"--grpc_python_out={out}",
             f"--plugin=protoc-gen-grpc_python={plugin}", *FILES], check=True)
        sys.path.insert(0, out)
        try:
            return (importlib.import_module("recur.v1.recur_pb2"),
                    importlib.import_module("recur.v1.recur_pb2_grpc"))
        finally:
            sys.path.remove(out)
