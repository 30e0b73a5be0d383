// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::NeverCallsExpect& expect) {
  std::vector<uint64_t> calls;
  std::vector<uint64_t> unread;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (BelongsTo(exchange, expect.target())) {
      calls.push_back(exchange.sequence());
    } else if (MayBelong(history, exchange, expect.target())) {
      unread.push_back(exchange.sequence());
    }
  }
  if (!calls.empty()) {
    return Shown(Violated(fmt::format("`{}` was called: {}", expect.target(), Exchanges(calls))),
                 calls);
  }
  if (!unread.empty()) {
    return Shown(Unjudged(fmt::format("what {} called could not be read", Exchanges(unread)),
                          "a target that is known by its path"),
                 unread);
  }
  return Held(fmt::format("`{}` was not called", expect.target()));
}

}  // namespace murphy::outcome
