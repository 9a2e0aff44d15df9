#include "client/load/stream_fleet.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace recur::load {
namespace {

// Values of a message beyond which a system call for each is worth it, and
// sooner is better.
constexpr uint64_t kHeldValues = 256;

// What a slow reader may leave unanswered if the transport lets it.
constexpr size_t kSlowReaderOpen = 100'000;

MessageBuilder::Options BuilderOptions(const LoadOptions& options, int features,
                                       const CheckedValues* checked) {
  return {.items = options.items(),
          .steps_per_item = static_cast<uint32_t>(options.steps_per_item),
          .features = static_cast<uint32_t>(features),
          .want = options.want,
          .seed = options.seed,
          .checked = checked};
}

std::optional<CheckedValues> MakeChecked(const LoadOptions& options,
                                         int features) {
  if (options.check == Check::kNone) return std::nullopt;
  return CheckedValues(features, options.seed);
}

}  // namespace

uint32_t StreamFleet::SessionsOf(const LoadOptions& options) {
  return options.sessions + (options.slow_reader > 0 ? options.items() : 0);
}

StreamFleet::StreamFleet(const LoadOptions& options, int features,
                         std::string id_prefix, EventLoop* loop,
                         const Connections& connections, LoadStats* stats)
    : options_(options),
      features_(features),
      id_prefix_(std::move(id_prefix)),
      loop_(loop),
      checked_(MakeChecked(options, features)),
      builder_(BuilderOptions(options, features,
                              checked_.has_value() ? &*checked_ : nullptr)) {
  for (int i = 0; i < options.streams; ++i) {
    streams_.push_back(std::make_unique<LoadStream>(
        StreamOptions(i), loop_,
        connections.streams[i % connections.streams.size()], &builder_, stats));
  }
  if (options.slow_reader > 0) {
    slow_reader_ = MakeSlowReader(connections.slow_reader);
  }
}

LoadStream::Options StreamFleet::StreamOptions(int index) const {
  const auto first = [this](int stream) {
    return static_cast<uint32_t>(uint64_t{options_.sessions} * stream /
                                 options_.streams);
  };
  const bool open_loop = options_.rate > 0;
  return {.name = absl::StrCat("stream ", index),
          .id_prefix = id_prefix_,
          .first_session = first(index),
          .sessions = first(index + 1) - first(index),
          .order = options_.order,
          .seed = options_.seed + index,
          .open_loop = open_loop,
          .max_open = static_cast<size_t>(open_loop ? options_.max_in_flight
                                                    : options_.in_flight),
          .hold_writes =
              uint64_t{options_.message_steps()} * features_ <= kHeldValues,
          .replies = {
              .steps_per_item = static_cast<uint32_t>(options_.steps_per_item),
              .answers_wanted = options_.want != client::Want::kAck,
              .checked = checked_.has_value() ? &*checked_ : nullptr}};
}

std::unique_ptr<LoadStream> StreamFleet::MakeSlowReader(
    LoadConnection* connection) {
  LoadStream::Options options = StreamOptions(0);
  options.name = "the slow reader";
  options.first_session = options_.sessions;
  options.sessions = options_.items();
  options.max_open = kSlowReaderOpen;
  options.read_interval = std::chrono::duration_cast<std::chrono::nanoseconds>(
      Seconds(1 / options_.slow_reader));
  return std::make_unique<LoadStream>(options, loop_, connection, &builder_,
                                      &slow_stats_);
}

void StreamFleet::Start() {
  for (const auto& stream : streams_) stream->Start();
  if (slow_reader_ != nullptr) slow_reader_->Start();
}

uint64_t StreamFleet::attached() const {
  uint64_t count = slow_reader_ == nullptr ? 0 : slow_reader_->attached();
  for (const auto& stream : streams_) count += stream->attached();
  return count;
}

void StreamFleet::Go(TimePoint start) {
  if (options_.rate > 0) {
    const double rate = options_.rate / options_.message_steps();
    schedule_.emplace(start, rate);
    if (slow_reader_ != nullptr) {
      slow_schedule_.emplace(start, rate / options_.streams);
    }
    return;
  }
  for (const auto& stream : streams_) stream->Go();
  if (slow_reader_ != nullptr) slow_reader_->Go();
}

void StreamFleet::SendDue(TimePoint now) {
  for (; schedule_.has_value() && schedule_->next() <= now;
       schedule_->Advance()) {
    streams_[schedule_->number() % streams_.size()]->Due(schedule_->next());
  }
  if (slow_reader_ == nullptr) return;
  for (; slow_schedule_.has_value() && slow_schedule_->next() <= now;
       slow_schedule_->Advance()) {
    slow_reader_->Due(slow_schedule_->next());
  }
  slow_reader_->ReadIfDue(now);
}

TimePoint StreamFleet::next_due() const {
  TimePoint next = TimePoint::max();
  if (schedule_.has_value()) next = std::min(next, schedule_->next());
  if (slow_schedule_.has_value()) next = std::min(next, slow_schedule_->next());
  if (slow_reader_ != nullptr) next = std::min(next, slow_reader_->next_read());
  return next;
}

void StreamFleet::Stop() {
  schedule_.reset();
  slow_schedule_.reset();
  for (const auto& stream : streams_) stream->Stop();
  if (slow_reader_ != nullptr) slow_reader_->Cancel();
}

uint64_t StreamFleet::open_items() const {
  uint64_t count = 0;
  for (const auto& stream : streams_) count += stream->open_items();
  return count;
}

uint64_t StreamFleet::not_durable() const {
  uint64_t count = 0;
  for (const auto& stream : streams_) count += stream->not_durable();
  return count;
}

bool StreamFleet::answered() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->answered(); });
}

void StreamFleet::Close() {
  for (const auto& stream : streams_) stream->Close();
}

bool StreamFleet::closed() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->closed(); });
}

void StreamFleet::Cancel() {
  for (const auto& stream : streams_) stream->Cancel();
  if (slow_reader_ != nullptr) slow_reader_->Cancel();
}

}  // namespace recur::load
