#include "client/sdk/stream_core.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/replay/shard.h"
#include "client/sdk/chance.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

// While one message is on its way out, this many are made ready.
constexpr size_t kMessagesAhead = 2;

template <typename T>
std::vector<T> Copy(absl::Span<const T> span) {
  return std::vector<T>(span.begin(), span.end());
}

}  // namespace

StreamCore::Shard::Shard(StreamCore* core, uint32_t index,
                         Clock::time_point now)
    : core(core),
      index(index),
      replay({.wait_durable = core->options_.wait_durable,
              .retry = core->options_.retry,
              .max_steps_ahead = core->options_.max_steps_ahead,
              .silence = core->options_.silence},
             now),
      outbox(core->options_),
      reconnect(now) {}

StreamCore::StreamCore(Stream::ChannelFactory new_channel,
                       const Stream::Options& options,
                       Stream::Handlers handlers)
    : new_channel_(std::move(new_channel)),
      options_(options),
      handlers_(std::move(handlers)) {
  const Clock::time_point now = Clock::now();
  for (uint32_t i = 0; i < options_.streams; ++i) {
    shards_.push_back(std::make_unique<Shard>(this, i, now));
  }
}

StreamCore::~StreamCore() = default;

void StreamCore::Start() {
  thread_ = std::thread([this] { Keep(); });
}

// The shard is in the handle, so that none has to be looked up.
StreamCore::Shard& StreamCore::ShardOfHandle(uint32_t handle) const {
  return *shards_[handle % shards_.size()];
}

uint32_t StreamCore::Attach(const std::string& session_id,
                            std::optional<uint64_t> acknowledged_step,
                            Stream::OnAttached on_attached) {
  const uint32_t index = ShardOf(session_id, options_.streams);
  Lock lock(mutex_);
  const uint32_t handle = ++attaches_ * options_.streams + index;
  if (broken_.has_value() || finishing_) {
    const absl::Status end = AfterEnd();
    lock.unlock();
    if (on_attached) on_attached(end);
    return handle;
  }
  Shard& shard = *shards_[index];
  handlers_.Expect(handle, std::move(on_attached));
  shard.replay.Attach(handle, session_id, acknowledged_step);
  const Connection connection = shard.connection;
  lock.unlock();
  if (connection != nullptr) connection->Wake();
  return handle;
}

void StreamCore::Detach(uint32_t handle) {
  Connection connection;
  {
    Lock lock(mutex_);
    ShardOfHandle(handle).replay.Detach(handle);
    connection = ShardOfHandle(handle).connection;
  }
  if (connection != nullptr) connection->Wake();
}

absl::StatusOr<uint64_t> StreamCore::Push(const StreamItem& item) {
  Connection connection;
  uint64_t number = 0;
  {
    Lock lock(mutex_);
    const auto may_go_on = [this] {
      return broken_.has_value() || finishing_ || !full();
    };
    if (options_.wait_when_full) changed_.wait(lock, may_go_on);
    if (broken_.has_value() || finishing_) return AfterEnd();
    Shard& shard = ShardOfHandle(item.handle);
    absl::Status status = shard.replay.CheckHandle(item.handle);
    if (status.ok()) status = shard.outbox.CheckSize(item);
    if (!status.ok()) return status;
    if (full()) {
      return ErrorWithReason(absl::StatusCode::kResourceExhausted,
                             "stream_full",
                             "all that may be kept waits for the server");
    }
    number = pushed_++;
    shard.replay.Push(item.handle, {.number = number,
                                    .first_step = item.first_step,
                                    .steps = item.steps,
                                    .values = Copy(item.values),
                                    .times_us = Copy(item.times_us),
                                    .known = Copy(item.known),
                                    .want = item.want});
    connection = shard.connection;
  }
  if (connection != nullptr) connection->Wake();
  return number;
}

absl::Status StreamCore::Drain() {
  Lock lock(mutex_);
  changed_.wait(lock,
                [this] { return ended_ || (idle() && delivering_ == 0); });
  return broken_.value_or(absl::OkStatus());
}

