// A server's end of one stream: what StreamCall does (server/rpc/stream_call.h)
// without gRPC. A message's detaches come first, then its attaches, then its
// items, once all its attaches are resolved; replies, watermarks and the end go
// out in that order.
#ifndef RECUR_TESTS_SIM_SERVER_STREAM_H_
#define RECUR_TESTS_SIM_SERVER_STREAM_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/lane/item_batch.h"
#include "server/lane/session_table.h"
#include "server/lane/watermarks.h"
#include "tests/sim/wire.h"

namespace recur::sim {

class ServerRun;

class ServerStream : public ItemSink,
                     public DurableWatcher,
                     public std::enable_shared_from_this<ServerStream> {
 public:
  explicit ServerStream(ServerRun* server) : server_(server) {}

  // Where messages go; set at once.
  std::function<void(ToClient)> send;

  void Read(ToServer message);
  // The client says no more; the stream ends OK when all is answered.
  void HalfClose();
  void Cancel();  // the connection is gone
  void GoAway();  // the server is

  // Writes what there is to say, and the end when it has come.
  void Flush();
  bool finished() const { return finished_; }

  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> indices) override;
  void BecameDurable(absl::Span<const Watermark> marks) override;

 private:
  struct Binding {
    SessionPtr session;
    uint32_t number = 0;  // under which it is watched
    uint64_t durable_step = 0;
  };

  void Handle();
  void Attached();
  void FinishAttaches();
  void SubmitItems();
  void Refuse(uint64_t item, uint32_t handle);
  void Bind(uint32_t handle, const SessionInfo& info);
  void Unbind(uint32_t handle);

  ServerRun* const server_;
  std::deque<ToServer> unread_;
  bool handling_ = false;
  ToServer message_;  // that is being handled
  std::vector<absl::StatusOr<SessionInfo>> infos_;
  size_t attaching_ = 0;

  std::map<uint32_t, Binding> bindings_;  // by handle
  uint32_t last_number_ = 0;
  uint64_t next_item_ = 0;
  size_t open_items_ = 0;
  ToClient out_;
  std::map<uint32_t, uint64_t> marks_;  // by handle
  std::optional<absl::Status> end_;
  bool half_closed_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_SERVER_STREAM_H_
