// Items and calls that wait for a session which is not in memory: while it is
// being loaded, or made, in the store. Bounded. Pure.
#ifndef RECUR_SERVER_LANE_PARKED_CALLS_H_
#define RECUR_SERVER_LANE_PARKED_CALLS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/lane/item_batch.h"

namespace recur {

class ParkedCalls {
 public:
  // Told why the session did not come, or OK: look again.
  using Call = absl::AnyInvocable<void(const absl::Status&, TimePoint now)>;
  // One of the two.
  struct Parked {
    std::optional<ItemPlace> item;
    Call call;
  };

  explicit ParkedCalls(size_t limit) : limit_(limit) {}

  // False if all are full: it is not taken then, and `parked` as it was.
  bool Add(absl::string_view id, Parked* parked) {
    if (size_ >= limit_) return false;
    waiting_[id].parked.push_back(std::move(*parked));
    ++size_;
    return true;
  }

  // Whether somebody waits for the session and nobody has asked for it; from
  // then on somebody has.
  bool MustAsk(absl::string_view id) {
    const auto found = waiting_.find(id);
    return found != waiting_.end() && !std::exchange(found->second.asked, true);
  }

  bool Has(absl::string_view id) const { return waiting_.contains(id); }

  // Removes and returns those that wait for a session, in order.
  std::vector<Parked> Take(absl::string_view id) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return {};
    std::vector<Parked> parked = std::move(found->second.parked);
    waiting_.erase(found);
    size_ -= parked.size();
    return parked;
  }

  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, waiting] : waiting_) ids.push_back(id);
    return ids;
  }

  size_t size() const { return size_; }
  size_t limit() const { return limit_; }

 private:
  struct Waiting {
    std::vector<Parked> parked;
    bool asked = false;
  };

  const size_t limit_;
  size_t size_ = 0;
  absl::flat_hash_map<std::string, Waiting> waiting_;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_PARKED_CALLS_H_
