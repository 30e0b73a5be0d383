// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include <algorithm>

#include "daemon/outcome/recovery.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "daemon/outcome/troubles.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

// Nobody was let down, as far as traffic shows.
bool EveryCallWasServed(const History& history) {
  const auto& injections = history.evidence().injections;
  return Troubles(history, /*agent_ended_badly=*/false).empty() &&
         std::none_of(injections.begin(), injections.end(), [&](const v1::Injection& injection) {
           return injection.state() == v1::INJECTION_STATE_DELIVERED &&
                  Follow(history, injection).never_served;
         });
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::CompletesExpect& /*expect*/) {
  const Evidence& evidence = history.evidence();
  if (evidence.report && evidence.report->task() != v1::TASK_STATE_UNSPECIFIED) {
    const bool correct = evidence.report->task() == v1::TASK_STATE_CORRECT;
    return correct ? Held(HowItEnded(evidence)) : Violated(HowItEnded(evidence));
  }
  if (evidence.hung) return Violated("the agent had to be stopped");
  if (evidence.exit_code.value_or(0) != 0)
    return Violated(fmt::format("exit code {}", *evidence.exit_code));
  if (EveryCallWasServed(history)) return Held("every operation was served");
  return Unjudged("a call was never served, and nobody checked the result: a checker would tell",
                  "a checker (`--check`)");
}

}  // namespace murphy::outcome
