// Replies that leave together. A lane's turn answers many streams, and gRPC
// sends each stream's message by a system call of its own, which costs more
// than the steps. So on a thread that works in turns, what one turn writes to a
// connection after the first message is held and leaves a few messages at a
// time, the last of them when the turn ends.
#ifndef RECUR_SERVER_RPC_WRITE_TURN_H_
#define RECUR_SERVER_RPC_WRITE_TURN_H_

#include <memory>

#include "server/rpc/connection.h"

namespace recur {

// From here to EndWriteTurn this thread is in a turn, and waits for nothing.
void BeginWriteTurn();

// Call before a write. Nothing happens outside of turns, or for null.
void BeforeWrite(const std::shared_ptr<Connection>& connection);

// Lets go of what this turn has held.
void EndWriteTurn();

}  // namespace recur

#endif  // RECUR_SERVER_RPC_WRITE_TURN_H_
