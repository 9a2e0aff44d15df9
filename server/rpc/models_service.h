// recur.v1.Models over the repository.
#ifndef RECUR_SERVER_RPC_MODELS_SERVICE_H_
#define RECUR_SERVER_RPC_MODELS_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "recur/v1/models.grpc.pb.h"
#include "server/core/service.h"
#include "server/repository/repository.h"
#include "server/rpc/load_worker.h"
#include "server/rpc/open_calls.h"

namespace recur {

class ModelsService final : public v1::Models::CallbackService {
 public:
  using Unary = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  // All must outlive it. `service` counts the requests.
  ModelsService(recur::Service* service, OpenCalls* calls,
                Repository* repository)
      : service_(service),
        calls_(calls),
        repository_(repository),
        worker_(kMaxWaiting) {}

  Unary* ListModels(Context* context, const v1::ListModelsRequest* request,
                    v1::ListModelsResponse* response) override;
  Unary* GetModel(Context* context, const v1::GetModelRequest* request,
                  v1::GetModelResponse* response) override;

  // One after the other on a thread of their own; RESOURCE_EXHAUSTED
  // too_many_loads while kMaxWaiting wait.
  Unary* LoadModel(Context* context, const v1::LoadModelRequest* request,
                   v1::LoadModelResponse* response) override;
  Unary* UnloadModel(Context* context, const v1::UnloadModelRequest* request,
                     v1::UnloadModelResponse* response) override;

 private:
  static constexpr size_t kMaxWaiting = 16;

  recur::Service* service_;
  OpenCalls* calls_;
  Repository* repository_;
  LoadWorker worker_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_MODELS_SERVICE_H_
