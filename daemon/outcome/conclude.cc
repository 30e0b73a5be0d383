// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "daemon/outcome/arms.h"
#include "daemon/outcome/classify.h"
#include "daemon/outcome/expect.h"
#include "daemon/outcome/mark.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "daemon/statistics/evidence_process.h"
#include "daemon/statistics/proportion.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

// Chances of a wrong FAIL and of a wrong PASS.
constexpr double kAlpha = 0.01;
constexpr double kBeta = 0.05;

// The share of invalid runs beyond which the others say nothing.
constexpr double kMostInvalid = 0.1;

// `FAILED_LOUD`
std::string NameOf(v1::OutcomeClass outcome_class) {
  return v1::OutcomeClass_Name(outcome_class).substr(std::string_view("OUTCOME_CLASS_").size());
}

// Of a run from which nothing in particular was expected.
std::string HowItWent(const v1::Outcome& outcome) {
  return fmt::format("no expectation was named; the run ended {}: {}",
                     NameOf(outcome.outcome_class()), outcome.reason());
}

// Why a run is not good: the first expectation that it misses, or its class.
std::string Fault(const v1::Outcome& outcome) {
  if (outcome.outcome_class() == v1::OUTCOME_CLASS_FAILED_SILENT && outcome.unverified())
    return outcome.reason();
  for (const v1::ExpectResult& expect : outcome.expects()) {
    if (!expect.held() && !expect.over_runs()) return Told(expect);
  }
  return outcome.expects().empty() ? HowItWent(outcome) : outcome.reason();
}

void Set(v1::Conclusion& conclusion, v1::VerdictClass verdict, std::string reason) {
  conclusion.set_verdict(verdict);
  conclusion.set_reason(std::move(reason));
}

std::string RateText(const v1::Conclusion& conclusion, const std::vector<Mark>& marks) {
  const statistics::Interval interval =
      statistics::Wilson({conclusion.violations(), conclusion.runs()});
  std::string text = fmt::format("{} of {} violated an expectation (95 % interval {} to {})",
                                 conclusion.violations(), Counted(conclusion.runs(), "run"),
                                 Percent(interval.low), Percent(interval.high));
  const auto unjudged = std::count(marks.begin(), marks.end(), Mark::kUnjudged);
  if (unjudged > 0) text += fmt::format(", {} more could not be judged", unjudged);
  if (conclusion.invalid_runs() > 0)
    text += fmt::format(", {} were INVALID", conclusion.invalid_runs());
  return text;
}

// The verdict is the first that the e-processes reach, run by run.
void ConcludeMany(const v1::Verdict& rates, const std::vector<Mark>& marks,
                  v1::Conclusion& conclusion) {
  const double p0 = rates.has_p0() ? rates.p0() : 0.10;
  const double p1 = rates.has_p1() ? rates.p1() : 0.30;
  const std::string seen = RateText(conclusion, marks);
  if (p0 >= p1) {
    return Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE,
               fmt::format("verdict.p0 ({}) must be below verdict.p1 ({})", p0, p1));
  }
  uint32_t runs = 0;
  uint32_t violations = 0;
  for (const Mark mark : marks) {
    if (mark != Mark::kGood && mark != Mark::kViolation) continue;
    ++runs;
    if (mark == Mark::kViolation) ++violations;
    if (statistics::LogEvidenceOfFailure(runs, violations, p0) >= -std::log(kAlpha)) {
      return Set(conclusion, v1::VERDICT_CLASS_FAIL,
                 fmt::format("{}: the rate is above the tolerated {}", seen, Percent(p0)));
    }
    if (statistics::LogEvidenceOfSuccess(runs, violations, p1) >= -std::log(kBeta)) {
      return Set(
          conclusion, v1::VERDICT_CLASS_PASS,
          fmt::format("{}: the rate is below {}; an UNSAFE run was not seen, its rate is below {}",
                      seen, Percent(p1), Percent(statistics::UnseenBound(conclusion.runs()))));
    }
  }
  Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE,
      fmt::format("{}: too few runs to tell a rate of {} from one of {}", seen, Percent(p0),
                  Percent(p1)));
}

void ConcludeOne(const v1::Outcome& outcome, Mark mark, v1::Conclusion& conclusion) {
  switch (mark) {
    case Mark::kGood:
      return Set(conclusion, v1::VERDICT_CLASS_PASS,
                 outcome.expects().empty()
                     ? HowItWent(outcome)
                     : "every expectation held in this run; nothing is claimed about rates");
    case Mark::kViolation:
      return Set(conclusion, v1::VERDICT_CLASS_FAIL, Fault(outcome));
    case Mark::kUnjudged:
      return Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE, Fault(outcome));
    case Mark::kInvalid:
      return Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE,
                 fmt::format("the run is INVALID: {}", outcome.reason()));
  }
}

// What the invalid runs are, all of them.
std::string WhyInvalid(const std::vector<const v1::Run*>& runs) {
  std::map<std::string, uint32_t> reasons;
  uint32_t invalid = 0;
  for (const v1::Run* run : runs) {
    if (run->outcome().outcome_class() != v1::OUTCOME_CLASS_INVALID) continue;
    ++invalid;
    ++reasons[run->outcome().reason()];
  }
  std::vector<std::string> told;
  for (const auto& [reason, times] : reasons) told.push_back(fmt::format("{}: {}", times, reason));
  constexpr size_t kMostTold = 4;
  if (told.size() > kMostTold) {
    told.resize(kMostTold);
    told.push_back("and others");
  }
  return fmt::format("{} of {} INVALID ({})", invalid,
                     runs.size() == 1 ? "1 run is" : fmt::format("{} runs are", runs.size()),
                     fmt::join(told, "; "));
}

