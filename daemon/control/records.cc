// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "daemon/experiments/refusal.h"
#include "proto/time.h"

namespace murphy::control {
namespace {

constexpr uint32_t kPage = 1000;
// About what one gRPC message holds.
constexpr uint32_t kLargestPage = 2000;

// A page token of exchanges: the number and the revision of the last one.
bool ReadToken(const std::string& token, journal::ExchangePosition& after) {
  const size_t dot = token.find('.');
  return token.empty() ||
         (dot != std::string::npos && absl::SimpleAtoi(token.substr(0, dot), &after.sequence) &&
          absl::SimpleAtoi(token.substr(dot + 1), &after.revision));
}

// An empty first page is no proof of a run.
absl::Status MustBeKnown(journal::Journal& journal, const std::string& run) {
  const auto known = journal.FindRun(run);
  if (!known.ok()) return known.status();
  if (known->has_value()) return absl::OkStatus();
  return experiments::NotInJournal(run);
}

}  // namespace

absl::Status ListExchanges(journal::Journal& journal, const v1::ListExchangesRequest& request,
                           v1::ListExchangesResponse* response) {
  journal::ExchangePosition after;
  if (!ReadToken(request.page_token(), after)) return experiments::WrongPageToken();
  const uint32_t most =
      std::min(request.page_size() == 0 ? kPage : request.page_size(), kLargestPage);
  const absl::Time since = request.has_since() ? FromProto(request.since()) : absl::InfinitePast();
  auto page = journal.Exchanges(request.run(), after, most, since);
  if (!page.ok()) return page.status();
  if (page->next.has_value()) {
    response->set_next_page_token(fmt::format("{}.{}", page->next->sequence, page->next->revision));
  }
  const bool empty = page->exchanges.empty() && page->damaged.empty();
  if (empty && request.page_token().empty()) return MustBeKnown(journal, request.run());
  for (v1::Exchange& exchange : page->exchanges) response->add_exchanges()->Swap(&exchange);
  response->mutable_damaged()->Add(page->damaged.begin(), page->damaged.end());
  return absl::OkStatus();
}

absl::Status ListInjections(journal::Journal& journal, const v1::ListInjectionsRequest& request,
                            v1::ListInjectionsResponse* response) {
  uint64_t after = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &after))
    return experiments::WrongPageToken();
  const size_t most =
      request.page_size() == 0 ? SIZE_MAX : std::min(request.page_size(), kLargestPage);
  auto injections = journal.Injections(request.run(), after, most);
  if (!injections.ok()) return injections.status();
  if (injections->empty() && request.page_token().empty())
    return MustBeKnown(journal, request.run());
  if (injections->size() == most)
    response->set_next_page_token(fmt::to_string(injections->back().id()));
  for (v1::Injection& injection : *injections) response->add_injections()->Swap(&injection);
  return absl::OkStatus();
}

}  // namespace murphy::control
