#include "server/rpc/recur_service.h"

#include <memory>
#include <utility>

#include "model/spec/error_reason.h"
#include "server/rpc/decode.h"
#include "server/rpc/encode.h"
#include "server/rpc/forecast_cut.h"
#include "server/rpc/stream_call.h"
#include "server/rpc/unary_call.h"

namespace recur {
namespace {

using ForecastRpc = UnaryCall<v1::ForecastRequest, v1::ForecastResponse>;
using ObserveRpc = UnaryCall<v1::ObserveRequest, v1::ObserveResponse>;

template <typename Request, typename Response>
std::shared_ptr<UnaryCall<Request, Response>> MakeCall(
    Service* service, OpenCalls* calls, const char* method,
    grpc::CallbackServerContext* context, const Request* request,
    Response* response) {
  return std::make_shared<UnaryCall<Request, Response>>(
      service, calls, method, context, request, response);
}

// What the core says about a forecast, to the caller.
Done<ForecastResult> AnswerForecast(std::shared_ptr<ForecastRpc> call) {
  return [call = std::move(call)](absl::StatusOr<ForecastResult> result) {
    if (!result.ok()) return call->Finish(result.status());
    call->SetModel(result->model->name);
    call->Finish(EncodeForecastResult(*result, call->request.options(),
                                      &call->response));
  };
}

void ForecastContext(Service* service, std::shared_ptr<ForecastRpc> call) {
  const v1::ForecastRequest& request = call->request;
  call->SetModel(request.model());
  std::optional<int64_t> version;
  if (request.has_version()) version = request.version();
  if (request.model().empty()) {
    return call->Finish(ErrorWithReason(absl::StatusCode::kInvalidArgument,
                                        "missing_model", "model is empty"));
  }
  const auto model = service->repository().Find(request.model(), version);
  if (!model.ok()) return call->Finish(model.status());
  auto forecast = DecodeForecastContext(request, **model);
  if (!forecast.ok()) return call->Finish(forecast.status());
  forecast->deadline = call->deadline();
  service->ForecastContext(*std::move(forecast), AnswerForecast(call));
}

void ForecastSession(Service* service, std::shared_ptr<ForecastRpc> call) {
  const std::string id = call->request.session_id();
  service->GetSession(
      id, [service, call, known = KnownOf(call->request.options())](
              absl::StatusOr<SessionInfo> info) mutable {
        if (!info.ok()) return call->Finish(info.status());
        call->SetModel(info->model->name);
        auto forecast = DecodeForecastSession(call->request, std::move(known),
                                              *info->model);
        if (!forecast.ok()) return call->Finish(forecast.status());
        forecast->deadline = call->deadline();
        service->ForecastSession(*std::move(forecast), AnswerForecast(call));
      });
}

template <typename Response>
void AnswerSession(const Service& service,
                   const absl::StatusOr<SessionInfo>& info,
                   Response* response) {
  if (!info.ok()) return;
  EncodeSession(*info, service.durability(), response->mutable_session());
}

// Answers an Observe when its item is done.
class ObserveSink : public ItemSink {
 public:
  explicit ObserveSink(std::shared_ptr<ObserveRpc> call)
      : call_(std::move(call)) {}

  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> /*indices*/) override {
    call_->Finish(EncodeObserve(*batch, call_->request, &call_->response));
  }

 private:
  std::shared_ptr<ObserveRpc> call_;
};

void SubmitObserve(Service* service, const std::shared_ptr<ObserveRpc>& call,
                   ObserveInputs inputs, const Servable& model) {
  call->SetModel(model.name);
  auto batch = DecodeObserve(call->request, std::move(inputs), model,
                             service->max_steps_per_item());
  if (!batch.ok()) return call->Finish(batch.status());
  (*batch)->arrived = std::chrono::steady_clock::now();
  (*batch)->deadline = call->deadline();
  (*batch)->sink = std::make_shared<ObserveSink>(call);
  if (auto status = (*batch)->Seal(); !status.ok()) {
    return call->Finish(status);
  }
  service->Submit(*batch);
}

}  // namespace

RecurService::Unary* RecurService::Classify(Context* context,
                                            const v1::ClassifyRequest* request,
                                            v1::ClassifyResponse* response) {
  auto call =
      MakeCall(service_, calls_, "Classify", context, request, response);
  Unary* reactor = call->reactor();
  call->SetModel(request->model());
  auto decoded = DecodeClassify(*request);
  if (!decoded.ok()) {
    call->Finish(decoded.status());
    return reactor;
  }
  decoded->deadline = call->deadline();
  service_->Classify(
      *std::move(decoded), [call](absl::StatusOr<ClassifyResult> result) {
        if (!result.ok()) return call->Finish(result.status());
        EncodeClassify(*result, call->request.top_k(), &call->response);
        call->Finish(absl::OkStatus());
      });
  return reactor;
}

RecurService::Unary* RecurService::Forecast(Context* context,
                                            const v1::ForecastRequest* request,
                                            v1::ForecastResponse* response) {
  auto call =
      MakeCall(service_, calls_, "Forecast", context, request, response);
  Unary* reactor = call->reactor();
  switch (request->source_case()) {
    case v1::ForecastRequest::kContext:
      ForecastContext(service_, std::move(call));
      break;
    case v1::ForecastRequest::kSessionId:
      ForecastSession(service_, std::move(call));
      break;
    case v1::ForecastRequest::SOURCE_NOT_SET:
      call->Finish(ErrorWithReason(absl::StatusCode::kInvalidArgument,
                                   "wrong_input",
                                   "request has neither a context nor a "
                                   "session_id"));
  }
  return reactor;
}

