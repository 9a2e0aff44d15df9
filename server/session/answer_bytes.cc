#include "server/session/answer_bytes.h"

#include <cstring>
#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr uint32_t kClassification = 1;
constexpr uint32_t kForecast = 2;
constexpr uint32_t kWarmingUp = 1;
constexpr uint32_t kHasStart = 2;

// What every answer begins with. It has no holes, nor have the next two.
struct Head {
  uint32_t age;  // steps before the applied step
  uint32_t kind;
};
struct ForecastHead {
  uint32_t flags;
  uint32_t points;
  uint32_t quantiles;
  uint32_t zero;
  int64_t start_us;
};
static_assert(sizeof(Head) == 8 && sizeof(ForecastHead) == 24);

template <typename T>
void Put(const T& value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
void PutAll(const std::vector<T>& values, std::string* out) {
  if (values.empty()) return;
  out->append(reinterpret_cast<const char*>(values.data()),
              values.size() * sizeof(T));
}

void Append(const Classification& label, uint32_t age, std::string* out) {
  Put(Head{age, kClassification}, out);
  Put(static_cast<uint32_t>(label.probabilities.size()), out);
  PutAll(label.probabilities, out);
}

void Append(const Forecast& forecast, uint32_t age, std::string* out) {
  Put(Head{age, kForecast}, out);
  Put(ForecastHead{.flags = (forecast.warming_up ? kWarmingUp : 0) |
                            (forecast.start_us.has_value() ? kHasStart : 0),
                   .points = static_cast<uint32_t>(forecast.point.size()),
                   .quantiles =
                       static_cast<uint32_t>(forecast.quantiles.size()),
                   .zero = 0,
                   .start_us = forecast.start_us.value_or(0)},
      out);
  PutAll(forecast.point, out);
  PutAll(forecast.quantiles, out);
}

void Append(std::monostate, uint32_t, std::string*) {}

// Only a read is answered by a state, and a read is no step of the window.
void Append(const SequenceState&, uint32_t, std::string*) {}

size_t BytesOf(const Classification& label) {
  return sizeof(Head) + sizeof(uint32_t) +
         label.probabilities.size() * sizeof(float);
}

size_t BytesOf(const Forecast& forecast) {
  return sizeof(Head) + sizeof(ForecastHead) +
         (forecast.point.size() + forecast.quantiles.size()) * sizeof(double);
}

size_t BytesOf(std::monostate) { return 0; }

size_t BytesOf(const SequenceState&) { return 0; }

absl::Span<const StepAnswer> NewestWithinLimit(
    absl::Span<const StepAnswer> answers) {
  size_t bytes = 0;
  size_t first = answers.size();
  while (first > 0) {
    bytes += std::visit([](const auto& answer) { return BytesOf(answer); },
                        *answers[first - 1].answer);
    if (bytes > kMaxAnswersBytes) break;
    --first;
  }
  return answers.subspan(first);
}

// Reads on from where the last call ended; what is too long is refused.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : bytes_(bytes) {}

  bool done() const { return bytes_.empty(); }

  template <typename T>
  bool Take(T* value) {
    if (bytes_.size() < sizeof(T)) return false;
    std::memcpy(value, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return true;
  }

  template <typename T>
  bool TakeAll(uint32_t count, std::vector<T>* values) {
    if (bytes_.size() / sizeof(T) < count) return false;
    values->resize(count);
    const size_t size = count * sizeof(T);
    if (size > 0) std::memcpy(values->data(), bytes_.data(), size);
    bytes_.remove_prefix(size);
    return true;
  }

 private:
  absl::string_view bytes_;
};

bool TakeForecast(Reader* reader, Answer* answer) {
  ForecastHead head;
  if (!reader->Take(&head) || head.zero != 0 ||
      (head.flags & ~(kWarmingUp | kHasStart)) != 0) {
    return false;
  }
  Forecast& forecast = answer->emplace<Forecast>();
  forecast.warming_up = (head.flags & kWarmingUp) != 0;
  if ((head.flags & kHasStart) != 0) forecast.start_us = head.start_us;
  return reader->TakeAll(head.points, &forecast.point) &&
         reader->TakeAll(head.quantiles, &forecast.quantiles);
}

bool TakeAnswer(uint32_t kind, Reader* reader, Answer* answer) {
  if (kind == kForecast) return TakeForecast(reader, answer);
  uint32_t labels = 0;
  return kind == kClassification && reader->Take(&labels) &&
         reader->TakeAll(labels,
                         &answer->emplace<Classification>().probabilities);
}

absl::Status Broken(size_t answer) {
  return absl::DataLossError(
      absl::StrFormat("snapshot has answers, of which number %d is not one of "
                      "an earlier step of its window, whole",
                      answer));
}

}  // namespace

void AppendAnswers(absl::Span<const StepAnswer> answers, uint64_t applied_step,
                   std::string* out) {
  for (const StepAnswer& of : NewestWithinLimit(answers)) {
    const auto age = static_cast<uint32_t>(applied_step - of.step);
    std::visit([&](const auto& answer) { Append(answer, age, out); },
               *of.answer);
  }
}

absl::StatusOr<std::vector<StepAnswer>> ParseAnswers(absl::string_view bytes,
                                                     uint64_t applied_step,
                                                     uint64_t window) {
  std::vector<StepAnswer> answers;
  Reader reader(bytes);
  uint64_t older = window;  // than this the next one must not be
  do {
    Head head;
    Answer answer;
    if (!reader.Take(&head) || head.age == 0 || head.age >= older ||
        !TakeAnswer(head.kind, &reader, &answer)) {
      return Broken(answers.size() + 1);
    }
    older = head.age;
    answers.push_back({applied_step - head.age,
                       std::make_shared<const Answer>(std::move(answer))});
  } while (!reader.done());
  return answers;
}

}  // namespace recur
