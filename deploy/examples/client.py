#!/usr/bin/python3
"""Streams a CSV file into a session and prints a forecast after each row.

  sudo apt install python3-grpcio python3-protobuf protobuf-compiler-grpc
  mkdir -p stubs && cd proto && protoc -I. --python_out=../stubs \\
      --grpc_python_out=../stubs --plugin=protoc-gen-grpc_python=$(which \\
      grpc_python_plugin) recur/v1/*.proto google/rpc/*.proto && cd ..
  PYTHONPATH=stubs deploy/examples/client.py 127.0.0.1:8001 weather FILE.csv
"""
import csv
import datetime
import sys

import grpc
from recur.v1 import models_pb2, models_pb2_grpc, recur_pb2, recur_pb2_grpc

server, name, path = sys.argv[1:]
channel = grpc.insecure_channel(server)
recur = recur_pb2_grpc.RecurStub(channel)
models = models_pb2_grpc.ModelsStub(channel)
model = models.GetModel(models_pb2.GetModelRequest(model=name)).model
session = recur.OpenSession(recur_pb2.OpenSessionRequest(model=name)).session
print("session", session.session_id, "on", session.model, session.version)
for step, row in enumerate(csv.DictReader(open(path)), start=1):
    day = datetime.datetime.fromisoformat(row["date"] + "T00:00:00+00:00")
    observation = recur_pb2.Sequence(  # An empty cell becomes NaN, which is
        # refused in a column that was never missing in the training file.
        values_f64=[float(row[i.name] or "nan") for i in model.inputs],
        time_us=[int(day.timestamp()) * 1_000_000])
    # The step number makes it safe to send this again if no answer comes.
    reply = recur.Observe(recur_pb2.ObserveRequest(
        session_id=session.session_id, first_step=step,
        observations=observation, want=recur_pb2.WANT_FORECAST), timeout=10)
    print(row["date"], *(f"{value:.1f}" for value in reply.forecast.point))
recur.CloseSession(recur_pb2.CloseSessionRequest(session_id=session.session_id))
