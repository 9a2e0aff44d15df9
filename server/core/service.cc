#include "server/core/service.h"

#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_format.h"
#include "model/features/calendar.h"
#include "model/spec/error_reason.h"
#include "server/core/gather.h"
#include "server/lane/item_plan.h"
#include "server/session/session_id.h"

namespace recur {
namespace {

constexpr size_t kMaxRequestIdBytes = 128;

absl::Status Invalid(absl::string_view reason, std::string message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status CheckStart(const Servable& model,
                        std::optional<int64_t> start_us) {
  if (model.spec.features.interval.count() == 0 || !start_us.has_value() ||
      (*start_us >= kFirstTimeUs && *start_us <= kLastTimeUs)) {
    return absl::OkStatus();
  }
  return Invalid(
      "time_out_of_range",
      absl::StrFormat("start is %d us since the epoch; model \"%s\" takes the "
                      "years 1 to 9999 (%d to %d)",
                      *start_us, model.name, kFirstTimeUs, kLastTimeUs));
}

// Completes a forecast when the only item of its batch is done.
class ForecastSink : public ItemSink {
 public:
  explicit ForecastSink(Done<ForecastResult> done) : done_(std::move(done)) {}

  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> /*indices*/) override {
    const ItemResult& result = batch->results[0];
    if (!result.status.ok()) return done_(result.status);
    done_(ForecastResult{.model = batch->ModelOf(0),
                         .forecast = std::get<Forecast>(*result.answer),
                         .applied_step = result.applied_step,
                         .durable_step = result.durable_step});
  }

 private:
  Done<ForecastResult> done_;
};

}  // namespace

absl::Status Service::Draining() {
  return ErrorWithReason(absl::StatusCode::kUnavailable, "draining",
                         "the server is draining; call another one");
}

Service::Service(const Options& options, const Repository* repository,
                 LaneHost* lanes, StoreDriver* store)
    : options_(options),
      repository_(repository),
      lanes_(lanes),
      store_(store),
      names_(options.boot_tag, options.names_key) {}

int Service::LaneOf(absl::string_view session_id) const {
  if (lanes_->lane_count() == 1) return 0;
  return static_cast<int>(absl::HashOf(session_id) %
                          static_cast<size_t>(lanes_->lane_count()));
}

int Service::NextLane() {
  return static_cast<int>(next_lane_.fetch_add(1, std::memory_order_relaxed) %
                          lanes_->lane_count());
}

absl::StatusOr<std::shared_ptr<const Servable>> Service::FindModel(
    const std::string& name, std::optional<int64_t> version) const {
  if (name.empty()) return Invalid("missing_model", "model is empty");
  return repository_->Find(name, version);
}

std::string Service::ModelLabel(const std::string& model) const {
  return repository_->Knows(model) ? model : "unknown";
}

absl::StatusOr<WholeSequence> Service::ToWhole(
    const std::shared_ptr<const Servable>& model, RawSequence sequence) const {
  if (model->spec.takes_text) {
    return Invalid("wrong_input",
                   absl::StrFormat("model \"%s\" takes texts, not sequences",
                                   model->name));
  }
  const FeatureSpec& features = model->spec.features;
  if (sequence.times_us.empty() && sequence.start_us.has_value()) {
    const size_t steps = sequence.values.size() / features.columns.size();
    for (size_t i = 0; i < steps; ++i) {
      sequence.times_us.push_back(
          TimeAfter(*sequence.start_us, i, features.interval));
    }
  }
  return WholeSequence{.model = model,
                       .values = std::move(sequence.values),
                       .times_us = std::move(sequence.times_us)};
}

absl::StatusOr<std::vector<WholeSequence>> Service::ToWholes(
    const std::shared_ptr<const Servable>& model, ClassifyCall call) const {
  std::vector<WholeSequence> wholes;
  const size_t count = call.texts.size() + call.sequences.size();
  for (size_t i = 0; i < count; ++i) {
    absl::StatusOr<WholeSequence> whole = WholeSequence{.model = model};
    if (!call.texts.empty()) {
      whole = ToWhole(model, call.texts[i]);
    } else {
      whole = ToWhole(model, std::move(call.sequences[i]));
    }
    absl::Status status =
        whole.ok() ? CheckWholeSequence(*whole, options_.max_sequence_steps)
                   : whole.status();
    if (!status.ok()) {
      return WithPrefix(absl::StrFormat("input %d: ", i), status);
    }
    whole->deadline = call.deadline;
    wholes.push_back(*std::move(whole));
  }
  return wholes;
}

absl::StatusOr<WholeSequence> Service::ToWhole(
    const std::shared_ptr<const Servable>& model,
    const std::string& text) const {
  if (!model->spec.takes_text) {
    return Invalid("wrong_input",
                   absl::StrFormat("model \"%s\" takes sequences, not texts",
                                   model->name));
  }
  return WholeSequence{.model = model,
                       .tokens = model->tokenizer->Encode(text)};
}

absl::Status Service::CheckClassify(const Servable& model,
                                    const ClassifyCall& call) const {
  if (auto status = CheckWant(model, Want::kClass); !status.ok()) return status;
  const size_t count = call.texts.size() + call.sequences.size();
  if (call.texts.empty() == call.sequences.empty()) {
    return Invalid("wrong_input",
                   count == 0 ? "there is no text and no sequence to classify"
                              : "send texts or sequences, not both");
  }
  if (count > static_cast<size_t>(options_.max_sequences_per_call)) {
    return Invalid("too_many_inputs",
                   absl::StrFormat("the call has %d inputs; the limit is %d",
                                   count, options_.max_sequences_per_call));
  }
  return absl::OkStatus();
}

void Service::Classify(ClassifyCall call, Done<ClassifyResult> done) {
  if (draining()) return done(Draining());
  auto model = FindModel(call.model, call.version);
  if (!model.ok()) return done(model.status());
  if (auto s = CheckClassify(**model, call); !s.ok()) return done(s);
  auto wholes = ToWholes(*model, std::move(call));
  if (!wholes.ok()) return done(wholes.status());
  auto gather =
      std::make_shared<Gather>(*model, wholes->size(), std::move(done));
  for (size_t i = 0; i < wholes->size(); ++i) {
    (*wholes)[i].done = [gather, i](absl::StatusOr<Answer> answer) {
      gather->Add(i, std::move(answer));
    };
    SubmitWhole(std::move((*wholes)[i]));
  }
}

void Service::SubmitWhole(WholeSequence whole) {
  lanes_->Post(NextLane(),
               [whole = std::move(whole)](Lane& lane, TimePoint now) mutable {
                 lane.Submit(std::move(whole), now);
               });
}

void Service::ForecastContext(ForecastCall call, Done<ForecastResult> done) {
  if (draining()) return done(Draining());
  auto model = FindModel(call.model, call.version);
  if (!model.ok()) return done(model.status());
  if (auto s = CheckWant(**model, Want::kForecast); !s.ok()) return done(s);
  auto whole = ToWhole(*model, std::move(call.context));
  if (!whole.ok()) return done(whole.status());
  whole->known = std::move(call.known);
  whole->horizon = call.horizon;
  whole->deadline = call.deadline;
  if (auto s = CheckWholeSequence(*whole, options_.max_sequence_steps);
      !s.ok()) {
    return done(s);
  }
  whole->done = [model = *model, done = std::move(done)](
                    absl::StatusOr<Answer> answer) mutable {
    if (!answer.ok()) return done(answer.status());
    done(ForecastResult{.model = model,
                        .forecast = std::get<Forecast>(*std::move(answer))});
  };
  SubmitWhole(*std::move(whole));
}

void Service::ForecastSession(SessionForecastCall call,
                              Done<ForecastResult> done) {
  if (call.horizon > 0) {
    return ExtrapolateSession(std::move(call), std::move(done));
  }
  auto batch = std::make_shared<ItemBatch>();
  batch->items.push_back({.session_id = std::move(call.session_id),
                          .want = Want::kForecast,
                          .min_step = call.min_step});
  batch->known = std::move(call.known);
  batch->deadline = call.deadline;
  batch->sink = std::make_shared<ForecastSink>(std::move(done));
  if (auto status = batch->Seal(); !status.ok()) {
    return RefuseAll(batch, status);
  }
  Submit(batch);
}

absl::Status Service::CheckRequestId(const std::string& request_id) const {
  if (request_id.size() <= kMaxRequestIdBytes) return absl::OkStatus();
  return Invalid("bad_request_id",
                 absl::StrFormat("request_id has %d bytes; the limit is %d",
                                 request_id.size(), kMaxRequestIdBytes));
}

absl::StatusOr<OpenRequest> Service::CheckOpen(const OpenCall& call) const {
  if (draining()) return Draining();
  auto model = FindModel(call.model, call.version);
  if (!model.ok()) return model.status();
  if (!(*model)->Steps()) {
    return Invalid(
        "no_sessions",
        absl::StrFormat("model \"%s\" takes whole %s; it cannot "
                        "hold a session",
                        call.model,
                        (*model)->spec.takes_text ? "texts" : "sequences"));
  }
  if (auto s = CheckRequestId(call.request_id); !s.ok()) return s;
  if (call.idle_ttl.count() < 0 || call.idle_ttl > options_.max_idle_ttl) {
    return Invalid(
        "bad_idle_ttl",
        absl::StrFormat("idle_ttl_seconds is %d; the limit is %d",
                        call.idle_ttl.count(), options_.max_idle_ttl.count()));
  }
  if (auto s = CheckStart(**model, call.start_us); !s.ok()) return s;
  const std::string id =
      call.session_id.empty() ? names_.Make(call.request_id) : call.session_id;
  if (auto status = CheckSessionId(id); !status.ok()) return status;
  return OpenRequest{.id = id,
                     .request_id = call.request_id,
                     .model = *model,
                     .idle_ttl = call.idle_ttl.count() == 0
                                     ? options_.default_idle_ttl
                                     : call.idle_ttl,
                     .start_us = call.start_us};
}

void Service::OpenSession(OpenCall call, Done<SessionInfo> done) {
  auto request = CheckOpen(call);
  if (!request.ok()) return done(request.status());
  Open(*std::move(request), std::move(done));
}

void Service::Open(OpenRequest request, Done<SessionInfo> done) {
  const int lane = LaneOf(request.id);
  lanes_->Post(lane, [request = std::move(request), done = std::move(done)](
                         Lane& owner, TimePoint now) mutable {
    owner.Open(request, now, std::move(done));
  });
}

void Service::GetSession(std::string id, Done<SessionInfo> done) {
  if (auto s = CheckSessionId(id); !s.ok()) return done(s);
  const int lane = LaneOf(id);
  lanes_->Post(lane, [id = std::move(id), done = std::move(done)](
                         Lane& owner, TimePoint now) mutable {
    owner.Get(id, now, std::move(done));
  });
}

void Service::AttachSession(std::string id, Done<SessionInfo> done) {
  if (auto s = CheckSessionId(id); !s.ok()) return done(s);
  const int lane = LaneOf(id);
  lanes_->Post(lane, [id = std::move(id), done = std::move(done)](
                         Lane& owner, TimePoint now) mutable {
    owner.Attach(id, now, std::move(done));
  });
}

void Service::LookAtSession(std::string id, Done<SessionInfo> done) {
  if (auto s = CheckSessionId(id); !s.ok()) return done(s);
  const int lane = LaneOf(id);
  lanes_->Post(lane, [id = std::move(id), done = std::move(done)](
                         Lane& owner, TimePoint now) mutable {
    owner.Look(id, now, std::move(done));
  });
}

void Service::AbandonWaiting() {
  if (store_ == nullptr) return;
  for (int i = 0; i < lanes_->lane_count(); ++i) {
    lanes_->Post(
        i, [](Lane& lane, TimePoint now) { lane.Abandon(Draining(), now); });
  }
}

void Service::Watch(const SessionPtr& session,
                    const std::shared_ptr<DurableWatcher>& watcher,
                    uint32_t handle, uint64_t known_step) {
  if (store_ == nullptr) return;
  lanes_->Post(LaneOf(session->session.id),
               [=](Lane& owner, TimePoint /*now*/) {
                 owner.Watch(session, watcher, handle, known_step);
               });
}

void Service::Unwatch(const SessionPtr& session,
                      const std::shared_ptr<DurableWatcher>& watcher,
                      uint32_t handle) {
  if (store_ == nullptr) return;
  lanes_->Post(LaneOf(session->session.id),
               [=](Lane& owner, TimePoint /*now*/) {
                 owner.Unwatch(session, watcher.get(), handle);
               });
}

void Service::CloseSession(std::string id, Done<uint64_t> done) {
  if (auto s = CheckSessionId(id); !s.ok()) return done(s);
  const int lane = LaneOf(id);
  lanes_->Post(lane, [id = std::move(id), done = std::move(done)](
                         Lane& owner, TimePoint now) mutable {
    owner.Close(id, now, std::move(done));
  });
}

}  // namespace recur
