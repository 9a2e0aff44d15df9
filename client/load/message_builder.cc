#include "client/load/message_builder.h"

#include <algorithm>
#include <random>

#include "client/sdk/message_conversion.h"

namespace recur::load {
namespace {

// How many different places in the sample messages begin at.
constexpr size_t kSampleOffsets = 1024;

std::vector<float> MakeSample(const MessageBuilder::Options& options) {
  if (options.checked != nullptr) return {};
  std::mt19937_64 random(options.seed);
  std::uniform_real_distribution<float> value(-1.0f, 1.0f);
  std::vector<float> sample(size_t{options.items} * options.steps_per_item *
                                options.features +
                            kSampleOffsets);
  std::generate(sample.begin(), sample.end(), [&] { return value(random); });
  return sample;
}

}  // namespace

MessageBuilder::MessageBuilder(const Options& options)
    : options_(options), sample_(MakeSample(options)) {}

bool MessageBuilder::Build(TimePoint intended, StreamSessions* sessions,
                           v1::StreamRequest* request) {
  v1::Items* items = request->mutable_items();
  const uint32_t count = WriteItems(intended, sessions, items);
  if (count == 0) return false;
  items->mutable_steps()->Resize(
      options_.steps_per_item > 1 ? static_cast<int>(count) : 0,
      options_.steps_per_item);
  if (options_.want != client::Want::kAck && items->want().empty()) {
    items->add_want(client::ToMessage(options_.want));
  }
  WriteValues(*sessions, count, items);
  return true;
}

uint32_t MessageBuilder::WriteItems(TimePoint intended,
                                    StreamSessions* sessions,
                                    v1::Items* items) {
  items->mutable_handle()->Resize(static_cast<int>(options_.items), 0);
  items->mutable_first_step()->Resize(static_cast<int>(options_.items), 0);
  uint32_t* handle = items->mutable_handle()->mutable_data();
  uint64_t* first_step = items->mutable_first_step()->mutable_data();
  SentMessages::Message* message = sessions->sent.Begin(intended);
  uint32_t count = 0;
  sessions->cursor.BeginMessage();
  while (count < options_.items) {
    const auto session = sessions->cursor.Next();
    if (!session.has_value()) break;
    if (!sessions->steps.CanSend(*session)) continue;
    const uint32_t first =
        sessions->steps.Send(*session, options_.steps_per_item);
    handle[count] = *session;
    first_step[count] = first;
    const uint32_t last = first + options_.steps_per_item - 1;
    message->items.push_back({.session = *session, .last_step = last});
    sessions->durable.Sent(*session, last, intended);
    ++count;
  }
  sessions->sent.End();
  items->mutable_handle()->Truncate(static_cast<int>(count));
  items->mutable_first_step()->Truncate(static_cast<int>(count));
  return count;
}

void MessageBuilder::WriteValues(const StreamSessions& sessions, uint32_t count,
                                 v1::Items* items) {
  const size_t values =
      size_t{count} * options_.steps_per_item * options_.features;
  items->mutable_values()->Resize(static_cast<int>(values), 0.0f);
  float* out = items->mutable_values()->mutable_data();
  if (options_.checked == nullptr) {
    std::copy_n(sample_.begin() + sample_place_, values, out);
    sample_place_ = (sample_place_ + 1) % kSampleOffsets;
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t session = uint64_t{sessions.first} + items->handle(i);
    for (uint32_t k = 0; k < options_.steps_per_item; ++k) {
      options_.checked->Write(session, items->first_step(i) + k, out);
      out += options_.features;
    }
  }
}

}  // namespace recur::load
