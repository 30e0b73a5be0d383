// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "daemon/control/await_injection.h"
#include "daemon/control/records.h"
#include "daemon/control/services.h"
#include "daemon/control/watch_stream.h"
#include "daemon/experiments/replays.h"
#include "murphy/v1/journal_service.grpc.pb.h"

namespace murphy::control {
namespace {

class JournalService final : public v1::JournalService::CallbackService {
 public:
  JournalService(Calls& calls, journal::Journal& journal, WatchBudget& watch_budget)
      : calls_(calls), journal_(journal), watch_budget_(watch_budget) {}

  grpc::ServerUnaryReactor* ListExchanges(grpc::CallbackServerContext* context,
                                          const v1::ListExchangesRequest* request,
                                          v1::ListExchangesResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(control::ListExchanges, std::ref(journal_)));
  }
  grpc::ServerUnaryReactor* ListInjections(grpc::CallbackServerContext* context,
                                           const v1::ListInjectionsRequest* request,
                                           v1::ListInjectionsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(control::ListInjections, std::ref(journal_)));
  }
  grpc::ServerUnaryReactor* ReplayRun(grpc::CallbackServerContext* context,
                                      const v1::ReplayRunRequest* request,
                                      v1::ReplayRunResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(experiments::ReplayRun, std::ref(journal_)));
  }
  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* context,
                                                     const v1::WatchRequest* request) override {
    return new WatchStream(calls_, journal_, watch_budget_, *request, calls_.Admit(*context));
  }
  grpc::ServerUnaryReactor* AwaitInjection(grpc::CallbackServerContext* context,
                                           const v1::AwaitInjectionRequest* request,
                                           v1::AwaitInjectionResponse* response) override {
    return control::AwaitInjection::Begin(calls_, journal_, *request, response,
                                          calls_.Admit(*context));
  }

 private:
  Calls& calls_;
  journal::Journal& journal_;
  WatchBudget& watch_budget_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeJournalService(Calls& calls, journal::Journal& journal,
                                                  WatchBudget& watch_budget) {
  return std::make_unique<JournalService>(calls, journal, watch_budget);
}

}  // namespace murphy::control
