// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::CallsExpect& expect) {
  const bool operations = expect.count() == v1::COUNT_UNIT_OPERATIONS;
  std::vector<uint64_t> calls;
  size_t unread = 0;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    const bool first = history.AttemptsOf(exchange.operation()).front() == position;
    if (operations && !first) continue;
    if (BelongsTo(exchange, expect.target())) {
      calls.push_back(exchange.sequence());
    } else if (MayBelong(history, exchange, expect.target())) {
      ++unread;
    }
  }
  const std::string seen =
      fmt::format("`{}` was called {}{}", expect.target(), Counted(calls.size(), "time"),
                  operations ? ", retries apart" : "");
  if (expect.has_at_most() && calls.size() > expect.at_most())
    return Shown(Violated(fmt::format("{}; at most {} is expected", seen, expect.at_most())), calls);
  const bool few = expect.has_at_least() && calls.size() < expect.at_least();
  if (few && calls.size() + unread < expect.at_least())
    return Violated(fmt::format("{}; at least {} is expected", seen, expect.at_least()));
  if (few || (expect.has_at_most() && calls.size() + unread > expect.at_most())) {
    return Unjudged(fmt::format("{}, and {} could not be read", seen, Counted(unread, "call")),
                    "a target that is known by its path");
  }
  return Shown(Held(seen), calls);
}

}  // namespace murphy::outcome