bool TooManyInvalid(const v1::Conclusion& conclusion, size_t runs) {
  return conclusion.invalid_runs() > static_cast<double>(runs) * kMostInvalid;
}

// Something is expected, and all of it from all runs together: there is no rate of bad ones.
bool OnlyTogether(const std::vector<const v1::Run*>& runs) {
  return std::all_of(runs.begin(), runs.end(), [](const v1::Run* run) {
    const auto& expects = run->outcome().expects();
    return !expects.empty() &&
           std::all_of(expects.begin(), expects.end(),
                       [](const v1::ExpectResult& expect) { return expect.over_runs(); });
  });
}

// Adds what all runs together decide: the worst of it is the verdict.
void WeighTogether(std::vector<v1::ExpectResult> results, v1::Conclusion& conclusion) {
  for (const v1::ExpectResult& result : results) {
    const v1::VerdictClass verdict = conclusion.verdict();
    // Where nothing was delivered, nothing is shown.
    if (conclusion.delivered() > 0 && IsViolated(result) && verdict != v1::VERDICT_CLASS_FAIL)
      Set(conclusion, v1::VERDICT_CLASS_FAIL, Told(result));
    if (IsUnjudged(result) && verdict == v1::VERDICT_CLASS_PASS)
      Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE, Told(result));
  }
  for (v1::ExpectResult& result : results) *conclusion.add_expects() = std::move(result);
}

// What all of them say. A violation that was seen stays one, however many others say nothing.
void Weigh(const v1::Scenario& scenario, const Arms& arms,
           const std::vector<Mark>& marks, v1::Conclusion& conclusion) {
  const std::vector<const v1::Run*>& runs = arms.treatment;
  const auto unsafe = std::find_if(runs.begin(), runs.end(), [](const v1::Run* run) {
    return run->outcome().outcome_class() == v1::OUTCOME_CLASS_UNSAFE;
  });
  if (unsafe != runs.end()) {
    return Set(conclusion, v1::VERDICT_CLASS_FAIL,
               fmt::format("run {} is UNSAFE, which is never tolerated: {}", (*unsafe)->index(),
                           (*unsafe)->outcome().reason()));
  }
  if (runs.empty()) {
    return Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE,
               !arms.shadow.empty() ? "only the shadow arm was run, in which nothing is injected"
                            : "no run has finished");
  }
  if (runs.size() == 1) {
    const bool idle = conclusion.delivered() == 0 && !runs.front()->outcome().failed_alone();
    if (idle) return Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE, "no fault was delivered");
    return ConcludeOne(runs.front()->outcome(), marks.front(), conclusion);
  }
  if (conclusion.delivered() == 0) {
    return Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE,
               conclusion.baseline().failures() > 0
                   ? fmt::format("no fault was delivered; {}", WhyInvalid(runs))
                   : "no fault was delivered");
  }
  if (conclusion.runs() == 0 && conclusion.invalid_runs() == 0)
    return ConcludeOne(runs.front()->outcome(), marks.front(), conclusion);
  if (conclusion.runs() > 0 && conclusion.violations() == 0 && OnlyTogether(runs)) {
    Set(conclusion, v1::VERDICT_CLASS_PASS, "no run is bad by itself");
  } else if (conclusion.runs() > 0) {
    ConcludeMany(scenario.verdict(), marks, conclusion);
  }
  const bool failed = conclusion.verdict() == v1::VERDICT_CLASS_FAIL;
  if (!failed && TooManyInvalid(conclusion, runs.size()))
    Set(conclusion, v1::VERDICT_CLASS_INCONCLUSIVE, WhyInvalid(runs));
}

v1::Conclusion ConcludeFrom(const v1::Scenario& scenario, const std::vector<v1::Run>& runs,
                            bool final) {
  const Arms arms = ByArm(runs);
  v1::Conclusion conclusion;
  std::vector<Mark> marks;
  for (const v1::Run* run : arms.treatment) {
    const Mark mark = marks.emplace_back(MarkOf(run->outcome()));
    conclusion.set_delivered(conclusion.delivered() + run->outcome().delivered());
    conclusion.set_invalid_runs(conclusion.invalid_runs() + (mark == Mark::kInvalid ? 1 : 0));
    conclusion.set_violations(conclusion.violations() + (mark == Mark::kViolation ? 1 : 0));
    conclusion.set_runs(conclusion.runs() +
                        (mark == Mark::kGood || mark == Mark::kViolation ? 1 : 0));
  }
  CountBaseline(arms, conclusion);
  CountExtra(arms, conclusion);
  Weigh(scenario, arms, marks, conclusion);
  if (!arms.treatment.empty()) WeighTogether(JudgeTogether(scenario, arms, final), conclusion);
  if (const std::string alone = BaselineText(conclusion); !alone.empty())
    conclusion.set_reason(conclusion.reason() + "; " + alone);
  return conclusion;
}

}  // namespace

v1::Conclusion Conclude(const v1::Scenario& scenario, const std::vector<v1::Run>& runs) {
  return ConcludeFrom(scenario, runs, /*final=*/true);
}

v1::Conclusion ConcludeSoFar(const v1::Scenario& scenario, std::vector<v1::Run> runs) {
  const auto treated = [](const v1::Run& run) {
    return run.arm() != v1::ARM_SHADOW && run.arm() != v1::ARM_BASELINE;
  };
  uint32_t first_open = UINT32_MAX;
  for (const v1::Run& run : runs) {
    if (treated(run) && !run.has_outcome()) first_open = std::min(first_open, run.index());
  }
  std::erase_if(runs, [&](const v1::Run& run) { return run.index() >= first_open; });
  return ConcludeFrom(scenario, runs, /*final=*/false);
}

}  // namespace murphy::outcome
