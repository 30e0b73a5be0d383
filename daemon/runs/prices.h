// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/scenario/glob.h"

namespace murphy::runs {

// US dollars per million tokens.
struct Price {
  double input = 0;
  double output = 0;
};

// What models cost: the configuration's own prices, then the built-in ones (price_table.h).
class Prices {
 public:
  // `own`: by model, as globs; the longest that matches holds.
  explicit Prices(const std::map<std::string, Price>& own = {});

  // US dollars; nothing where the model's price is not known.
  std::optional<double> Cost(std::string_view model, uint64_t input_tokens,
                             uint64_t output_tokens) const;

 private:
  struct Row {
    scenario::Glob model;
    Price price;
  };
  std::vector<Row> rows_;
};

}  // namespace murphy::runs