absl::Status StreamCore::Finish() {
  {
    Lock lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_all();
  Drain().IgnoreError();
  std::vector<Connection> connections;
  {
    Lock lock(mutex_);
    closing_ = true;
    for (const auto& shard : shards_) shard->replay.Leave(Clock::now());
    connections = Connections();
    keeper_.notify_one();
  }
  for (const Connection& connection : connections) connection->HalfClose();
  Lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_; });
  return broken_.value_or(absl::OkStatus());
}

void StreamCore::CancelAndWait() {
  Lock lock(mutex_);
  if (!ended_) Break(absl::CancelledError("the stream was closed"), lock);
  changed_.wait(lock, [this] { return ended_; });
  lock.unlock();
  if (thread_.joinable()) thread_.join();
  ended_connections_.clear();
}

size_t StreamCore::unanswered() const {
  Lock lock(mutex_);
  size_t count = delivering_;
  for (const auto& shard : shards_) count += shard->replay.totals().unanswered;
  return count;
}

absl::Status StreamCore::LastLoss(uint32_t handle) const {
  Lock lock(mutex_);
  return ShardOfHandle(handle).last_loss;
}

std::vector<StreamCore::Connection> StreamCore::Connections() const {
  std::vector<Connection> connections;
  for (const auto& shard : shards_) {
    if (shard->connection != nullptr) connections.push_back(shard->connection);
  }
  return connections;
}

bool StreamCore::idle() const {
  return std::all_of(shards_.begin(), shards_.end(),
                     [](const auto& shard) { return shard->replay.idle(); });
}

bool StreamCore::full() const {
  size_t items = 0;
  size_t bytes = 0;
  for (const auto& shard : shards_) {
    items += shard->replay.totals().items;
    bytes += shard->replay.totals().bytes;
  }
  return items >= options_.max_kept_items || bytes >= options_.max_kept_bytes;
}

absl::Status StreamCore::AfterEnd() const {
  const absl::Status end = broken_.value_or(absl::OkStatus());
  return end.ok() ? absl::FailedPreconditionError("the stream is finished")
                  : end;
}

std::optional<v1::StreamRequest> StreamCore::NextMessage(Shard& shard) {
  Lock lock(mutex_);
  const Clock::time_point now = Clock::now();
  while (shard.outbox.messages() < kMessagesAhead) {
    const auto next = shard.replay.Next(now);
    if (!next.has_value()) break;
    shard.outbox.Add(*next);
  }
  WakeKeeperFor(shard);
  return shard.outbox.Take();
}

absl::Status StreamCore::OnMessage(Shard& shard,
                                   const v1::StreamResponse& message) {
  std::vector<Delivery> deliveries;
  Connection connection;
  bool leaving = false;
  absl::Status status;
  {
    Lock lock(mutex_);
    status =
        TakeIn(message, Clock::now(), Chance(), &shard.replay, &deliveries);
    delivering_ += deliveries.size();
    connection = shard.connection;
    leaving = shard.replay.leaving();
    WakeKeeperFor(shard);
  }
  Deliver(std::move(deliveries));
  if (leaving) {
    connection->HalfClose();
  } else {
    connection->Wake();
  }
  return status;
}

void StreamCore::OnEnd(Shard& shard, const absl::Status& status) {
  Lock lock(mutex_);
  ended_connections_.push_back(std::exchange(shard.connection, nullptr));
  shard.outbox = StreamOutbox(options_);
  if (!over()) {
    shard.last_loss =
        !shard.silent.ok() ? shard.silent
        : !status.ok()     ? status
                       : absl::UnavailableError("the server ended the stream");
    shard.silent = absl::OkStatus();
    const Clock::time_point now = Clock::now();
    const auto pause = shard.replay.Lost(shard.last_loss, now, Chance());
    if (pause.has_value()) {
      shard.reconnect = now + *pause;
      keeper_.notify_one();
      return;
    }
    // Break unlocks, and the thread must not end the shard meanwhile.
    shard.ended = true;
    Break(shard.last_loss, lock);
  }
  EndShard(shard, lock);
}

