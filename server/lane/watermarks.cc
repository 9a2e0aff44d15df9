#include "server/lane/watermarks.h"

#include <algorithm>
#include <utility>

namespace recur {

void Watermarks::Watch(const SessionRecord* session,
                       const std::shared_ptr<DurableWatcher>& watcher,
                       uint32_t handle) {
  Unwatch(session, watcher.get(), handle);
  watches_[session].push_back({watcher, watcher.get(), handle});
}

void Watermarks::Unwatch(const SessionRecord* session,
                         const DurableWatcher* watcher, uint32_t handle) {
  const auto found = watches_.find(session);
  if (found == watches_.end()) return;
  auto& watches = found->second;
  watches.erase(
      std::remove_if(watches.begin(), watches.end(),
                     [&](const Watched& watch) {
                       return watch.watcher.expired() ||
                              (watch.key == watcher && watch.handle == handle);
                     }),
      watches.end());
  if (watches.empty()) watches_.erase(found);
}

void Watermarks::Advance(const SessionRecord* session) {
  const auto found = watches_.find(session);
  if (found == watches_.end()) return;
  for (const Watched& watch : found->second) {
    News& news = news_[watch.key];
    if (news.watcher == nullptr) news.watcher = watch.watcher.lock();
    if (news.watcher == nullptr) continue;
    news.marks.push_back({watch.handle, session->durable_step});
  }
}

void Watermarks::Tell() {
  for (auto& [key, news] : news_) {
    if (news.watcher != nullptr) news.watcher->BecameDurable(news.marks);
  }
  news_.clear();
}

}  // namespace recur
