#include "tests/chaos/load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace recur::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{30};
constexpr seconds kLongPatience{300};  // of a run that is to repeat another

// What may wait to become durable: far more than a session's answer window, so
// that a crash finds much that is answered and not stored.
constexpr size_t kKeptItems = 600;
constexpr uint64_t kAnswerWindow = 4;

// A cycle is to be short, and a client that returns at once meets a server at
// its weakest.
const client::RetryOptions kEager{.initial = milliseconds(2),
                                  .max = milliseconds(20),
                                  .budget = kPatience,
                                  .burst = 1'000,
                                  .refill = milliseconds(10)};
constexpr milliseconds kSilence{250};
constexpr milliseconds kNap{1};  // of a sender that has no room

std::shared_ptr<grpc::Channel> ChannelTo(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace

absl::StatusOr<client::Client> ClientOf(int port) {
  return client::Client::Create({.target = absl::StrCat("127.0.0.1:", port),
                                 .timeout = seconds(10),
                                 .retry = {.budget = milliseconds(0)}});
}

Load::Load(const Options& options, int port) : options_(options), port_(port) {
  records_.resize(options_.sessions);
}

absl::StatusOr<std::unique_ptr<Load>> Load::Begin(const Options& options,
                                                  int port) {
  std::unique_ptr<Load> load(new Load(options, port));
  if (auto status = load->OpenSessions(); !status.ok()) return status;
  for (int i = 0; i < (load->durable_ ? 2 : 1); ++i) {
    Line* line = load->lines_.emplace_back(std::make_unique<Line>()).get();
    auto status = load->OpenLine(line, /*wait_durable=*/i == 1);
    if (!status.ok()) return status;
  }
  if (auto status = load->Attach(); !status.ok()) return status;
  load->sender_ = std::thread([load = load.get()] { load->Send(); });
  return load;
}

Load::~Load() {
  stopping_ = true;
  if (sender_.joinable()) sender_.join();
  for (const auto& line : lines_) line->stream.reset();
}

absl::Status Load::OpenSessions() {
  auto client = ClientOf(port_);
  if (!client.ok()) return client.status();
  for (SessionRecord& record : records_) {
    const auto session = client->OpenSession({.model = NameOf(options_.model)});
    if (!session.ok()) return session.status();
    record.id = session->session_id;
    durable_ = session->durability != client::Durability::kNone;
  }
  return absl::OkStatus();
}

absl::Status Load::OpenLine(Line* line, bool wait_durable) {
  client::Stream::Handlers handlers;
  handlers.on_reply = [this, line](const client::StreamReply& reply) {
    Take(*line, reply);
  };
  handlers.on_durable = [this, line](uint32_t handle, uint64_t step) {
    TakeDurable(*line, handle, step);
  };
  handlers.on_session_over = [this](uint32_t, const absl::Status& status) {
    Fail(status);
  };
  handlers.on_end = [this](const absl::Status& status) { Fail(status); };
  auto stream =
      client::Stream::Open([this] { return ChannelTo(port_); },
                           {.wait_durable = wait_durable,
                            .max_kept_items = kKeptItems,
                            .wait_when_full = false,
                            .max_steps_ahead = kAnswerWindow,
                            .streams = static_cast<uint32_t>(options_.streams),
                            .retry = kEager,
                            .silence = kSilence},
                           std::move(handlers), kPatience);
  if (!stream.ok()) return stream.status();
  line->stream = *std::move(stream);
  return absl::OkStatus();
}

absl::Status Load::Attach() {
  for (size_t i = 0; i < records_.size(); ++i) {
    Line& line = LineOf(static_cast<int>(i));
    const auto attached = line.stream->Attach(records_[i].id);
    if (!attached.ok()) return attached.status();
    handles_.push_back(attached->handle);
    const std::lock_guard lock(mutex_);
    line.session_of[attached->handle] = static_cast<int>(i);
  }
  return absl::OkStatus();
}

// In turns, until told to stop or until every session has had its steps.
void Load::Send() {
  for (bool sent = true; sent && !stopping_;) {
    sent = false;
    for (int i = 0; i < options_.sessions && !stopping_; ++i) {
      sent |= SendStep(i);
    }
  }
  const std::lock_guard lock(mutex_);
  sender_done_ = true;
  changed_.notify_all();
}

bool Load::SendStep(int session) {
  std::unique_lock lock(mutex_);
  SessionRecord& record = records_[session];
  if (!options_.limits.empty() && record.sent >= options_.limits[session]) {
    return false;
  }
  const uint64_t step = ++record.sent;
  lock.unlock();
  const std::vector<double> values =
      ObservationOf(options_.model, session, step);
  while (!stopping_) {
    const auto pushed =
        LineOf(session).stream->Push({.handle = handles_[session],
                                      .first_step = step,
                                      .values = values,
                                      .want = client::Want::kForecast});
    if (pushed.ok()) return true;
    if (!absl::IsResourceExhausted(pushed.status())) {
      Fail(pushed.status());
      break;
    }
    lock.lock();
    changed_.wait_for(lock, kNap);
    lock.unlock();
  }
  stopping_ = true;
  lock.lock();
  --record.sent;
  return false;
}

void Load::Take(const Line& line, const client::StreamReply& reply) {
  if (!reply.status.ok()) return Fail(reply.status);
  const std::lock_guard lock(mutex_);
  SessionRecord& record = records_[line.session_of.at(reply.handle)];
  if (reply.step != record.answers.size() + 1) ++record.misplaced;
  record.answers.push_back(reply.forecast.has_value() ? BitsOf(*reply.forecast)
                                                      : kNoAnswer);
  record.durable = std::max(record.durable, reply.durable_step.value_or(0));
  changed_.notify_all();
}

void Load::TakeDurable(const Line& line, uint32_t handle, uint64_t step) {
  const std::lock_guard lock(mutex_);
  const auto found = line.session_of.find(handle);
  if (found == line.session_of.end()) return;  // of its attach: nothing is sent
  SessionRecord& record = records_[found->second];
  record.durable = std::max(record.durable, step);
  changed_.notify_all();
}

void Load::Fail(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  failure_.Update(status);
  changed_.notify_all();
}

absl::Status Load::Await(const char* what, seconds patience,
                         const std::function<bool()>& condition) {
  std::unique_lock lock(mutex_);
  const auto over = [&] { return !failure_.ok() || condition(); };
  if (!changed_.wait_for(lock, patience, over)) {
    return absl::DeadlineExceededError(
        absl::StrCat(what, ": not in ", patience.count(), " s"));
  }
  return failure_;
}

absl::Status Load::AwaitProgress() {
  std::vector<uint64_t> sent;
  {
    const std::lock_guard lock(mutex_);
    for (const SessionRecord& record : records_) sent.push_back(record.sent);
  }
  return Await("something new is durable", kPatience, [&] {
    for (size_t i = 0; i < sent.size(); ++i) {
      if (records_[i].durable <= sent[i]) return false;
    }
    return true;
  });
}

absl::Status Load::Finish() {
  if (options_.limits.empty()) stopping_ = true;
  if (auto status =
          Await("all is sent", kLongPatience, [this] { return sender_done_; });
      !status.ok()) {
    return status;
  }
  // The stream's own end would wait for ever.
  auto status = Await("all is answered and safe", kPatience, [this] {
    for (const SessionRecord& of : records_) {
      if (of.answers.size() < of.sent) return false;
      if (durable_ && of.durable < of.sent) return false;
    }
    return true;
  });
  for (const auto& line : lines_) {
    if (status.ok()) status = line->stream->Finish();
  }
  return status;
}

std::vector<SessionRecord> Load::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

}  // namespace recur::chaos
