#include "tests/bench/echo/echo_answer.h"

#include <cstdio>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace recur {
namespace {

constexpr int kVersion = 1;

// Entry `i` of a column that may be left out.
template <typename Column>
uint64_t At(const Column& column, int i, uint64_t otherwise) {
  return i < column.size() ? column[i] : otherwise;
}

void AnswerAttach(const v1::Attach& attach, v1::Attached* attached) {
  attached->set_handle(attach.handle());
  attached->mutable_session()->set_session_id(attach.session_id());
  attached->mutable_session()->set_version(kVersion);
  attached->set_resume_step(1);
}

}  // namespace

void AnswerOpen(const v1::OpenSessionRequest& request,
                v1::OpenSessionResponse* response) {
  v1::Session* session = response->mutable_session();
  session->set_session_id(request.session_id().empty() ? "echo"
                                                       : request.session_id());
  session->set_model(request.model());
  session->set_version(kVersion);
  session->set_durability(v1::DURABILITY_NONE);
}

void StreamEcho::Answer(const v1::StreamRequest& request,
                        v1::StreamResponse* response) {
  response->Clear();
  for (const v1::Attach& attach : request.attach()) {
    AnswerAttach(attach, response->add_attached());
  }
  if (request.items().handle_size() > 0) {
    AnswerItems(request.items(), response->mutable_replies());
  }
}

void StreamEcho::AnswerItems(const v1::Items& items, v1::ItemReplies* replies) {
  for (int i = 0; i < items.handle_size(); ++i) {
    const uint64_t first = At(items.first_step(), i, next_item_ + 1);
    const uint64_t step = first + At(items.steps(), i, 1) - 1;
    replies->add_item(next_item_++);
    replies->add_handle(items.handle(i));
    replies->add_step(step);
    replies->add_applied_step(step);
  }
}

int PortFromCommandLine(int argc, char** argv) {
  int port = 0;
  const bool given = argc == 3 && absl::string_view(argv[1]) == "--port";
  if ((argc == 1) || (given && absl::SimpleAtoi(argv[2], &port) && port >= 0 &&
                      port <= 65535)) {
    return port;
  }
  std::fprintf(stderr, "usage: %s [--port P]\n", argv[0]);
  return -1;
}

}  // namespace recur
