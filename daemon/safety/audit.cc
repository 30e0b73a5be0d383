// SPDX-License-Identifier: Apache-2.0
#include "daemon/safety/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "daemon/experiments/refusal.h"

namespace murphy::safety {
namespace {

constexpr uint32_t kPageSize = 50;
constexpr uint32_t kLargestPage = 1000;

std::string ResultOf(const absl::Status& result) {
  if (result.ok()) return "OK";
  return fmt::format("{}: {}", absl::StatusCodeToString(result.code()),
                     std::string(result.message()));
}

absl::Status Unwritable(const char* sentence, const absl::Status& why) {
  return experiments::Refusal(absl::StatusCode::kUnavailable, "AUDIT_LOG_UNWRITABLE",
                              fmt::format("{} {}", sentence, std::string(why.message())));
}

}  // namespace

absl::Status Audit::List(const v1::ListAuditEntriesRequest& request,
                         v1::ListAuditEntriesResponse* response) {
  uint64_t before = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &before)) {
    return experiments::BadRequest("The page is not right",
                                   {{"page_token", "expected that of the last response"}});
  }
  const uint32_t most =
      std::min(request.page_size() == 0 ? kPageSize : request.page_size(), kLargestPage);
  auto entries = log_.List(before, most);
  if (!entries.ok()) return entries.status();
  if (entries->size() == most && entries->back().sequence() > 1)
    response->set_next_page_token(std::to_string(entries->back().sequence()));
  response->mutable_entries()->Add(entries->begin(), entries->end());
  return absl::OkStatus();
}

absl::Status Audit::Verify(const v1::VerifyAuditRequest& request,
                           v1::VerifyAuditResponse* response) {
  auto verified = log_.Verify(request.head());
  if (!verified.ok()) return verified.status();
  *response = *std::move(verified);
  return absl::OkStatus();
}

absl::Status Audit::OnRecord(v1::AuditEntry entry, bool always,
                             const std::function<absl::Status()>& change) {
  if (absl::Status able = log_.Writable(); !able.ok() && !always)
    return Unwritable("Nothing was changed, because it could not be put on record.", able);
  absl::Status result = change();
  entry.set_result(ResultOf(result));
  const absl::Status recorded = log_.Append(std::move(entry));
  if (!result.ok() || recorded.ok()) return result;
  return Unwritable("It was done, but could not be put on record.", recorded);
}

}  // namespace murphy::safety
