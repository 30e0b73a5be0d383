// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include <set>

#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::NoRetryOnPermanentExpect& expect) {
  static const std::set<uint32_t>& permanent = *new std::set<uint32_t>{400, 401, 403, 404, 422};
  size_t seen = 0;
  for (const uint64_t operation : Selected(history, expect)) {
    for (const size_t position : history.AttemptsOf(operation)) {
      const v1::Exchange& exchange = history.at(position);
      if (!permanent.contains(exchange.status())) continue;
      ++seen;
      if (history.NextAttempt(position)) {
        return Violated(fmt::format("{} got status {} and was attempted again", exchange.address(),
                                    exchange.status()));
      }
    }
  }
  if (seen == 0) return Idle(fmt::format("no call{} got a permanent error", Whose(expect)));
  return Held(fmt::format("{}, and no attempt after {}", Counted(seen, "permanent error"),
                          seen == 1 ? "it" : "them"));
}

}  // namespace murphy::outcome
