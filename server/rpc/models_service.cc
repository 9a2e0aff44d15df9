#include "server/rpc/models_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/rpc/encode_model.h"
#include "server/rpc/unary_call.h"

namespace recur {
namespace {

template <typename Request>
std::optional<int64_t> VersionOf(const Request& request) {
  if (!request.has_version()) return std::nullopt;
  return request.version();
}

absl::Status TooManyLoads(size_t waiting) {
  return ErrorWithReason(
      absl::StatusCode::kResourceExhausted, "too_many_loads",
      absl::StrFormat("%d loads and unloads wait, which is the limit",
                      waiting));
}

}  // namespace

ModelsService::Unary* ModelsService::ListModels(
    Context* context, const v1::ListModelsRequest* request,
    v1::ListModelsResponse* response) {
  UnaryCall call(service_, calls_, "ListModels", context, request, response);
  for (const ModelStatus& status : repository_->List()) {
    EncodeModel(status, response->add_models());
  }
  call.Finish(absl::OkStatus());
  return call.reactor();
}

ModelsService::Unary* ModelsService::GetModel(
    Context* context, const v1::GetModelRequest* request,
    v1::GetModelResponse* response) {
  UnaryCall call(service_, calls_, "GetModel", context, request, response);
  call.SetModel(request->model());
  const auto status = repository_->Get(request->model(), VersionOf(*request));
  if (status.ok()) EncodeModel(*status, response->mutable_model());
  call.Finish(status.status());
  return call.reactor();
}

ModelsService::Unary* ModelsService::LoadModel(
    Context* context, const v1::LoadModelRequest* request,
    v1::LoadModelResponse* response) {
  using Call = UnaryCall<v1::LoadModelRequest, v1::LoadModelResponse>;
  auto call = std::make_shared<Call>(service_, calls_, "LoadModel", context,
                                     request, response);
  Unary* reactor = call->reactor();
  call->SetModel(request->model());
  const bool posted = worker_.Post([this, call] {
    const auto status =
        repository_->Load(call->request.model(), VersionOf(call->request));
    if (status.ok()) EncodeModel(*status, call->response.mutable_model());
    call->Finish(status.status());
  });
  if (!posted) call->Finish(TooManyLoads(kMaxWaiting));
  return reactor;
}

ModelsService::Unary* ModelsService::UnloadModel(
    Context* context, const v1::UnloadModelRequest* request,
    v1::UnloadModelResponse* response) {
  using Call = UnaryCall<v1::UnloadModelRequest, v1::UnloadModelResponse>;
  auto call = std::make_shared<Call>(service_, calls_, "UnloadModel", context,
                                     request, response);
  Unary* reactor = call->reactor();
  call->SetModel(request->model());
  const bool posted = worker_.Post([this, call] {
    call->Finish(
        repository_->Unload(call->request.model(), VersionOf(call->request)));
  });
  if (!posted) call->Finish(TooManyLoads(kMaxWaiting));
  return reactor;
}

}  // namespace recur
