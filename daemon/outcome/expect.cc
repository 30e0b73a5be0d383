// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect.h"

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"

namespace murphy::outcome {
namespace {

v1::ExpectResult JudgeKind(const History& history, const v1::Outcome& outcome,
                           const v1::Expect& expect) {
  switch (expect.kind_case()) {
    case v1::Expect::kBoundedRetries:
      return Judge(history, expect.bounded_retries());
    case v1::Expect::kAtMostOnceEffect:
      return Judge(history, expect.at_most_once_effect());
    case v1::Expect::kNoSilentFailure:
      return Judge(history, expect.no_silent_failure());
    case v1::Expect::kRespectsRetryAfter:
      return Judge(history, expect.respects_retry_after());
    case v1::Expect::kFallsBack:
      return Judge(history, expect.falls_back());
    case v1::Expect::kNoHijack:
      return Judge(history, expect.no_hijack());
    case v1::Expect::kTerminates:
      return Judge(history, expect.terminates());
    case v1::Expect::kNoRetryOnPermanent:
      return Judge(history, expect.no_retry_on_permanent());
    case v1::Expect::kCompletes:
      return Judge(history, expect.completes());
    case v1::Expect::kBoundedAmplification:
      return Judge(history, expect.bounded_amplification());
    case v1::Expect::kBackoffShape:
      return Judge(history, expect.backoff_shape());
    case v1::Expect::kHasTimeout:
      return Judge(history, expect.has_timeout());
    case v1::Expect::kCircuitBreaks:
      return Judge(history, expect.circuit_breaks());
    case v1::Expect::kBulkhead:
      return Judge(history, expect.bulkhead());
    case v1::Expect::kVerifiesBeforeRepeat:
      return Judge(history, expect.verifies_before_repeat());
    case v1::Expect::kEscalates:
      return Judge(history, expect.escalates());
    case v1::Expect::kPoisonContained:
      return Judge(history, expect.poison_contained());
    case v1::Expect::kCostCeiling:
      return Judge(history, expect.cost_ceiling());
    case v1::Expect::kNoHerd:
      return Judge(history, expect.no_herd());
    case v1::Expect::kReturnsToBaseline:
      return Judge(history, expect.returns_to_baseline());
    case v1::Expect::kNoSynergy:
      return Judge(history, expect.no_synergy());
    case v1::Expect::kFires:
      return Judge(history, expect.fires());
    case v1::Expect::kNeverCalls:
      return Judge(history, expect.never_calls());
    case v1::Expect::kCalls:
      return Judge(history, expect.calls());
    case v1::Expect::kBefore:
      return Judge(history, expect.before());
    case v1::Expect::kFigure:
      return Judge(history, outcome, expect.figure());
    case v1::Expect::KIND_NOT_SET:
      break;
  }
  return Unjudged("nothing is expected");
}

// Of those that IsOverRuns.
v1::ExpectResult JudgeKindTogether(const v1::Expect& expect, const Arms& arms, int place,
                                   bool final) {
  switch (expect.kind_case()) {
    case v1::Expect::kBackoffShape:
      return JudgeTogether(arms, place, final, expect.backoff_shape());
    case v1::Expect::kBulkhead:
      return JudgeTogether(arms, place, final, expect.bulkhead());
    case v1::Expect::kCostCeiling:
      return JudgeTogether(arms, place, final, expect.cost_ceiling());
    case v1::Expect::kNoSynergy:
      return JudgeTogether(arms, place, final, expect.no_synergy());
    default:  // each run decides all others
      return Unjudged("nothing is expected of all runs together");
  }
}

}  // namespace

bool IsOverRuns(const v1::Expect& expect) {
  const auto* kind = expect.GetReflection()->GetOneofFieldDescriptor(
      expect, v1::Expect::descriptor()->oneof_decl(0));
  return kind != nullptr && kind->options().GetExtension(v1::expect_info).over_runs();
}

v1::ExpectResult Judge(const History& history, const v1::Outcome& outcome,
                       const v1::Expect& expect) {
  v1::ExpectResult result = JudgeKind(history, outcome, expect);
  result.set_expect(AsWritten(expect));
  result.set_over_runs(IsOverRuns(expect));
  return result;
}

std::vector<v1::ExpectResult> JudgeTogether(const v1::Scenario& scenario, const Arms& arms,
                                            bool final) {
  std::vector<v1::ExpectResult> results;
  for (int i = 0; i < scenario.expect_size(); ++i) {
    const v1::Expect& expect = scenario.expect(i);
    if (!IsOverRuns(expect)) continue;
    v1::ExpectResult& result = results.emplace_back(JudgeKindTogether(expect, arms, i, final));
    result.set_expect(AsWritten(expect));
    result.set_over_runs(true);
  }
  return results;
}

}  // namespace murphy::outcome
