#include "client/load/session_opener.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "client/load/stream_sessions.h"
#include "client/sdk/status_conversion.h"
#include "model/spec/error_reason.h"

namespace recur::load {

SessionOpener::SessionOpener(Options options, EventLoop* loop,
                             LoadConnection* connection)
    : options_(std::move(options)),
      loop_(loop),
      connection_(connection),
      stub_(v1::Recur::NewStub(connection->channel())) {}

void SessionOpener::Start() {
  for (int i = 0; i < options_.in_flight; ++i) {
    Call* call = &calls_.emplace_back();
    call->on_done = [this, call](bool) { OnDone(call); };
    Next(call);
  }
}

void SessionOpener::Next(Call* call) {
  if (next_ == options_.sessions || !failure_.ok()) return;
  call->session = next_++;
  call->context.emplace();
  loop_->HoldForTurn(connection_);
  options_.request.set_session_id(SessionId(options_.id_prefix, call->session));
  call->reader = stub_->AsyncOpenSession(&*call->context, options_.request,
                                         loop_->queue());
  call->reader->Finish(&call->response, &call->status, &call->on_done);
}

void SessionOpener::OnDone(Call* call) {
  if (call->status.ok()) {
    ++opened_;
  } else if (failure_.ok()) {
    failure_ = WithPrefix(absl::StrFormat("opening session %d of %d: ",
                                          call->session + 1, options_.sessions),
                          client::ToAbslStatus(call->status));
  }
  Next(call);
}

void SessionOpener::Cancel() {
  for (Call& call : calls_) {
    if (call.context.has_value()) call.context->TryCancel();
  }
}

}  // namespace recur::load
