// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/calls.h"

#include <grpcpp/support/error_details.h>
#include <openssl/crypto.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/control/audit_entry.h"
#include "daemon/experiments/refusal.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace murphy::control {
namespace {

constexpr size_t kThreads = 8;
constexpr size_t kWaitingCalls = 256;

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  status.ForEachPayload([&details](absl::string_view type, const absl::Cord& payload) {
    google::protobuf::Any& detail = *details.add_details();
    detail.set_type_url(std::string(type));
    detail.set_value(std::string(payload));
  });
  if (!status.GetPayload(experiments::kErrorInfoUrl)) {
    google::rpc::ErrorInfo info;
    info.set_reason(absl::StatusCodeToString(status.code()));
    info.set_domain("murphy");
    details.add_details()->PackFrom(info);
  }
  grpc::Status result;
  if (!grpc::SetErrorDetails(details, &result).ok())
    return {grpc::StatusCode::INTERNAL, details.message()};
  return result;
}

Calls::Calls(safety::Audit& audit, const std::string& token)
    : audit_(audit),
      authorization_(absl::StrCat("Bearer ", token)),
      pool_(kThreads, kWaitingCalls) {}

grpc::Status Calls::Admit(const grpc::CallbackServerContext& context) const {
  if (absl::StartsWith(context.peer(), "unix:")) return grpc::Status::OK;
  const auto& metadata = context.client_metadata();
  const auto shown = metadata.find("authorization");
  const bool right =
      shown != metadata.end() && shown->second.size() == authorization_.size() &&
      CRYPTO_memcmp(shown->second.data(), authorization_.data(), authorization_.size()) == 0;
  if (right) return grpc::Status::OK;
  return ToGrpc(experiments::Refusal(
      absl::StatusCode::kUnauthenticated, shown == metadata.end() ? "TOKEN_MISSING" : "TOKEN_WRONG",
      "Calls over TCP need the metadata `authorization: Bearer TOKEN`; the token is in the file "
      "`token` of the daemon's state directory. The Unix socket needs none."));
}

absl::Status Calls::OnRecord(const grpc::CallbackServerContext& context,
                             const google::protobuf::Message& request, bool always,
                             const std::function<absl::Status()>& change) {
  if (OnlyValidates(request)) return change();
  return audit_.OnRecord(AuditEntryOf(context, request), always, change);
}

grpc::Status Calls::Busy() {
  return ToGrpc(experiments::Refusal(absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS",
                                     "Too many calls are waiting. Try again in a moment."));
}

}  // namespace murphy::control
