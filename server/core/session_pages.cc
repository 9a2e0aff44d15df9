// Service::ListSessions: one page of all lanes' sessions and the store's.

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <utility>

#include "server/core/service.h"
#include "server/core/store_identity.h"
#include "server/session/snapshot.h"

namespace recur {
namespace {

constexpr size_t kMaxPage = 10'000;

// An empty id is the end of all.
void EndAtFirst(const std::string& end, std::string* next) {
  if (!end.empty() && (next->empty() || end < *next)) *next = end;
}

void SortAndCut(SessionPage* page) {
  std::sort(page->sessions.begin(), page->sessions.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  if (page->next.empty()) return;
  while (!page->sessions.empty() && page->sessions.back().id > page->next) {
    page->sessions.pop_back();
  }
}

// One page gathered from all lanes; each writes its own part.
struct PageGather {
  std::vector<SessionList> parts;
  std::atomic<int> missing;
  size_t limit;
  Done<SessionPage> done;

  // All that the lanes have, in order, up to where each of them has looked.
  SessionPage Collect() {
    SessionPage page;
    for (auto& part : parts) {
      std::move(part.sessions.begin(), part.sessions.end(),
                std::back_inserter(page.sessions));
      EndAtFirst(part.next, &page.next);
    }
    SortAndCut(&page);
    return page;
  }

  void Complete(SessionPage page) {
    if (page.sessions.size() > limit) {
      page.sessions.resize(limit);
      page.next = page.sessions.back().id;
    }
    done(std::move(page));
  }
};

// A session as its row in the store shows it; nullopt if it is not live, or of
// another model.
std::optional<SessionInfo> InfoOfRow(const std::string& id,
                                     const StoredSession& row,
                                     absl::string_view model, int64_t now_us) {
  const auto snapshot = ParseSnapshot(row.snapshot);
  if (!snapshot.ok() || snapshot->kind != SnapshotKind::kLive) {
    return std::nullopt;
  }
  if (!model.empty() && snapshot->model != model) return std::nullopt;
  const std::chrono::seconds ttl(snapshot->idle_ttl_seconds);
  const std::chrono::duration<double> left =
      ttl - std::chrono::microseconds(now_us - snapshot->last_used_us);
  if (left.count() <= 0) return std::nullopt;
  return SessionInfo{.id = id,
                     .stored_model = snapshot->model,
                     .stored_version = snapshot->model_version,
                     .applied_step = snapshot->applied_step,
                     .durable_step = snapshot->applied_step,
                     .idle_ttl = ttl,
                     .expires_in = left,
                     .state_bytes = row.snapshot.size()};
}

// Adds the stored sessions that `page` has not, and cuts it where the rows that
// were looked at end.
absl::Status AddStored(StoreDriver& driver, const std::string& after,
                       const std::string& model, size_t limit, TimePoint now,
                       SessionPage* page) {
  auto ids = driver.ScanRows(after, limit + 1, now);
  if (!ids.ok()) return ids.status();
  std::set<std::string> known;
  for (const SessionInfo& info : page->sessions) known.insert(info.id);
  if (ids->size() > limit) EndAtFirst(ids->back(), &page->next);
  for (const std::string& id : *ids) {
    if (!page->next.empty() && id > page->next) break;
    if (id == kIdentityRow || known.contains(id)) continue;
    auto row = driver.ReadRow(id, now);
    if (!row.ok()) return row.status();
    if (!row->has_value()) continue;
    auto info = InfoOfRow(id, **row, model, driver.WallTimeUs(now));
    if (info.has_value()) page->sessions.push_back(*std::move(info));
  }
  SortAndCut(page);
  return absl::OkStatus();
}

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
  const auto complete = [this, gather, after, model, limit] {
    if (store_ == nullptr) return gather->Complete(gather->Collect());
    const absl::Status asked = store_->Ask([=, this](TimePoint now) {
      SessionPage page = gather->Collect();
      const absl::Status status =
          AddStored(*store_, after, model, limit, now, &page);
      if (!status.ok()) return gather->done(status);
      gather->Complete(std::move(page));
    });
    if (!asked.ok()) gather->done(asked);
  };
  for (int i = 0; i < lanes; ++i) {
    lanes_->Post(i, [=](Lane& lane, TimePoint now) {
      // One more than asked for tells whether there is another page.
      gather->parts[i] = lane.List(after, model, limit + 1, now);
      if (gather->missing.fetch_sub(1) == 1) complete();
    });
  }
}

}  // namespace recur
