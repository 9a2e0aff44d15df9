#include "server/rpc/write_turn.h"

#include <algorithm>
#include <vector>

namespace recur {
namespace {

// Messages that are held together. More of them cost the client's core time in
// which it could have worked on the first ones.
constexpr int kHeldTogether = 8;

struct Written {
  std::shared_ptr<Connection> connection;
  int held;  // messages
};

struct Turn {
  bool begun = false;
  // In this turn. Few: those that many streams share, or one per client.
  std::vector<Written> written;
};

Turn& ThisTurn() {
  thread_local Turn turn;
  return turn;
}

// The one written to last is the likeliest; a turn of many clients with a
// connection each has nothing to hold, and should not be searched for each.
Written* FindWritten(Turn* turn, const Connection* connection) {
  constexpr size_t kLookBack = 4;
  const size_t size = turn->written.size();
  for (size_t back = 1; back <= std::min(kLookBack, size); ++back) {
    Written& written = turn->written[size - back];
    if (written.connection.get() == connection) return &written;
  }
  return nullptr;
}

}  // namespace

void BeginWriteTurn() { ThisTurn().begun = true; }

void BeforeWrite(const std::shared_ptr<Connection>& connection) {
  Turn& turn = ThisTurn();
  if (!turn.begun || connection == nullptr) return;
  Written* written = FindWritten(&turn, connection.get());
  if (written == nullptr) {
    turn.written.push_back({connection, 0});
    return;
  }
  if (written->held == kHeldTogether) {
    connection->Release();
    written->held = 0;
  }
  if (written->held++ == 0) connection->Hold();
}

void EndWriteTurn() {
  Turn& turn = ThisTurn();
  for (const Written& one : turn.written) {
    if (one.held > 0) one.connection->Release();
  }
  turn.written.clear();
  turn.begun = false;
}

}  // namespace recur
