#include "client/sdk/stream_intake.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "client/sdk/message_conversion.h"
#include "client/sdk/reply_columns.h"
#include "client/sdk/status_conversion.h"

namespace recur::client {
namespace {

absl::Status TakeAttached(const v1::Attached& message, Replay::TimePoint now,
                          double chance, Replay* replay,
                          std::vector<Delivery>* deliveries) {
  const SessionInfo session = FromMessage(message.session());
  absl::Status status =
      replay->OnAttached({.handle = message.handle(),
                          .status = ToAbslStatus(message.status()),
                          .durable = session.durability == Durability::kLocal ||
                                     session.durability == Durability::kShared,
                          .resume_step = message.resume_step(),
                          .durable_step = session.durable_step},
                         now, chance);
  if (!status.ok()) return status;
  const size_t before = deliveries->size();
  TakeEvents(replay, deliveries);
  for (size_t i = before; i < deliveries->size(); ++i) {
    auto* attached = std::get_if<StreamAttached>(&(*deliveries)[i]);
    if (attached == nullptr) continue;
    attached->session = session;
    attached->resume_step = message.resume_step();
  }
  return absl::OkStatus();
}

absl::Status TakeReplies(const v1::ItemReplies& message, Replay::TimePoint now,
                         double chance, Replay* replay,
                         std::vector<Delivery>* deliveries) {
  absl::StatusOr<std::vector<StreamReply>> replies = ToReplies(message);
  if (!replies.ok()) return replies.status();
  for (StreamReply& reply : *replies) {
    const absl::StatusOr<std::optional<uint64_t>> number =
        replay->OnReply({.item = reply.item,
                         .status = reply.status,
                         .durable_step = reply.durable_step},
                        now, chance);
    if (!number.ok()) return number.status();
    if (number->has_value()) {
      reply.item = **number;
      deliveries->push_back(std::move(reply));
    }
    TakeEvents(replay, deliveries);
  }
  return absl::OkStatus();
}

void TakeDurable(const v1::Watermarks& message, Replay::TimePoint now,
                 Replay* replay, std::vector<Delivery>* deliveries) {
  const int count =
      std::min(message.handle_size(), message.durable_step_size());
  for (int i = 0; i < count; ++i) {
    replay->OnDurable(message.handle(i), message.durable_step(i), now);
  }
  TakeEvents(replay, deliveries);
}

}  // namespace

absl::Status TakeIn(const v1::StreamResponse& message, Replay::TimePoint now,
                    double chance, Replay* replay,
                    std::vector<Delivery>* deliveries) {
  for (const v1::Attached& attached : message.attached()) {
    absl::Status status =
        TakeAttached(attached, now, chance, replay, deliveries);
    if (!status.ok()) return status;
  }
  if (message.has_replies()) {
    absl::Status status =
        TakeReplies(message.replies(), now, chance, replay, deliveries);
    if (!status.ok()) return status;
  }
  if (message.has_durable()) {
    TakeDurable(message.durable(), now, replay, deliveries);
  }
  if (message.has_go_away()) {
    TakeDurable(message.go_away().durable(), now, replay, deliveries);
    replay->Leave(now);
    deliveries->push_back(GoAway{message.go_away().reason()});
  }
  return absl::OkStatus();
}

void TakeEvents(Replay* replay, std::vector<Delivery>* deliveries) {
  for (Replay::Event& event : replay->TakeEvents()) {
    switch (event.kind) {
      case Replay::Event::Kind::kAttached:
        deliveries->push_back(StreamAttached{.handle = event.handle});
        break;
      case Replay::Event::Kind::kDurable:
        deliveries->push_back(DurableStep{event.handle, event.step});
        break;
      case Replay::Event::Kind::kAnswerless:
        deliveries->push_back(StreamReply{.item = event.number,
                                          .handle = event.handle,
                                          .step = event.step,
                                          .status = std::move(event.status)});
        break;
      case Replay::Event::Kind::kSessionOver:
        deliveries->push_back(
            SessionOver{event.handle, std::move(event.status)});
        break;
    }
  }
}

}  // namespace recur::client
