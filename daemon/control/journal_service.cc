// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/services.h"
#include "daemon/control/watch_stream.h"
#include "murphy/v1/journal_service.grpc.pb.h"

namespace murphy::control {
namespace {

class JournalService final : public v1::JournalService::CallbackService {
 public:
  explicit JournalService(Calls& calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* ListExchanges(grpc::CallbackServerContext* context,
                                          const v1::ListExchangesRequest* request,
                                          v1::ListExchangesResponse* response) override {
    return calls_.Answer(context, request, response, &Operations::ListExchanges);
  }
  grpc::ServerUnaryReactor* ListInjections(grpc::CallbackServerContext* context,
                                           const v1::ListInjectionsRequest* request,
                                           v1::ListInjectionsResponse* response) override {
    return calls_.Answer(context, request, response, &Operations::ListInjections);
  }
  grpc::ServerUnaryReactor* ReplayRun(grpc::CallbackServerContext* context,
                                      const v1::ReplayRunRequest* request,
                                      v1::ReplayRunResponse* response) override {
    return calls_.Answer(context, request, response, &Operations::ReplayRun);
  }
  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* context,
                                                     const v1::WatchRequest* request) override {
    return new WatchStream(calls_, *request, calls_.Admit(*context));
  }

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeJournalService(Calls& calls) {
  return std::make_unique<JournalService>(calls);
}

}  // namespace murphy::control