RecurService::Unary* RecurService::OpenSession(
    Context* context, const v1::OpenSessionRequest* request,
    v1::OpenSessionResponse* response) {
  auto call =
      MakeCall(service_, calls_, "OpenSession", context, request, response);
  Unary* reactor = call->reactor();
  call->SetModel(request->model());
  service_->OpenSession(
      DecodeOpen(*request),
      [service = service_, call](absl::StatusOr<SessionInfo> info) {
        AnswerSession(*service, info, &call->response);
        call->Finish(info.status());
      });
  return reactor;
}

RecurService::Unary* RecurService::GetSession(
    Context* context, const v1::GetSessionRequest* request,
    v1::GetSessionResponse* response) {
  auto call =
      MakeCall(service_, calls_, "GetSession", context, request, response);
  Unary* reactor = call->reactor();
  service_->LookAtSession(
      request->session_id(),
      [service = service_, call](absl::StatusOr<SessionInfo> info) {
        if (info.ok()) call->SetModel(info->model->name);
        AnswerSession(*service, info, &call->response);
        call->Finish(info.status());
      });
  return reactor;
}

RecurService::Unary* RecurService::ListSessions(
    Context* context, const v1::ListSessionsRequest* request,
    v1::ListSessionsResponse* response) {
  auto call =
      MakeCall(service_, calls_, "ListSessions", context, request, response);
  Unary* reactor = call->reactor();
  call->SetModel(request->model());
  auto list = DecodeList(*request);
  if (!list.ok()) {
    call->Finish(list.status());
    return reactor;
  }
  service_->ListSessions(
      list->model, list->after, list->limit,
      [service = service_, call](absl::StatusOr<SessionPage> page) {
        if (!page.ok()) return call->Finish(page.status());
        for (const SessionInfo& info : page->sessions) {
          EncodeSession(info, service->durability(),
                        call->response.add_sessions());
        }
        call->response.set_next_page_token(page->next);
        call->Finish(absl::OkStatus());
      });
  return reactor;
}

RecurService::Unary* RecurService::CloseSession(
    Context* context, const v1::CloseSessionRequest* request,
    v1::CloseSessionResponse* response) {
  auto call =
      MakeCall(service_, calls_, "CloseSession", context, request, response);
  Unary* reactor = call->reactor();
  service_->CloseSession(request->session_id(),
                         [call](absl::StatusOr<uint64_t> applied) {
                           if (applied.ok()) {
                             call->response.set_applied_step(*applied);
                           }
                           call->Finish(applied.status());
                         });
  return reactor;
}

RecurService::Unary* RecurService::Observe(Context* context,
                                           const v1::ObserveRequest* request,
                                           v1::ObserveResponse* response) {
  auto call = MakeCall(service_, calls_, "Observe", context, request, response);
  Unary* reactor = call->reactor();
  // Before the session is found: what is done then holds up its lane.
  auto inputs = DecodeObserveInputs(*request);
  if (!inputs.ok()) {
    call->Finish(inputs.status());
    return reactor;
  }
  service_->GetSession(
      request->session_id(),
      [service = service_, call,
       inputs = *std::move(inputs)](absl::StatusOr<SessionInfo> info) mutable {
        if (!info.ok()) return call->Finish(info.status());
        SubmitObserve(service, call, std::move(inputs), *info->model);
      });
  return reactor;
}

grpc::ServerBidiReactor<v1::StreamRequest, v1::StreamResponse>*
RecurService::Stream(Context* context) {
  return StreamCall::Start(context, service_, calls_, streams_, batches_,
                           listener_->Find(context->peer()));
}

RecurService::Unary* RecurService::ForkSession(
    Context* context, const v1::ForkSessionRequest* request,
    v1::ForkSessionResponse* response) {
  auto call =
      MakeCall(service_, calls_, "ForkSession", context, request, response);
  Unary* reactor = call->reactor();
  service_->ForkSession(
      {.session_id = request->session_id(),
       .new_session_id = request->new_session_id(),
       .request_id = request->request_id(),
       .min_step = request->min_step()},
      [service = service_, call](absl::StatusOr<SessionInfo> info) {
        if (info.ok()) call->SetModel(info->model->name);
        AnswerSession(*service, info, &call->response);
        call->Finish(info.status());
      });
  return reactor;
}

RecurService::Unary* RecurService::ExportSession(
    Context* context, const v1::ExportSessionRequest* request,
    v1::ExportSessionResponse* response) {
  auto call =
      MakeCall(service_, calls_, "ExportSession", context, request, response);
  Unary* reactor = call->reactor();
  service_->ExportSession(
      request->session_id(), [call](absl::StatusOr<SessionExport> exported) {
        if (!exported.ok()) return call->Finish(exported.status());
        call->SetModel(exported->model->name);
        call->response.set_snapshot(std::move(exported->snapshot));
        call->response.set_applied_step(exported->applied_step);
        call->Finish(absl::OkStatus());
      });
  return reactor;
}

RecurService::Unary* RecurService::ImportSession(
    Context* context, const v1::ImportSessionRequest* request,
    v1::ImportSessionResponse* response) {
  auto call =
      MakeCall(service_, calls_, "ImportSession", context, request, response);
  Unary* reactor = call->reactor();
  service_->ImportSession(
      {.session_id = request->session_id(),
       .request_id = request->request_id(),
       .snapshot = request->snapshot()},
      [service = service_, call](absl::StatusOr<SessionInfo> info) {
        if (info.ok()) call->SetModel(info->model->name);
        AnswerSession(*service, info, &call->response);
        call->Finish(info.status());
      });
  return reactor;
}

}  // namespace recur
