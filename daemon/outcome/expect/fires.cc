// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::FiresExpect& expect) {
  const Evidence& evidence = history.evidence();
  const v1::InjectionState wanted =
      evidence.shadow ? v1::INJECTION_STATE_WOULD_FIRE : v1::INJECTION_STATE_DELIVERED;
  std::vector<uint64_t> exchanges;
  for (const v1::Injection& injection : evidence.injections) {
    if (injection.rule() == expect.rule() && injection.state() == wanted)
      exchanges.push_back(injection.exchange());
  }
  const size_t least = expect.has_at_least() ? expect.at_least() : 1;
  const std::string seen = fmt::format("`{}` {} {}", expect.rule(),
                                       evidence.shadow ? "would have fired" : "was delivered",
                                       Counted(exchanges.size(), "time"));
  if (exchanges.size() < least)
    return Violated(fmt::format("{}; at least {} is expected", seen, least));
  if (expect.has_at_most() && exchanges.size() > expect.at_most())
    return Shown(Violated(fmt::format("{}; at most {} is expected", seen, expect.at_most())),
                 exchanges);
  return Shown(Held(seen), exchanges);
}

}  // namespace murphy::outcome
