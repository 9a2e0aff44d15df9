#include "client/sdk/reply_columns.h"

#include "absl/strings/str_cat.h"
#include "client/sdk/message_conversion.h"
#include "client/sdk/status_conversion.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

absl::Status ProtocolBroken(absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInternal, "protocol_broken",
                         message);
}

absl::Status CheckColumns(const v1::ItemReplies& replies) {
  const int items = replies.item_size();
  const bool even =
      replies.handle_size() == items && replies.step_size() == items &&
      replies.applied_step_size() == items &&
      (replies.durable_step().empty() || replies.durable_step_size() == items);
  if (!even) {
    return ProtocolBroken(
        absl::StrCat("the server sent uneven columns for ", items, " replies"));
  }
  return absl::OkStatus();
}

absl::Status BadIndex(uint32_t index, size_t count) {
  return ProtocolBroken(absl::StrCat("the server sent index ", index, " into ",
                                     count, " replies"));
}

}  // namespace

absl::StatusOr<std::vector<StreamReply>> ToReplies(
    const v1::ItemReplies& message) {
  if (absl::Status status = CheckColumns(message); !status.ok()) return status;
  std::vector<StreamReply> replies(message.item_size());
  for (int i = 0; i < message.item_size(); ++i) {
    replies[i].item = message.item(i);
    replies[i].handle = message.handle(i);
    replies[i].step = message.step(i);
    replies[i].applied_step = message.applied_step(i);
    if (!message.durable_step().empty()) {
      replies[i].durable_step = message.durable_step(i);
    }
  }
  for (uint32_t index : message.duplicate()) {
    if (index >= replies.size()) return BadIndex(index, replies.size());
    replies[index].duplicate = true;
  }
  for (const v1::ItemError& error : message.errors()) {
    if (error.index() >= replies.size()) {
      return BadIndex(error.index(), replies.size());
    }
    replies[error.index()].status = ToAbslStatus(error.status());
  }
  for (const v1::ItemAnswer& answer : message.answers()) {
    if (answer.index() >= replies.size()) {
      return BadIndex(answer.index(), replies.size());
    }
    StreamReply& reply = replies[answer.index()];
    if (answer.has_class_answer()) {
      reply.classification = FromMessage(answer.class_answer());
    }
    if (answer.has_forecast()) reply.forecast = FromMessage(answer.forecast());
  }
  return replies;
}

}  // namespace recur::client
