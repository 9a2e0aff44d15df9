#include "server/lane/session_record.h"

#include <algorithm>
#include <new>

namespace recur {
namespace {

constexpr size_t RoundUp(size_t bytes, size_t to) {
  return (bytes + to - 1) / to * to;
}

// What an allocation costs beside its bytes. A block and that together are as
// long as some cache lines: so blocks follow each other without gaps, and all
// alike. To align them as well would cost up to a line each.
constexpr size_t kAllocationBytes = 8;

// Where the parts of a block lie. It begins with the hidden state.
struct Layout {
  Layout(size_t id_bytes, size_t feature_count, size_t hidden_count)
      : record(RoundUp(hidden_count * sizeof(float), kCacheLineBytes)),
        ids(record + sizeof(SessionRecord)),
        features(RoundUp(ids + id_bytes, alignof(double))),
        end(RoundUp(
                features + feature_count * sizeof(double) + kAllocationBytes,
                kCacheLineBytes) -
            kAllocationBytes) {}

  size_t record;
  size_t ids;
  size_t features;
  size_t end;
};

absl::string_view CopyText(absl::string_view text, char** to) {
  std::copy(text.begin(), text.end(), *to);
  const absl::string_view copy(*to, text.size());
  *to += text.size();
  return copy;
}

template <typename T>
absl::Span<T> CopyValues(const std::vector<T>& values, char* to) {
  T* first = reinterpret_cast<T*>(to);
  std::uninitialized_copy(values.begin(), values.end(), first);
  return {first, values.size()};
}

}  // namespace

SessionPtr::SessionPtr(const SessionPtr& other) noexcept
    : record_(other.record_) {
  if (record_ == nullptr) return;
  record_->owners_.fetch_add(1, std::memory_order_relaxed);
}

SessionPtr::~SessionPtr() {
  if (record_ == nullptr) return;
  if (record_->owners_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  SessionRecord::Destroy(record_);
}

void SessionRecord::Destroy(SessionRecord* record) {
  float* block = record->session.hidden.data();
  record->~SessionRecord();
  operator delete(static_cast<void*>(block));
}

SessionRecord::SessionRecord(std::shared_ptr<const Servable> its_model,
                             size_t block_bytes, int answer_window_steps)
    : model(std::move(its_model)),
      block_bytes_(static_cast<uint32_t>(block_bytes)) {
  session.window = AnswerWindow(answer_window_steps);
}

SessionPtr SessionRecord::Create(absl::string_view id,
                                 absl::string_view request_id,
                                 std::shared_ptr<const Servable> model,
                                 int answer_window_steps) {
  const SequenceState initial = InitialState(*model);
  const Layout layout(id.size() + request_id.size(),
                      initial.features.values.size(), initial.hidden.size());
  void* block = operator new(layout.end);
  char* bytes = static_cast<char*>(block);
  auto* record = new (bytes + layout.record)
      SessionRecord(std::move(model), layout.end, answer_window_steps);
  Session& session = record->session;
  char* text = bytes + layout.ids;
  session.id = CopyText(id, &text);
  session.request_id_bytes =
      static_cast<uint32_t>(CopyText(request_id, &text).size());
  session.clock = initial.features;
  session.feature_values =
      CopyValues(initial.features.values, bytes + layout.features);
  session.hidden = CopyValues(initial.hidden, bytes);
  return SessionPtr(record);
}

void SessionRecord::Prefetch(const SessionRecord* record) {
  const char* bytes = reinterpret_cast<const char*>(record);
  // The struct, the ids and the first feature values.
  for (size_t line = 0; line < 5; ++line) {
    __builtin_prefetch(bytes + line * kCacheLineBytes);
  }
}

}  // namespace recur