void StreamCore::Break(const absl::Status& status, Lock& lock) {
  if (!broken_.has_value()) broken_ = status;
  std::vector<Connection> connections = Connections();
  changed_.notify_all();
  lock.unlock();
  for (const Connection& connection : connections) connection->Cancel();
  lock.lock();
  std::move(connections.begin(), connections.end(),
            std::back_inserter(ended_connections_));
  keeper_.notify_one();
}

void StreamCore::EndShard(Shard& shard, Lock& lock) {
  shard.ended = true;
  const absl::Status end = broken_.value_or(absl::OkStatus());
  std::vector<Delivery> deliveries;
  if (!end.ok()) shard.replay.End(end);
  TakeEvents(&shard.replay, &deliveries);
  // That the sessions are over goes without saying, but for those whose attach
  // waits for it.
  std::erase_if(deliveries, [this](const Delivery& delivery) {
    const auto* over = std::get_if<SessionOver>(&delivery);
    return over != nullptr && !handlers_.Expects(over->handle);
  });
  delivering_ += deliveries.size();
  lock.unlock();
  Deliver(std::move(deliveries));
  lock.lock();
  if (++ended_shards_ < shards_.size()) return;
  lock.unlock();
  handlers_.End(end);
  lock.lock();
  ended_ = true;
  keeper_.notify_one();
  changed_.notify_all();
}

void StreamCore::WakeKeeperFor(const Shard& shard) {
  const auto next = shard.replay.NextTick();
  if (next.has_value() && *next < keeper_wakes_) keeper_.notify_one();
}

void StreamCore::Keep() {
  Lock lock(mutex_);
  while (!ended_) {
    const std::optional<Clock::time_point> next = KeepAll(lock);
    if (ended_) break;
    if (!ended_connections_.empty()) {
      Bury(lock);
      continue;
    }
    keeper_wakes_ = next.value_or(Clock::time_point::max());
    if (next.has_value()) {
      keeper_.wait_until(lock, *next);
    } else {
      keeper_.wait(lock);
    }
  }
}

void StreamCore::Bury(Lock& lock) {
  std::vector<Connection> ended;
  ended.swap(ended_connections_);
  lock.unlock();
  ended.clear();
  lock.lock();
}

// When to look again: at once if something may have changed meanwhile.
std::optional<StreamCore::Clock::time_point> StreamCore::KeepAll(Lock& lock) {
  for (const auto& shard : shards_) {
    if (!shard->ended) KeepShard(*shard, lock);
  }
  std::optional<Clock::time_point> next;
  const auto by = [&next](Clock::time_point time) {
    next = std::min(next.value_or(time), time);
  };
  for (const auto& shard : shards_) {
    if (shard->ended || !shard->silent.ok()) continue;
    if (shard->connection == nullptr) {
      by(over() ? Clock::now() : shard->reconnect);
    }
    if (const auto tick = shard->replay.NextTick()) by(*tick);
  }
  return next;
}

void StreamCore::KeepShard(Shard& shard, Lock& lock) {
  const Clock::time_point now = Clock::now();
  const absl::Status silent = shard.replay.Tick(now);
  if (shard.connection == nullptr) {
    if (over()) {
      EndShard(shard, lock);
    } else if (now >= shard.reconnect) {
      Connect(shard, lock);
    }
    return;
  }
  const bool cancel = !silent.ok() && shard.silent.ok();
  if (cancel) shard.silent = silent;
  Connection connection = shard.connection;
  lock.unlock();
  if (cancel) {
    connection->Cancel();
  } else {
    connection->Wake();
  }
  connection = nullptr;  // maybe the last to hold it
  lock.lock();
}

// Only the thread begins connections, so that none can come between.
void StreamCore::Connect(Shard& shard, Lock& lock) {
  lock.unlock();
  auto connection = std::make_shared<StreamConnection>(
      new_channel_(), std::to_string(shard.index), &shard);
  lock.lock();
  if (over()) return;
  shard.connection = connection;
  shard.replay.Connected(Clock::now());
  lock.unlock();
  connection->Start();
  connection = nullptr;
  lock.lock();
}

void StreamCore::Deliver(std::vector<Delivery> deliveries) {
  handlers_.Deliver(deliveries);
  Lock lock(mutex_);
  delivering_ -= deliveries.size();
  changed_.notify_all();
}

}  // namespace recur::client
