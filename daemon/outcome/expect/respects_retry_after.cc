// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/recovery.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::RespectsRetryAfterExpect& expect) {
  size_t stated = 0;
  for (const uint64_t operation : Selected(history, expect)) {
    for (const size_t position : history.AttemptsOf(operation)) {
      const v1::Exchange& exchange = history.at(position);
      if (exchange.stated_delay().seconds() > 0 || exchange.stated_delay().nanos() > 0) ++stated;
      if (WaitedAsTold(history, position).value_or(true)) continue;
      const v1::Exchange& next = history.at(*history.NextAttempt(position));
      return Violated(fmt::format("{} was told to wait {} and came back after {}",
                                  exchange.address(), Seconds(exchange.stated_delay()),
                                  Seconds(BeginOf(next) - EndOf(exchange))));
    }
  }
  if (stated == 0) return Idle(fmt::format("no delay was stated to a call{}", Whose(expect)));
  return Held(fmt::format(
      "{} waited for or the call given up",
      stated == 1 ? "the stated delay was" : fmt::format("{} stated delays were", stated)));
}

}  // namespace murphy::outcome
