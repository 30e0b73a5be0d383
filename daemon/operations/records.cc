// SPDX-License-Identifier: Apache-2.0
#include "daemon/operations/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/control/status.h"
#include "daemon/operations/moments.h"

namespace murphy::operations {
namespace {

constexpr uint32_t kPage = 1000;
// About what one gRPC message holds.
constexpr uint32_t kLargestPage = 2000;

// Reads a page token, the number of the last exchange. False when it is none.
bool ReadToken(const std::string& token, uint64_t& number) {
  if (token.size() > 19 || token.find_first_not_of("0123456789") != std::string::npos) return false;
  number = token.empty() ? 0 : std::stoull(token);
  return true;
}

}  // namespace

absl::Status ListExchanges(journal::Journal& journal, const v1::ListExchangesRequest& request,
                           v1::ListExchangesResponse* response) {
  uint64_t last = 0;
  if (!ReadToken(request.page_token(), last)) {
    return control::BadRequest("The page token is not right",
                               {{"page_token", "expected one from the last response"}});
  }
  const uint32_t most =
      std::min(request.page_size() == 0 ? kPage : request.page_size(), kLargestPage);
  auto exchanges = journal.Exchanges(request.run(), last, most);
  if (!exchanges.ok()) return exchanges.status();
  if (exchanges->size() == most)
    response->set_next_page_token(fmt::to_string(exchanges->back().sequence()));
  for (v1::Exchange& exchange : *exchanges) *response->add_exchanges() = std::move(exchange);
  return absl::OkStatus();
}

absl::Status ListInjections(journal::Journal& journal, const v1::ListInjectionsRequest& request,
                            v1::ListInjectionsResponse* response) {
  auto injections = journal.Injections(request.run());
  if (!injections.ok()) return injections.status();
  for (v1::Injection& injection : *injections) *response->add_injections() = std::move(injection);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Run>> EndOrphans(journal::Journal& journal,
                                                const std::string& reason) {
  std::vector<v1::Run> runs;
  while (true) {
    auto page = journal.Runs("", kPage, runs.empty() ? "" : runs.back().id());
    if (!page.ok()) return page.status();
    if (page->empty()) break;
    for (v1::Run& run : *page) {
      runs.push_back(run);
      // `default` begins anew with each start.
      if (run.state() == v1::RUN_STATE_FINISHED || run.id() == "default") continue;
      run.set_state(v1::RUN_STATE_FINISHED);
      *run.mutable_end_time() = Now();
      run.mutable_outcome()->set_outcome_class(v1::OUTCOME_CLASS_INVALID);
      run.mutable_outcome()->set_reason(reason);
      run.mutable_outcome()->set_integrity(reason);
      v1::Event event;
      *event.mutable_run() = std::move(run);
      journal.Append(std::move(event));
    }
  }
  if (absl::Status status = journal.Flush(); !status.ok()) return status;
  return runs;
}

}  // namespace murphy::operations
