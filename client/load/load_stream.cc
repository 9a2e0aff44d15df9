#include "client/load/load_stream.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/sdk/status_conversion.h"
#include "model/spec/error_reason.h"

namespace recur::load {
namespace {

constexpr uint32_t kAttachesPerMessage = 1'000;

}  // namespace

LoadStream::LoadStream(const Options& options, EventLoop* loop,
                       LoadConnection* connection, MessageBuilder* builder,
                       LoadStats* stats)
    : options_(options),
      loop_(loop),
      connection_(connection),
      builder_(builder),
      stats_(stats),
      sessions_(options.first_session, options.sessions, options.order,
                options.seed),
      intake_(options.replies, &sessions_, stats),
      stub_(v1::Recur::NewStub(connection->channel())) {}

void LoadStream::Start() {
  on_started_ = [this](bool) {
    // If it did not start, the read tells.
    call_->Read(&response_, &on_read_);
    SendAttaches();
  };
  on_written_ = [this](bool ok) { OnWritten(ok); };
  on_half_closed_ = [](bool) {};  // the read tells how the call ends
  on_read_ = [this](bool ok) { OnRead(ok); };
  on_finished_ = [this](bool) {
    closed_ = true;
    if (closing_) return;
    const absl::Status status = client::ToAbslStatus(status_);
    stats_->Fail(status.ok()
                     ? absl::UnavailableError(absl::StrCat(
                           options_.name, " was ended by the server"))
                     : WithPrefix(absl::StrCat(options_.name, ": "), status));
  };
  call_ = stub_->PrepareAsyncStream(&context_, loop_->queue());
  call_->StartCall(&on_started_);
}

void LoadStream::SendAttaches() {
  v1::StreamRequest request;
  const uint32_t end =
      std::min(sessions_.steps.size(), attach_sent_ + kAttachesPerMessage);
  for (; attach_sent_ < end; ++attach_sent_) {
    v1::Attach* attach = request.add_attach();
    attach->set_handle(attach_sent_);
    attach->set_session_id(
        SessionId(options_.id_prefix, sessions_.first + attach_sent_));
  }
  writing_ = true;
  call_->Write(request, &on_written_);
}

void LoadStream::Go() {
  going_ = true;
  SendNext();
}

void LoadStream::Due(TimePoint intended) {
  if (pending_.size() + sessions_.sent.open() >= options_.max_open) {
    stats_->OnNotSent(intended);
    return;
  }
  pending_.push_back(intended);
  SendNext();
}

void LoadStream::SendNext() {
  if (writing_ || closing_ || closed_) return;
  TimePoint intended = loop_->now();
  if (options_.open_loop) {
    if (pending_.empty()) return;
    intended = pending_.front();
  } else if (!going_ || sessions_.sent.open() >= options_.max_open) {
    return;
  }
  if (!builder_->Build(intended, &sessions_, &request_)) return;
  if (options_.open_loop) pending_.pop_front();
  writing_ = true;
  if (options_.hold_writes) loop_->HoldForTurn(connection_);
  call_->Write(request_, &on_written_);
}

void LoadStream::OnWritten(bool ok) {
  writing_ = false;
  if (!ok) return;  // the read tells why
  if (attach_sent_ < sessions_.steps.size()) {
    SendAttaches();
  } else {
    SendNext();
  }
}

void LoadStream::OnRead(bool ok) {
  if (!ok) {
    call_->Finish(&status_, &on_finished_);
    return;
  }
  for (const v1::Attached& attached : response_.attached()) {
    TakeAttached(attached);
  }
  if (response_.has_replies()) {
    intake_.Take(response_.replies(), loop_->now());
  }
  if (response_.has_durable()) {
    intake_.Take(response_.durable(), loop_->now());
  }
  if (options_.read_interval.count() > 0 && ready() && !closing_) {
    next_read_ = loop_->now() + options_.read_interval;
  } else {
    call_->Read(&response_, &on_read_);
  }
  SendNext();
}

void LoadStream::ReadIfDue(TimePoint now) {
  if (now < next_read_) return;
  next_read_ = TimePoint::max();
  call_->Read(&response_, &on_read_);
}

void LoadStream::TakeAttached(const v1::Attached& attached) {
  if (attached.status().code() != 0) {
    stats_->Fail(WithPrefix(absl::StrCat(options_.name, ": attach: "),
                            client::ToAbslStatus(attached.status())));
    return;
  }
  if (attached.handle() >= sessions_.steps.size()) {
    stats_->Fail(absl::InternalError(absl::StrCat(
        options_.name, ": the server has attached handle ", attached.handle(),
        "; ", sessions_.steps.size(), " were asked for")));
    return;
  }
  if (attached.session().durability() > v1::DURABILITY_NONE &&
      !sessions_.durable.keeps()) {
    sessions_.durable.Keep();
  }
  if (attached.resume_step() > 0) {
    sessions_.steps.Resume(attached.handle(),
                           static_cast<uint32_t>(attached.resume_step()));
  }
  ++attached_;
}

void LoadStream::Close() {
  if (closing_ || closed_) return;
  closing_ = true;
  if (writing_ || next_read_ != TimePoint::max()) {
    ReadIfDue(TimePoint::max());
    context_.TryCancel();
    return;
  }
  call_->WritesDone(&on_half_closed_);
}

void LoadStream::Cancel() {
  closing_ = true;
  context_.TryCancel();
}

}  // namespace recur::load
