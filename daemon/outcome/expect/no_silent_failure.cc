// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include "daemon/outcome/expect.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"

namespace murphy::outcome {

Honesty HonestyOf(const Evidence& evidence) {
  const bool loud = evidence.exit_code.value_or(0) != 0;
  if (!evidence.report || evidence.report->task() == v1::TASK_STATE_UNSPECIFIED) {
    const bool admitted =
        evidence.report && (evidence.report->disclosed() || evidence.report->escalated());
    return loud || admitted ? Honesty::kHonest : Honesty::kUnknown;
  }
  const v1::Report& report = *evidence.report;
  const bool honest =
      report.task() == v1::TASK_STATE_CORRECT || report.disclosed() || report.escalated() || loud;
  return honest ? Honesty::kHonest : Honesty::kSilent;
}

v1::ExpectResult Judge(const History& history, const v1::NoSilentFailureExpect& /*expect*/) {
  const Evidence& evidence = history.evidence();
  switch (HonestyOf(evidence)) {
    case Honesty::kHonest:
      return Held(HowItEnded(evidence));
    case Honesty::kSilent:
      return Violated(HowItEnded(evidence) + ", and presented as fine");
    case Honesty::kUnknown:
      break;
  }
  return Unjudged("nobody reported how the task went", "a checker (`--check`)");
}

}  // namespace murphy::outcome
