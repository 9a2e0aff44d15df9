#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "recur/v1/recur.pb.h"
#include "server/rpc/stream_items.h"
#include "tests/bench/bench_servable.h"
#include "tests/bench/models.h"
#include "tests/bench/parts.h"

namespace recur {
namespace {

constexpr int kHidden = 64;
constexpr int kAnswerWindow = 4;

// Sessions attached to handles 0, 1, ...: what a stream has after its attaches.
absl::StatusOr<Bindings> Attach(int count) {
  const auto model = BenchServable(kHidden);
  if (!model.ok()) return model.status();
  Bindings bindings;
  for (int i = 0; i < count; ++i) {
    bindings[i] = SessionRecord::Create(absl::StrCat("sensor-", i), "", *model,
                                        kAnswerWindow);
  }
  return bindings;
}

// A message of one observation for each of `count` handles.
v1::StreamRequest Message(int count) {
  v1::StreamRequest request;
  v1::Items* items = request.mutable_items();
  for (int i = 0; i < count; ++i) {
    items->add_handle(i);
    items->add_first_step(1000);
    for (int k = 0; k < kBenchInputs; ++k) items->add_values(0.1f * k);
  }
  return request;
}

// Bytes -> protobuf -> a sealed batch.
void Decode(benchmark::State& state, int count) {
  const auto bindings = Attach(count);
  if (!bindings.ok()) {
    return state.SkipWithError(bindings.status().ToString().c_str());
  }
  const std::string bytes = Message(count).SerializeAsString();
  v1::StreamRequest request;
  StreamBatch batch;
  for (auto _ : state) {
    request.ParseFromString(bytes);
    auto status = DecodeItems(request, *bindings, &batch);
    benchmark::DoNotOptimize(status);
    batch.Clear();
  }
  state.SetItemsProcessed(state.iterations() * count);
}

// The acks of a batch -> protobuf -> bytes.
void Encode(benchmark::State& state, int count) {
  const auto bindings = Attach(count);
  if (!bindings.ok()) {
    return state.SkipWithError(bindings.status().ToString().c_str());
  }
  StreamBatch batch;
  const auto status = DecodeItems(Message(count), *bindings, &batch);
  if (!status.ok()) return state.SkipWithError(status.ToString().c_str());
  for (ItemResult& result : batch.results) {
    result.step = result.applied_step = 1000;
  }
  v1::StreamResponse response;
  std::string bytes;
  for (auto _ : state) {
    response.Clear();
    for (int place = 0; place < count; ++place) {
      AppendReply(batch, place, response.mutable_replies());
    }
    response.SerializeToString(&bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * count);
}

}  // namespace

void RegisterStreamBenchmarks() {
  for (const int count : {1, 256}) {
    benchmark::RegisterBenchmark(
        absl::StrCat("decode/", count).c_str(),
        [count](benchmark::State& state) { Decode(state, count); });
    benchmark::RegisterBenchmark(
        absl::StrCat("encode/", count).c_str(),
        [count](benchmark::State& state) { Encode(state, count); });
  }
}

}  // namespace recur
