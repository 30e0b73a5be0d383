// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/calls.h"

#include <grpcpp/support/error_details.h>
#include <openssl/crypto.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/control/audit_entry.h"
#include "daemon/experiments/refusal.h"
#include "daemon/journal/clean.h"
#include "daemon/journal/journal.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace murphy::control {
namespace {

// Reads use the processor, which others want, too; changes wait for disks and for exchanges to end.
constexpr size_t kReadThreads = 4;
constexpr size_t kChangeThreads = 8;
// As many as one connection may have open. A call that waits costs less than one that is refused,
// and comes again at once.
constexpr size_t kWaitingCalls = 4096;
// One that waits for a disk leaves another to halt.
constexpr size_t kOffSwitchThreads = 4;

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(journal::Redact(std::string(status.message())));
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

Calls::Calls(safety::Audit& audit, const std::string& token,
             std::function<std::string(const std::string& peer)> caller_of)
    : audit_(audit),
      authorization_(absl::StrCat("Bearer ", token)),
      caller_of_(std::move(caller_of)),
      reads_(kReadThreads, kWaitingCalls),
      changes_(kChangeThreads, kWaitingCalls),
      off_switch_(kOffSwitchThreads, 0),
      status_(1, 0) {}

absl::Status Calls::Told(absl::Status status, google::protobuf::Message& response) {
  journal::Clean(response);
  return status;
}

grpc::ServerUnaryReactor* Calls::Do(grpc::CallbackServerContext* context, Lane lane,
                                    std::function<absl::Status()> work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (const grpc::Status admitted = Admit(*context); !admitted.ok()) {
    reactor->Finish(admitted);
    return reactor;
  }
  auto task = [reactor, work = std::move(work)] { reactor->Finish(ToGrpc(work())); };
  switch (lane) {
    case Lane::kRead:
      if (!reads_.TryPost(std::move(task))) reactor->Finish(Busy());
      break;
    case Lane::kChange:
      if (!changes_.TryPost(std::move(task))) reactor->Finish(Busy());
      break;
    case Lane::kOffSwitch:
      off_switch_.Post(std::move(task));
      break;
    case Lane::kStatus:
      status_.Post(std::move(task));
      break;
  }
  return reactor;
}

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
  v1::AuditEntry entry = AuditEntryOf(context, request);
  if (const std::string caller = caller_of_(context.peer()); !caller.empty())
    entry.set_peer(caller);
  return audit_.OnRecord(std::move(entry), always, change);
}

grpc::Status Calls::Busy() {
  return ToGrpc(experiments::Refusal(absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS",
                                     "Too many calls are waiting. Try again in a moment."));
}

}  // namespace murphy::control
