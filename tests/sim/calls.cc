#include "tests/sim/calls.h"

#include <chrono>
#include <memory>
#include <utility>

namespace recur::sim {
namespace {

// Replies with the result of an Observe's only item.
class ObserveSink : public ItemSink {
 public:
  ObserveSink(ServerRun* server, int64_t call,
              std::function<void(const ItemResult&)> done)
      : server_(server), call_(call), done_(std::move(done)) {}

  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> /*indices*/) override {
    const ItemResult& result = batch->results[0];
    server_->Judge(*batch, 0);
    server_->Reply(call_, [done = done_, result] { done(result); });
  }

 private:
  ServerRun* const server_;
  const int64_t call_;
  const std::function<void(const ItemResult&)> done_;
};

void Submit(ServerRun* server, int64_t number, const ObserveCall& call,
            std::function<void(const ItemResult&)> done) {
  auto batch = std::make_shared<ItemBatch>();
  batch->items.push_back({.session_id = call.session_id,
                          .first_step = call.first_step,
                          .steps = static_cast<int>(call.values.size()),
                          .want = Want::kForecast});
  batch->values = call.values;
  batch->wait_durable = call.wait_durable;
  batch->arrived = server->now();
  if (call.patience.has_value()) {
    batch->deadline = server->now() + *call.patience;
  }
  batch->sink = std::make_shared<ObserveSink>(server, number, std::move(done));
  if (!batch->Seal().ok()) std::abort();
  server->service().Submit(batch);
}

// Replies how far a session is.
Done<SessionInfo> ReplyApplied(
    ServerRun* at, int64_t number,
    std::function<void(const absl::StatusOr<uint64_t>&)> done) {
  return [at, number, done](absl::StatusOr<SessionInfo> info) {
    absl::StatusOr<uint64_t> applied(0);
    if (info.ok()) {
      at->Judge(info->id, *info);
      applied = info->applied_step;
    } else {
      applied = info.status();
    }
    at->Reply(number, [done, applied] { done(applied); });
  };
}

// By when a call has been served, or never will be: the longest pause is over.
constexpr Duration kServed = std::chrono::seconds(12);

struct Closing : std::enable_shared_from_this<Closing> {
  Closing(Cluster* its_cluster, Truth* its_truth, Dice its_dice,
          std::function<void()> its_done)
      : cluster(its_cluster),
        truth(its_truth),
        dice(its_dice),
        done(std::move(its_done)) {}

  void Try() {
    const int now = ++attempt;
    const int server =
        static_cast<int>(dice.Below(static_cast<uint64_t>(cluster->size())));
    const bool up =
        CloseSession(cluster, server, truth->id,
                     [self = shared_from_this(), now](const auto& applied) {
                       if (self->attempt == now) self->Closed(applied.status());
                     });
    TryAfter(up ? kServed : std::chrono::milliseconds(100));
  }
  void TryAfter(Duration pause) {
    cluster->loop()->After(pause, [self = shared_from_this(), now = attempt] {
      if (self->attempt == now) self->Try();
    });
  }
  void Closed(const absl::Status& status) {
    ++attempt;
    if (status.ok()) return done();
    if (absl::IsNotFound(status)) {
      return cluster->judge()->ToldOver(truth, status);
    }
    TryAfter(dice.Between(std::chrono::milliseconds(5),
                          std::chrono::milliseconds(150)));
  }

  Cluster* const cluster;
  Truth* const truth;
  Dice dice;
  const std::function<void()> done;
  int attempt = 0;  // answers to earlier ones do not count
};

}  // namespace

// As server/rpc: the session first, for its model, then the item by its id.
bool Observe(Cluster* cluster, int server, const ObserveCall& call,
             std::function<void(const ItemResult&)> done) {
  return cluster->Call(server, [call, done](ServerRun& at, int64_t number) {
    const Truth* const owned = call.only_at_owner_of;
    if (owned != nullptr && owned->owner != at.run()) return;
    at.service().GetSession(
        call.session_id,
        [&at, number, call, done](absl::StatusOr<SessionInfo> info) {
          if (info.ok()) {
            at.Judge(info->id, *info);
            return Submit(&at, number, call, done);
          }
          at.Reply(number, [done, status = info.status()] {
            done(ItemResult{.status = status});
          });
        });
  });
}

bool Open(Cluster* cluster, int server, const OpenCall& call,
          std::function<void(const absl::StatusOr<uint64_t>&)> done) {
  return cluster->Call(server, [call, done](ServerRun& at, int64_t number) {
    at.service().OpenSession(call, ReplyApplied(&at, number, done));
  });
}

bool Fork(Cluster* cluster, int server, const ForkCall& call,
          std::function<void(const absl::StatusOr<uint64_t>&)> done) {
  return cluster->Call(server, [call, done](ServerRun& at, int64_t number) {
    at.service().ForkSession(call, ReplyApplied(&at, number, done));
  });
}

bool Attach(Cluster* cluster, int server, const std::string& session_id,
            std::function<void(const absl::StatusOr<SessionInfo>&)> done) {
  return cluster->Call(server, [=](ServerRun& at, int64_t number) {
    at.service().AttachSession(
        session_id, [&at, number, done](absl::StatusOr<SessionInfo> info) {
          if (info.ok()) at.Judge(info->id, *info);
          // What is carried away must not hold the record.
          if (info.ok()) info->record = SessionPtr();
          at.Reply(number, [done, info] { done(info); });
        });
  });
}

bool Read(Cluster* cluster, int server, const SessionForecastCall& call,
          std::function<void(const absl::StatusOr<ForecastResult>&)> done) {
  return cluster->Call(server, [call, done](ServerRun& at, int64_t number) {
    at.service().ForecastSession(
        call, [&at, number, done](absl::StatusOr<ForecastResult> result) {
          at.Reply(number, [done, result] { done(result); });
        });
  });
}

bool CloseSession(Cluster* cluster, int server, const std::string& session_id,
                  std::function<void(const absl::StatusOr<uint64_t>&)> done) {
  return cluster->Call(server, [=](ServerRun& at, int64_t number) {
    at.service().CloseSession(
        session_id, [&at, number, done](absl::StatusOr<uint64_t> applied) {
          at.Reply(number, [done, applied] { done(applied); });
        });
  });
}

void CloseForGood(Cluster* cluster, Truth* truth, Dice dice,
                  std::function<void()> done) {
  std::make_shared<Closing>(cluster, truth, dice, std::move(done))->Try();
}

}  // namespace recur::sim
