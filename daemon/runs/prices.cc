// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/prices.h"

#include <algorithm>

#include "daemon/runs/price_table.h"

namespace murphy::runs {

Prices::Prices(const std::map<std::string, Price>& own) {
  for (const auto& [model, price] : own) rows_.push_back({scenario::Glob(model), price});
  std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return a.model.pattern().size() > b.model.pattern().size();
  });
  for (const PriceRow& row : kPrices)
    rows_.push_back({scenario::Glob(row.model), {row.input, row.output}});
}

std::optional<double> Prices::Cost(std::string_view model, uint64_t input_tokens,
                                   uint64_t output_tokens) const {
  for (const Row& row : rows_) {
    if (!row.model.Matches(model)) continue;
    return (static_cast<double>(input_tokens) * row.price.input +
            static_cast<double>(output_tokens) * row.price.output) /
           1e6;
  }
  return std::nullopt;
}

}  // namespace murphy::runs
