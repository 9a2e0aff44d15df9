#include "server/session/expiry_queue.h"

namespace recur {

void ExpiryQueue::Put(size_t place, Entry entry) {
  heap_[place] = entry;
  entry.session->expiry_place = static_cast<uint32_t>(place);
}

void ExpiryQueue::SiftUp(size_t place, Entry entry) {
  while (place > 0) {
    const size_t parent = (place - 1) / 2;
    if (heap_[parent].deadline <= entry.deadline) break;
    Put(place, heap_[parent]);
    place = parent;
  }
  Put(place, entry);
}

void ExpiryQueue::SiftDown(size_t place, Entry entry) {
  while (true) {
    size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() &&
        heap_[child + 1].deadline < heap_[child].deadline) {
      ++child;
    }
    if (entry.deadline <= heap_[child].deadline) break;
    Put(place, heap_[child]);
    place = child;
  }
  Put(place, entry);
}

void ExpiryQueue::Add(Session* session, TimePoint deadline) {
  heap_.push_back({deadline, session});
  SiftUp(heap_.size() - 1, heap_.back());
}

void ExpiryQueue::Remove(Session* session) {
  const size_t place = session->expiry_place;
  if (place == Session::kNotQueued) return;
  session->expiry_place = Session::kNotQueued;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (last.session == session) return;
  if (place > 0 && last.deadline < heap_[(place - 1) / 2].deadline) {
    SiftUp(place, last);
  } else {
    SiftDown(place, last);
  }
}

Session* ExpiryQueue::TakeDue(TimePoint now, std::vector<Session*>* prolonged) {
  while (!heap_.empty() && heap_.front().deadline <= now) {
    Session* session = heap_.front().session;
    if (session->deadline() <= now) {
      Remove(session);
      return session;
    }
    SiftDown(0, {session->deadline(), session});
    if (prolonged != nullptr) prolonged->push_back(session);
  }
  return nullptr;
}

std::optional<TimePoint> ExpiryQueue::NextDeadline() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().deadline;
}

}  // namespace recur
