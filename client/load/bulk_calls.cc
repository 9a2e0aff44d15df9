#include "client/load/bulk_calls.h"

#include <random>

#include "absl/strings/str_format.h"
#include "client/sdk/status_conversion.h"
#include "model/spec/error_reason.h"

namespace recur::load {
namespace {

v1::ClassifyRequest MakeRequest(const BulkCalls::Options& options) {
  v1::ClassifyRequest request;
  request.set_model(options.model);
  request.set_top_k(1);
  v1::Sequence* sequence = request.add_sequences();
  std::mt19937_64 random(options.seed);
  std::uniform_real_distribution<float> value(-1.0f, 1.0f);
  for (int i = 0; i < options.steps * options.features; ++i) {
    sequence->add_values(value(random));
  }
  return request;
}

}  // namespace

BulkCalls::BulkCalls(const Options& options, EventLoop* loop,
                     LoadConnection* connection, LoadStats* stats)
    : options_(options),
      loop_(loop),
      connection_(connection),
      stats_(stats),
      stub_(v1::Recur::NewStub(connection->channel())),
      request_(MakeRequest(options)) {}

void BulkCalls::Start() {
  for (int i = 0; i < options_.in_flight; ++i) {
    Call* call = &calls_.emplace_back();
    call->on_done = [this, call](bool) { OnDone(call); };
    Next(call);
  }
}

void BulkCalls::Next(Call* call) {
  call->context.emplace();
  loop_->HoldForTurn(connection_);
  call->sent = loop_->now();
  call->reader =
      stub_->AsyncClassify(&*call->context, request_, loop_->queue());
  call->reader->Finish(&call->response, &call->status, &call->on_done);
}

// A call that is refused is tried again, as a client under load would: but
// one that could never succeed ends the run.
void BulkCalls::OnDone(Call* call) {
  if (cancelled_) return;
  if (call->status.ok()) {
    stats_->OnBulkDone(loop_->now(), options_.steps);
  } else {
    const absl::Status status = client::ToAbslStatus(call->status);
    stats_->OnError(call->sent, status);
    if (!absl::IsResourceExhausted(status)) {
      stats_->Fail(WithPrefix(
          absl::StrFormat("classifying with model \"%s\": ", options_.model),
          status));
      return;
    }
  }
  Next(call);
}

void BulkCalls::Cancel() {
  cancelled_ = true;
  for (Call& call : calls_) call.context->TryCancel();
}

}  // namespace recur::load
