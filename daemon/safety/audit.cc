// SPDX-License-Identifier: Apache-2.0
#include "daemon/safety/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "daemon/experiments/refusal.h"

namespace murphy::safety {
namespace {

constexpr uint32_t kPageSize = 50;
constexpr uint32_t kLargestPage = 1000;
constexpr std::chrono::milliseconds kPatience(20);

std::string ResultOf(const absl::Status& result) {
  if (result.ok()) return "OK";
  return fmt::format("{}: {}", absl::StatusCodeToString(result.code()),
                     std::string(result.message()));
}

absl::Status Unwritable(const char* sentence, const absl::Status& why) {
  return experiments::Refusal(absl::StatusCode::kInternal, "AUDIT_LOG_UNWRITABLE",
                              fmt::format("{} {}", sentence, std::string(why.message())));
}

}  // namespace

void Audit::Settle() {
  const auto settled = std::make_shared<std::promise<void>>();
  std::future<void> done = settled->get_future();
  late_.Post([settled] { settled->set_value(); });
  done.wait();
}

absl::Status Audit::List(const v1::ListAuditEntriesRequest& request,
                         v1::ListAuditEntriesResponse* response) {
  Settle();
  uint64_t before = 0;
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &before) || before == 0)) {
    return experiments::WrongPageToken();
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
  Settle();
  auto verified = log_.Verify(request.head());
  if (!verified.ok()) return verified.status();
  *response = *std::move(verified);
  return absl::OkStatus();
}

absl::Status Audit::RecordSoon(v1::AuditEntry entry) {
  const auto recorded = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> result = recorded->get_future();
  late_.Post(
      [this, recorded, entry = std::move(entry)] { recorded->set_value(log_.AppendDone(entry)); });
  if (result.wait_for(kPatience) != std::future_status::ready) return absl::OkStatus();
  return result.get();
}

absl::Status Audit::OnRecord(v1::AuditEntry entry, bool always,
                             const std::function<absl::Status()>& change) {
  if (!always) {
    v1::AuditEntry announcement = entry;
    announcement.set_result("BEGUN");
    uint64_t begun = 0;
    if (absl::Status announced = log_.Append(std::move(announcement), &begun); !announced.ok())
      return Unwritable("Nothing was changed, because it could not be put on record.", announced);
    entry.set_begun(begun);
  }
  absl::Status result = change();
  entry.set_result(ResultOf(result));
  const absl::Status recorded =
      always ? RecordSoon(std::move(entry)) : log_.AppendDone(std::move(entry));
  if (!result.ok() || recorded.ok()) return result;
  return Unwritable(
      always ? "It was done, and is put on record as soon as the log can be written."
             : "It was done; the log says that it was begun, and the rest as soon as it can be "
               "written.",
      recorded);
}

}  // namespace murphy::safety
