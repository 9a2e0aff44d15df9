#include "server/rpc/stream_items.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "model/spec/error_reason.h"
#include "server/rpc/decode.h"
#include "server/rpc/encode.h"
#include "server/rpc/item_widths.h"
#include "server/rpc/rpc_status.h"

namespace recur {
namespace {

absl::Status Refuse(absl::string_view reason, std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status AnswersFull() {
  return ErrorWithReason(
      absl::StatusCode::kResourceExhausted, "answers_full",
      absl::StrFormat("the answers to this message would take more than %d "
                      "bytes; send the rest in another one",
                      kMaxAnswerBytesPerMessage));
}

int64_t ForecastBytes(const Servable& model) {
  return static_cast<int64_t>(sizeof(double)) * OutputSize(model.spec.network);
}

// A column that may be empty must otherwise have an entry per item.
absl::Status CheckColumn(absl::string_view name, int entries, int items) {
  if (entries == 0 || entries == items) return absl::OkStatus();
  return Refuse("bad_columns", absl::StrFormat("%s has %d entries for %d items",
                                               name, entries, items));
}

absl::Status CheckColumns(const v1::Items& items) {
  const int count = items.handle_size();
  if (count > kMaxItemsPerMessage) {
    return Refuse("too_many_items",
                  absl::StrFormat("message has %d items; the limit is %d",
                                  count, kMaxItemsPerMessage));
  }
  if (!items.values().empty() && !items.values_f64().empty()) {
    return Refuse(
        "values_twice",
        absl::StrFormat("message has %d values and %d values_f64; "
                        "send one of the two",
                        items.values_size(), items.values_f64_size()));
  }
  if (auto s = CheckColumn("first_step", items.first_step_size(), count);
      !s.ok()) {
    return s;
  }
  if (auto s = CheckColumn("steps", items.steps_size(), count); !s.ok()) {
    return s;
  }
  if (items.want_size() == 1) return absl::OkStatus();
  return CheckColumn("want", items.want_size(), count);
}

// One pass over a message's columns.
class Decoder {
 public:
  Decoder(const v1::StreamRequest& request, const Bindings& bindings,
          StreamBatch* batch)
      : request_(request),
        items_(request.items()),
        bindings_(bindings),
        batch_(batch) {}

  absl::Status Decode();

 private:
  void FindSessions();
  absl::Status DivideValues();
  absl::Status CheckTimes() const;
  uint32_t StepsOf(int index) const {
    return items_.steps().empty() ? 1 : items_.steps(index);
  }
  size_t WidthOf(int index) const {
    return widths_.empty() ? width_ : widths_[index];
  }
  const SessionRecord* SessionOf(int index) const {
    const SessionPtr* bound = batch_->bound[index];
    return bound == nullptr ? nullptr : bound->get();
  }
  std::optional<uint32_t> ColumnsOf(int index) const;
  int WantOf(int index) const;
  absl::Status CheckItem(int index, const SessionRecord* session);
  absl::Status CheckForecast(const Servable& model);
  void AddItem(int index);
  void AddRefused(int index, absl::Status status);
  void CopyValues();
  void CopyValues(size_t first, size_t count);

  const v1::StreamRequest& request_;
  const v1::Items& items_;
  const Bindings& bindings_;
  StreamBatch* const batch_;
  // Values per step of each item, or of all of them.
  std::vector<uint32_t> widths_;
  size_t width_ = 0;
  Want want_ = Want::kAck;  // of the item that was checked last
  std::vector<uint32_t> refused_index_;
  std::vector<uint32_t> refused_handles_;
  int64_t answer_bytes_ = 0;
  bool full_ = false;  // of answers; no further item is taken
};

int Decoder::WantOf(int index) const {
  if (items_.want().empty()) return v1::WANT_ACK;
  return items_.want(items_.want_size() == 1 ? 0 : index);
}

// Found first and looked at later, so that their memory has time to come.
void Decoder::FindSessions() {
  batch_->bound.clear();
  batch_->bound.reserve(items_.handle_size());
  for (const uint32_t handle : items_.handle()) {
    const auto at = bindings_.find(handle);
    const bool known = at != bindings_.end();
    batch_->bound.push_back(known ? &at->second : nullptr);
    if (known) SessionRecord::Prefetch(at->second.get());
  }
}

std::optional<uint32_t> Decoder::ColumnsOf(int index) const {
  const SessionRecord* session = SessionOf(index);
  if (session == nullptr) return std::nullopt;
  return session->model->spec.features.columns.size();
}

// Nearly always every handle is known and all models are of one width.
absl::Status Decoder::DivideValues() {
  const int count = items_.handle_size();
  const size_t values = items_.values_size() + items_.values_f64_size();
  const std::optional<uint32_t> columns =
      count > 0 ? ColumnsOf(0) : std::nullopt;
  size_t steps = 0;
  bool uniform = columns.has_value();
  for (int i = 0; i < count && uniform; ++i) {
    steps += StepsOf(i);
    uniform = ColumnsOf(i) == columns;
  }
  // Not more steps than values: so the product cannot overflow.
  if (uniform && steps <= values && steps * *columns == values) {
    width_ = *columns;
    return absl::OkStatus();
  }
  std::vector<ItemShape> shapes(count);
  for (int i = 0; i < count; ++i) {
    shapes[i] = {.handle = items_.handle(i),
                 .steps = StepsOf(i),
                 .columns = ColumnsOf(i)};
  }
  auto widths = recur::DivideValues(shapes, values);
  if (!widths.ok()) return widths.status();
  widths_ = *std::move(widths);
  return absl::OkStatus();
}

absl::Status Decoder::CheckTimes() const {
  if (items_.time_us().empty()) return absl::OkStatus();
  size_t steps = 0;
  for (int i = 0; i < items_.handle_size(); ++i) steps += StepsOf(i);
  if (static_cast<size_t>(items_.time_us_size()) == steps) {
    return absl::OkStatus();
  }
  return Refuse("bad_columns",
                absl::StrFormat("message has %d times for %d steps",
                                items_.time_us_size(), steps));
}

absl::Status Decoder::CheckForecast(const Servable& model) {
  for (const auto& [known, cut] : batch_->cuts) {
    if (known == &model) return absl::OkStatus();
  }
  auto cut = MakeForecastCut(model, request_.forecast());
  if (!cut.ok()) return cut.status();
  if (batch_->cuts.empty()) {
    batch_->known =
        KnownInputs(model, request_.forecast(), KnownOf(request_.forecast()));
  }
  batch_->cuts.emplace_back(&model, *std::move(cut));
  return absl::OkStatus();
}

absl::Status Decoder::CheckItem(int index, const SessionRecord* session) {
  if (session == nullptr) {
    return Refuse("unknown_handle",
                  absl::StrFormat("handle %d is not attached on this stream",
                                  items_.handle(index)));
  }
  if (StepsOf(index) == 0) {
    return Refuse("empty_sequence", "item has 0 steps; send at least one");
  }
  const std::optional<Want> want = DecodeWant(WantOf(index));
  want_ = want.value_or(Want::kAck);
  if (!want.has_value()) {
    return Refuse("bad_want", absl::StrFormat("want is %d; it must be 0 to 2",
                                              WantOf(index)));
  }
  const Servable& model = *session->model;
  const bool forecasts =
      *want == Want::kForecast && model.spec.task == Task::kForecast;
  const int64_t bytes = forecasts ? ForecastBytes(model) : 0;
  // Nor what comes after it, which may be the same session's next step.
  full_ |= answer_bytes_ + bytes > kMaxAnswerBytesPerMessage;
  if (full_) return AnswersFull();
  if (!forecasts) return absl::OkStatus();
  if (auto status = CheckForecast(model); !status.ok()) return status;
  answer_bytes_ += bytes;
  return absl::OkStatus();
}

void Decoder::AddItem(int index) {
  const uint32_t steps = StepsOf(index);
  Item& item = batch_->items.emplace_back();
  item.session = *batch_->bound[index];
  item.steps = static_cast<int>(steps);
  item.want = want_;
  if (!items_.first_step().empty()) item.first_step = items_.first_step(index);
  batch_->item_index.push_back(index);
  batch_->handles.push_back(items_.handle(index));
  batch_->value_counts.push_back(static_cast<uint32_t>(steps * WidthOf(index)));
}

void Decoder::AddRefused(int index, absl::Status status) {
  refused_index_.push_back(index);
  refused_handles_.push_back(items_.handle(index));
  ItemResult& result = batch_->refused.emplace_back();
  result.status = std::move(status);
  const SessionPtr* bound = batch_->bound[index];
  batch_->refused_sessions.push_back(bound == nullptr ? SessionPtr() : *bound);
}

void Decoder::CopyValues(size_t first, size_t count) {
  auto& values = batch_->values;
  if (!items_.values().empty()) {
    const float* from = items_.values().data() + first;
    values.insert(values.end(), from, from + count);
  } else {
    const double* from = items_.values_f64().data() + first;
    values.insert(values.end(), from, from + count);
  }
}

// The values and times of the batch's items; without those of refused ones.
void Decoder::CopyValues() {
  if (refused_index_.empty()) {
    CopyValues(0, items_.values_size() + items_.values_f64_size());
    batch_->times_us.assign(items_.time_us().begin(), items_.time_us().end());
    return;
  }
  size_t value = 0;
  size_t step = 0;
  size_t refused = 0;
  for (int i = 0; i < items_.handle_size(); ++i) {
    const uint32_t steps = StepsOf(i);
    const size_t count = steps * WidthOf(i);
    if (refused < refused_index_.size() &&
        refused_index_[refused] == static_cast<uint32_t>(i)) {
      ++refused;
    } else {
      CopyValues(value, count);
      if (!items_.time_us().empty()) {
        const int64_t* times = items_.time_us().data() + step;
        batch_->times_us.insert(batch_->times_us.end(), times, times + steps);
      }
    }
    value += count;
    step += steps;
  }
}

absl::Status Decoder::Decode() {
  if (auto status = CheckColumns(items_); !status.ok()) return status;
  FindSessions();
  if (auto status = DivideValues(); !status.ok()) return status;
  if (auto status = CheckTimes(); !status.ok()) return status;
  const int count = items_.handle_size();
  batch_->items.reserve(count);
  batch_->item_index.reserve(count);
  batch_->handles.reserve(count);
  batch_->value_counts.reserve(count);
  batch_->values.reserve(items_.values_size() + items_.values_f64_size());
  for (int i = 0; i < count; ++i) {
    if (auto status = CheckItem(i, SessionOf(i)); status.ok()) {
      AddItem(i);
    } else {
      AddRefused(i, std::move(status));
    }
  }
  CopyValues();
  for (uint32_t index : refused_index_) batch_->item_index.push_back(index);
  for (uint32_t handle : refused_handles_) batch_->handles.push_back(handle);
  batch_->unwritten = batch_->places();
  batch_->answer_bytes = static_cast<size_t>(answer_bytes_);
  batch_->top_k = request_.top_k();
  batch_->wait_durable = request_.wait_durable();
  return batch_->Seal();
}

void AppendAnswer(const StreamBatch& batch, const Servable& model,
                  const ItemResult& result, v1::ItemAnswer* out) {
  if (const auto* label = std::get_if<Classification>(result.answer.get())) {
    EncodeClassification(model.spec, *label, batch.top_k,
                         out->mutable_class_answer());
    return;
  }
  const auto* forecast = std::get_if<Forecast>(result.answer.get());
  if (forecast == nullptr) return;
  for (const auto& [of, cut] : batch.cuts) {
    if (of != &model) continue;
    EncodeForecast(model, *forecast, cut, out->mutable_forecast());
  }
}

}  // namespace

void StreamBatch::Clear() {
  ItemBatch::Clear();
  item_index.clear();
  handles.clear();
  refused.clear();
  refused_sessions.clear();
  cuts.clear();
  bound.clear();
}

absl::Status DecodeItems(const v1::StreamRequest& request,
                         const Bindings& bindings, StreamBatch* batch) {
  return Decoder(request, bindings, batch).Decode();
}

void AppendReply(const StreamBatch& batch, uint32_t place,
                 v1::ItemReplies* replies) {
  const ItemResult& result = batch.ResultOf(place);
  const auto index = static_cast<uint32_t>(replies->item_size());
  replies->add_item(batch.first_item + batch.item_index[place]);
  replies->add_handle(batch.handles[place]);
  replies->add_step(result.step);
  replies->add_applied_step(result.applied_step);
  if (batch.durable) replies->add_durable_step(result.durable_step);
  if (!result.status.ok()) {
    v1::ItemError* error = replies->add_errors();
    error->set_index(index);
    *error->mutable_status() = ToRpcStatus(result.status);
    return;
  }
  if (result.duplicate) replies->add_duplicate(index);
  if (result.answer == nullptr) return;
  v1::ItemAnswer* answer = replies->add_answers();
  answer->set_index(index);
  AppendAnswer(batch, *batch.SessionOf(place)->model, result, answer);
}

}  // namespace recur
