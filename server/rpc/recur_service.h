// recur.v1.Recur over the core: decodes, calls, encodes. gRPC's threads never
// wait here.
#ifndef RECUR_SERVER_RPC_RECUR_SERVICE_H_
#define RECUR_SERVER_RPC_RECUR_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "recur/v1/recur.grpc.pb.h"
#include "server/core/service.h"
#include "server/rpc/batch_pool.h"
#include "server/rpc/listener.h"
#include "server/rpc/live_streams.h"
#include "server/rpc/open_calls.h"

namespace recur {

class RecurService final : public v1::Recur::CallbackService {
 public:
  using Unary = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  // All must outlive it.
  RecurService(recur::Service* service, OpenCalls* calls, LiveStreams* streams,
               const Listener* listener)
      : service_(service),
        calls_(calls),
        streams_(streams),
        listener_(listener) {}

  Unary* Classify(Context* context, const v1::ClassifyRequest* request,
                  v1::ClassifyResponse* response) override;
  Unary* Forecast(Context* context, const v1::ForecastRequest* request,
                  v1::ForecastResponse* response) override;
  Unary* OpenSession(Context* context, const v1::OpenSessionRequest* request,
                     v1::OpenSessionResponse* response) override;
  Unary* GetSession(Context* context, const v1::GetSessionRequest* request,
                    v1::GetSessionResponse* response) override;
  Unary* ListSessions(Context* context, const v1::ListSessionsRequest* request,
                      v1::ListSessionsResponse* response) override;
  Unary* CloseSession(Context* context, const v1::CloseSessionRequest* request,
                      v1::CloseSessionResponse* response) override;
  Unary* Observe(Context* context, const v1::ObserveRequest* request,
                 v1::ObserveResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamRequest, v1::StreamResponse>* Stream(
      Context* context) override;

  Unary* ForkSession(Context* context, const v1::ForkSessionRequest* request,
                     v1::ForkSessionResponse* response) override;
  Unary* ExportSession(Context* context,
                       const v1::ExportSessionRequest* request,
                       v1::ExportSessionResponse* response) override;
  Unary* ImportSession(Context* context,
                       const v1::ImportSessionRequest* request,
                       v1::ImportSessionResponse* response) override;

 private:
  recur::Service* service_;
  OpenCalls* calls_;
  LiveStreams* streams_;
  const std::shared_ptr<BatchPool> batches_ = BatchPool::Create();
  const Listener* listener_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_RECUR_SERVICE_H_
