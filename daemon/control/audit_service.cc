// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "daemon/control/services.h"
#include "murphy/v1/audit_service.grpc.pb.h"

namespace murphy::control {
namespace {

class AuditService final : public v1::AuditService::CallbackService {
 public:
  AuditService(Calls& calls, safety::Audit& audit) : calls_(calls), audit_(audit) {}

  grpc::ServerUnaryReactor* ListAuditEntries(grpc::CallbackServerContext* context,
                                             const v1::ListAuditEntriesRequest* request,
                                             v1::ListAuditEntriesResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&safety::Audit::List, &audit_));
  }
  grpc::ServerUnaryReactor* VerifyAudit(grpc::CallbackServerContext* context,
                                        const v1::VerifyAuditRequest* request,
                                        v1::VerifyAuditResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&safety::Audit::Verify, &audit_));
  }

 private:
  Calls& calls_;
  safety::Audit& audit_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAuditService(Calls& calls, safety::Audit& audit) {
  return std::make_unique<AuditService>(calls, audit);
}

}  // namespace murphy::control
