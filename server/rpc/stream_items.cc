#include "server/rpc/stream_items.h"

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
  Decoder(const v1::StreamRequest& request, const Bindings& bindings)
      : request_(request), items_(request.items()), bindings_(bindings) {}

  absl::StatusOr<std::shared_ptr<StreamBatch>> Decode();

 private:
  // An item that goes to the lanes, or why it does not.
  struct Place {
    uint32_t index;
    const Binding* binding;
    absl::Status status;
  };

  std::vector<ItemShape> Shapes() const;
  const Binding* BindingOf(int index) const;
  uint32_t StepsOf(int index) const {
    return items_.steps().empty() ? 1 : items_.steps(index);
  }
  int WantOf(int index) const;
  absl::Status CheckItem(int index, const Binding* binding);
  absl::Status CheckForecast(const Servable& model);
  void AddItem(int index, const Binding& binding, uint32_t width,
               size_t value_offset, size_t step_offset);
  void AddRefused(int index, const Binding* binding, absl::Status status);

  const v1::StreamRequest& request_;
  const v1::Items& items_;
  const Bindings& bindings_;
  std::shared_ptr<StreamBatch> batch_ = std::make_shared<StreamBatch>();
  std::vector<uint32_t> refused_index_;
  std::vector<uint32_t> refused_handles_;
  int64_t answer_bytes_ = 0;
};

const Binding* Decoder::BindingOf(int index) const {
  const auto found = bindings_.find(items_.handle(index));
  return found == bindings_.end() ? nullptr : &found->second;
}

int Decoder::WantOf(int index) const {
  if (items_.want().empty()) return v1::WANT_ACK;
  return items_.want(items_.want_size() == 1 ? 0 : index);
}

std::vector<ItemShape> Decoder::Shapes() const {
  std::vector<ItemShape> shapes(items_.handle_size());
  for (int i = 0; i < items_.handle_size(); ++i) {
    shapes[i] = {.handle = items_.handle(i), .steps = StepsOf(i)};
    if (const Binding* binding = BindingOf(i); binding != nullptr) {
      shapes[i].columns = binding->model->spec.features.columns.size();
    }
  }
  return shapes;
}

absl::Status Decoder::CheckForecast(const Servable& model) {
  for (const auto& [known, cut] : batch_->cuts) {
    if (known == &model) return absl::OkStatus();
  }
  auto cut = MakeForecastCut(model, request_.forecast());
  if (!cut.ok()) return cut.status();
  if (batch_->cuts.empty()) {
    batch_->known = KnownInputs(model, request_.forecast());
  }
  batch_->cuts.emplace_back(&model, *std::move(cut));
  return absl::OkStatus();
}

absl::Status Decoder::CheckItem(int index, const Binding* binding) {
  if (binding == nullptr) {
    return Refuse("unknown_handle",
                  absl::StrFormat("handle %d is not attached on this stream",
                                  items_.handle(index)));
  }
  if (StepsOf(index) == 0) {
    return Refuse("empty_sequence", "item has 0 steps; send at least one");
  }
  const std::optional<Want> want = DecodeWant(WantOf(index));
  if (!want.has_value()) {
    return Refuse("bad_want", absl::StrFormat("want is %d; it must be 0 to 2",
                                              WantOf(index)));
  }
  const Servable& model = *binding->model;
  if (*want == Want::kForecast && model.spec.task == Task::kForecast) {
    answer_bytes_ += sizeof(double) * OutputSize(model.spec.network);
    return CheckForecast(model);
  }
  return absl::OkStatus();
}

void Decoder::AddItem(int index, const Binding& binding, uint32_t width,
                      size_t value_offset, size_t step_offset) {
  const uint32_t steps = StepsOf(index);
  Item item{.session_id = binding.session_id,
            .steps = static_cast<int>(steps),
            .want = *DecodeWant(WantOf(index))};
  if (!items_.first_step().empty()) item.first_step = items_.first_step(index);
  batch_->items.push_back(std::move(item));
  batch_->item_index.push_back(index);
  batch_->handles.push_back(items_.handle(index));
  const size_t count = size_t{steps} * width;
  batch_->value_counts.push_back(static_cast<uint32_t>(count));
  auto& values = batch_->values;
  if (!items_.values().empty()) {
    const float* from = items_.values().data() + value_offset;
    values.insert(values.end(), from, from + count);
  } else {
    const double* from = items_.values_f64().data() + value_offset;
    values.insert(values.end(), from, from + count);
  }
  if (items_.time_us().empty()) return;
  const int64_t* times = items_.time_us().data() + step_offset;
  batch_->times_us.insert(batch_->times_us.end(), times, times + steps);
}

