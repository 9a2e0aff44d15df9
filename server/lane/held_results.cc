#include "server/lane/held_results.h"

#include <algorithm>
#include <utility>

namespace recur {

// Those that leave, which are counted no longer.
std::vector<HeldResult> HeldResults::Leave(std::vector<HeldResult> gone) {
  size_ -= gone.size();
  calls_ -= std::count_if(gone.begin(), gone.end(), [](const HeldResult& of) {
    return of.call != nullptr;
  });
  return gone;
}

bool HeldResults::MustFollow(const SessionRecord* session,
                             const ItemSink* sink) const {
  const auto found = held_.find(session);
  return found != held_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const HeldResult& held) { return held.sink == sink; });
}

std::vector<HeldResult> HeldResults::Release(const SessionRecord* session,
                                             uint64_t durable_step,
                                             TimePoint owned_at) {
  std::vector<HeldResult> released;
  const auto found = held_.find(session);
  if (found == held_.end()) return released;
  std::deque<HeldResult>& held = found->second;
  std::deque<HeldResult> kept;
  for (const HeldResult& result : held) {
    const bool behind = std::any_of(
        kept.begin(), kept.end(),
        [&](const HeldResult& before) { return before.sink == result.sink; });
    if (result.until > durable_step || result.owned_at > owned_at || behind) {
      kept.push_back(result);
    } else {
      released.push_back(result);
    }
  }
  held.swap(kept);
  if (held.empty()) held_.erase(found);
  return Leave(std::move(released));
}

std::vector<HeldResult> HeldResults::TakeAll(const SessionRecord* session) {
  const auto found = held_.find(session);
  if (found == held_.end()) return {};
  std::vector<HeldResult> taken(found->second.begin(), found->second.end());
  held_.erase(found);
  return Leave(std::move(taken));
}

std::vector<HeldResult> HeldResults::TakeAll() {
  std::vector<HeldResult> taken;
  for (const auto& [session, held] : std::exchange(held_, {})) {
    taken.insert(taken.end(), held.begin(), held.end());
  }
  return Leave(std::move(taken));
}

std::vector<HeldResult> HeldResults::TakeLate(TimePoint now) {
  std::vector<HeldResult> late;
  for (auto at = held_.begin(); at != held_.end();) {
    const auto session = at++;
    std::deque<HeldResult>& held = session->second;
    const auto is_late = [&](const HeldResult& result) {
      return result.deadline.has_value() && *result.deadline <= now;
    };
    std::copy_if(held.begin(), held.end(), std::back_inserter(late), is_late);
    held.erase(std::remove_if(held.begin(), held.end(), is_late), held.end());
    if (held.empty()) held_.erase(session);
  }
  return Leave(std::move(late));
}

}  // namespace recur
