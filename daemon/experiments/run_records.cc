// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/run_records.h"

#include <optional>
#include <utility>

namespace murphy::experiments {
namespace {

constexpr size_t kPage = 1000;

}  // namespace

absl::StatusOr<std::vector<v1::Exchange>> ExchangesOf(journal::Journal& journal,
                                                      const std::string& run, size_t most) {
  std::vector<v1::Exchange> exchanges;
  std::optional<journal::ExchangePosition> next(std::in_place);
  while (next.has_value() && exchanges.size() < most) {
    auto page = journal.Exchanges(run, *next, kPage, absl::InfinitePast());
    if (!page.ok()) return page.status();
    for (v1::Exchange& exchange : page->exchanges) {
      if (!exchange.late()) exchanges.push_back(std::move(exchange));
    }
    next = page->next;
  }
  return exchanges;
}

}  // namespace murphy::experiments