void Decoder::AddRefused(int index, const Binding* binding,
                         absl::Status status) {
  refused_index_.push_back(index);
  refused_handles_.push_back(items_.handle(index));
  ItemResult result{.status = std::move(status)};
  if (binding != nullptr) result.model = binding->model;
  batch_->refused.push_back(std::move(result));
}

absl::StatusOr<std::shared_ptr<StreamBatch>> Decoder::Decode() {
  if (auto status = CheckColumns(items_); !status.ok()) return status;
  const size_t values = items_.values_size() + items_.values_f64_size();
  auto widths = DivideValues(Shapes(), values);
  if (!widths.ok()) return widths.status();
  size_t value_offset = 0;
  size_t step_offset = 0;
  for (int i = 0; i < items_.handle_size(); ++i) step_offset += StepsOf(i);
  if (!items_.time_us().empty() &&
      static_cast<size_t>(items_.time_us_size()) != step_offset) {
    return Refuse("bad_columns",
                  absl::StrFormat("message has %d times for %d steps",
                                  items_.time_us_size(), step_offset));
  }
  step_offset = 0;
  batch_->values.reserve(values);
  for (int i = 0; i < items_.handle_size(); ++i) {
    const Binding* binding = BindingOf(i);
    if (auto status = CheckItem(i, binding); status.ok()) {
      AddItem(i, *binding, (*widths)[i], value_offset, step_offset);
    } else {
      AddRefused(i, binding, std::move(status));
    }
    value_offset += size_t{StepsOf(i)} * (*widths)[i];
    step_offset += StepsOf(i);
  }
  if (answer_bytes_ > kMaxAnswerBytesPerMessage) {
    return Refuse("too_many_items",
                  absl::StrFormat("the answers to this message would take %d "
                                  "bytes; the limit is %d",
                                  answer_bytes_, kMaxAnswerBytesPerMessage));
  }
  for (uint32_t index : refused_index_) batch_->item_index.push_back(index);
  for (uint32_t handle : refused_handles_) batch_->handles.push_back(handle);
  batch_->unwritten = batch_->places();
  batch_->answer_bytes = static_cast<size_t>(answer_bytes_);
  batch_->top_k = request_.top_k();
  batch_->wait_durable = request_.wait_durable();
  if (auto status = batch_->Seal(); !status.ok()) return status;
  return std::move(batch_);
}

void AppendAnswer(const StreamBatch& batch, const ItemResult& result,
                  v1::ItemAnswer* out) {
  const Servable& model = *result.model;
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

absl::StatusOr<std::shared_ptr<StreamBatch>> DecodeItems(
    const v1::StreamRequest& request, const Bindings& bindings) {
  return Decoder(request, bindings).Decode();
}

void AppendReply(const StreamBatch& batch, uint32_t place,
                 v1::ItemReplies* replies) {
  const ItemResult& result = batch.ResultOf(place);
  const auto index = static_cast<uint32_t>(replies->item_size());
  replies->add_item(batch.first_item + batch.item_index[place]);
  replies->add_handle(batch.handles[place]);
  replies->add_step(result.step);
  replies->add_applied_step(result.applied_step);
  if (!result.status.ok()) {
    v1::ItemError* error = replies->add_errors();
    error->set_index(index);
    *error->mutable_status() = ToRpcStatus(result.status);
    return;
  }
  if (result.duplicate) replies->add_duplicate(index);
  if (result.answer == nullptr || result.model == nullptr) return;
  v1::ItemAnswer* answer = replies->add_answers();
  answer->set_index(index);
  AppendAnswer(batch, result, answer);
}

}  // namespace recur
