// Service::ListSessions: one page of all lanes' sessions.

#include <algorithm>
#include <atomic>
#include <utility>

#include "server/core/service.h"

namespace recur {
namespace {

constexpr size_t kMaxPage = 10'000;

// One page gathered from all lanes; each writes its own part.
struct PageGather {
  std::vector<std::vector<SessionInfo>> parts;
  std::atomic<int> missing;
  size_t limit;
  Done<SessionPage> done;

  void Complete() {
    SessionPage page;
    for (auto& part : parts) {
      std::move(part.begin(), part.end(), std::back_inserter(page.sessions));
    }
    std::sort(page.sessions.begin(), page.sessions.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    if (page.sessions.size() > limit) {
      page.sessions.resize(limit);
      page.next = page.sessions.back().id;
    }
    done(std::move(page));
  }
};

}  // namespace

void Service::ListSessions(std::string model, std::string after, size_t limit,
                           Done<SessionPage> done) {
  limit = std::clamp<size_t>(limit, 1, kMaxPage);
  const int lanes = lanes_->lane_count();
  auto gather = std::make_shared<PageGather>();
  gather->parts.resize(lanes);
  gather->missing = lanes;
  gather->limit = limit;
  gather->done = std::move(done);
  for (int i = 0; i < lanes; ++i) {
    lanes_->Post(i, [=](Lane& lane, TimePoint now) {
      // One more than asked for tells whether there is another page.
      gather->parts[i] = lane.List(after, model, limit + 1, now);
      if (gather->missing.fetch_sub(1) == 1) gather->Complete();
    });
  }
}

}  // namespace recur
