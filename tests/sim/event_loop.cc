#include "tests/sim/event_loop.h"

#include <algorithm>
#include <utility>

namespace recur::sim {

void EventLoop::At(TimePoint when, Task task) {
  heap_.push_back({std::max(when, now_), serial_++, std::move(task)});
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

bool EventLoop::RunNext() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  Event event = std::move(heap_.back());
  heap_.pop_back();
  now_ = event.when;
  ++events_;
  Fold(static_cast<uint64_t>(now_.time_since_epoch().count()));
  event.task();
  return true;
}

void Process::After(Duration pause, Task task) {
  loop_->After(pause, [life = life_, task = std::move(task)]() mutable {
    if (life->over) return;
    if (life->stopped) {
      life->waiting.push_back(std::move(task));
    } else {
      task();
    }
  });
}

size_t Process::Continue() {
  life_->stopped = false;
  const size_t waited = life_->waiting.size();
  for (Task& task : std::exchange(life_->waiting, {})) {
    After(Duration(0), std::move(task));
  }
  return waited;
}

void Process::Kill() {
  life_->over = true;
  life_->waiting.clear();
}

}  // namespace recur::sim
