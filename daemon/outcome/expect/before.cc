// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::BeforeExpect& expect) {
  absl::Time served = absl::InfiniteFuture();
  bool unread = false;
  const v1::Exchange* then = nullptr;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (BelongsTo(exchange, expect.then())) {
      then = &exchange;
      break;
    }
    if (BelongsTo(exchange, expect.first()) && !Broken(exchange))
      served = std::min(served, EndOf(exchange));
    unread = unread || MayBelong(history, exchange, expect.first()) ||
             MayBelong(history, exchange, expect.then());
  }
  if (then == nullptr) {
    if (unread)
      return Unjudged(fmt::format("`{}` was not called, unless by a call that could not be read",
                                  expect.then()),
                      "a target that is known by its path");
    return Idle(fmt::format("`{}` was not called", expect.then()));
  }
  if (served <= BeginOf(*then))
    return Held(fmt::format("`{}` was served before `{}` was called", expect.first(), expect.then()));
  if (unread) {
    return Unjudged(fmt::format("`{}` was served before {} at most by a call that could not be read",
                                expect.first(), then->address()),
                    "a target that is known by its path");
  }
  return Shown(Violated(fmt::format("{} began before `{}` was served", then->address(),
                                    expect.first())),
               {then->sequence()});
}

}  // namespace murphy::outcome
