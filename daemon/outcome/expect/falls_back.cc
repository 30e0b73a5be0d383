// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::FallsBackExpect& expect) {
  size_t failed = 0;
  for (const uint64_t operation : Selected(history, expect)) {
    if (history.Succeeded(operation)) continue;
    ++failed;
    const std::string name = OperationOf(history.at(history.AttemptsOf(operation).front()));
    if (history.FallbacksFor(name).empty()) {
      return Violated(fmt::format("{} failed, and no call to its fallback followed", name));
    }
  }
  if (failed == 0) return Idle(fmt::format("no operation{} failed for good", Whose(expect)));
  return Held(fmt::format("{}{} failed and {} followed by the fallback",
                          Counted(failed, "operation"), Whose(expect),
                          failed == 1 ? "was" : "were"));
}

}  // namespace murphy::outcome
