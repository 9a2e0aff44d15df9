#ifndef RECUR_TESTS_BENCH_ECHO_ECHO_ANSWER_H_
#define RECUR_TESTS_BENCH_ECHO_ECHO_ANSWER_H_

// What the echo servers answer: the messages of recur.v1.Recur with nothing
// computed and nothing kept. They are the roof for a server that does compute:
// what gRPC, protobuf and the kernel take for the same bytes on the wire.

#include <cstdint>

#include "recur/v1/recur.pb.h"

namespace recur {

// Fills `response` for an open: the id and model asked for ("echo" if empty),
// version 1.
void AnswerOpen(const v1::OpenSessionRequest& request,
                v1::OpenSessionResponse* response);

// The answers of one stream. Belongs to that stream; calls do not overlap.
class StreamEcho {
 public:
  // Overwrites `response` with what an ack of every item has: item, handle,
  // step and applied_step (first_step + steps - 1; without a first step, the
  // item's number), and OK for every attach. `response` keeps its memory from
  // one call to the next.
  void Answer(const v1::StreamRequest& request, v1::StreamResponse* response);

 private:
  void AnswerItems(const v1::Items& items, v1::ItemReplies* replies);

  uint64_t next_item_ = 0;
};

// The port named by "--port P" on the command line, 0 (any free one) without
// it; -1, with the usage on stderr, for anything else.
int PortFromCommandLine(int argc, char** argv);

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_ECHO_ECHO_ANSWER_H_
