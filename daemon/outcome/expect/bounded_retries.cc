// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include <algorithm>

#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::BoundedRetriesExpect& expect) {
  const std::vector<uint64_t> operations = Selected(history, expect);
  size_t most = 0;
  uint64_t worst = 0;
  for (const uint64_t operation : operations) {
    const size_t attempts = history.AttemptsOf(operation).size();
    if (attempts > most) worst = operation;
    most = std::max(most, attempts);
  }
  if (operations.empty()) return Idle(fmt::format("no operation{} took place", Whose(expect)));
  const std::string bound =
      fmt::format("{} {} allowed", expect.at_most(), expect.at_most() == 1 ? "is" : "are");
  if (most <= expect.at_most()) {
    return Held(fmt::format("{}{} took at most {}; {}", Counted(operations.size(), "operation"),
                            Whose(expect), Counted(most, "attempt"), bound));
  }
  const v1::Exchange& first = history.at(history.AttemptsOf(worst).front());
  return Violated(fmt::format("{} was attempted {} times; {}", OperationOf(first), most, bound));
}

}  // namespace murphy::outcome
