// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/experiments/refusal.h"

namespace murphy::control {
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
    return experiments::BadRequest("The page token is not right",
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

}  // namespace murphy::control
