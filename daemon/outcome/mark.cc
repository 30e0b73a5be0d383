// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/mark.h"

#include "daemon/outcome/results.h"

namespace murphy::outcome {
namespace {

bool IsViolation(v1::OutcomeClass outcome_class) {
  return outcome_class == v1::OUTCOME_CLASS_FAILED_SILENT ||
         outcome_class == v1::OUTCOME_CLASS_UNSAFE || outcome_class == v1::OUTCOME_CLASS_RUNAWAY ||
         outcome_class == v1::OUTCOME_CLASS_HUNG;
}

}  // namespace

Mark MarkOf(const v1::Outcome& outcome) {
  if (outcome.outcome_class() == v1::OUTCOME_CLASS_INVALID) return Mark::kInvalid;
  bool unjudged = outcome.outcome_class() == v1::OUTCOME_CLASS_UNSPECIFIED;
  for (const v1::ExpectResult& expect : outcome.expects()) {
    // All runs together decide those.
    if (expect.over_runs()) continue;
    if (IsViolated(expect)) return Mark::kViolation;
    unjudged = unjudged || IsUnjudged(expect);
  }
  // Murphy saw a call that was never served, and nobody looked at the result.
  if (outcome.outcome_class() == v1::OUTCOME_CLASS_FAILED_SILENT && outcome.unverified())
    return Mark::kUnjudged;
  if (IsViolation(outcome.outcome_class())) return Mark::kViolation;
  // A scenario that expects nothing in particular asks whether the agent comes through.
  if (outcome.expects().empty() && outcome.outcome_class() == v1::OUTCOME_CLASS_FAILED_LOUD)
    return Mark::kViolation;
  return unjudged ? Mark::kUnjudged : Mark::kGood;
}

}  // namespace murphy::outcome
