// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/probes.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"
#include "re2/re2.h"

namespace murphy::outcome {
namespace {

constexpr const char* kRedacted = "[redacted]";

using Results = std::vector<const v1::ProbeResult*>;

Results ResultsOf(const Evidence& evidence, const v1::Probe& probe) {
  Results results;
  if (!evidence.report) return results;
  for (const v1::ProbeResult& result : evidence.report->probes()) {
    if (result.probe() == probe.name()) results.push_back(&result);
  }
  return results;
}

bool Asks(const v1::Probe& probe, v1::ProbeMoment moment) {
  if (probe.when().empty()) return moment == v1::PROBE_MOMENT_AFTER;
  return std::find(probe.when().begin(), probe.when().end(), moment) != probe.when().end();
}

std::string_view WhenText(v1::ProbeMoment moment) {
  switch (moment) {
    case v1::PROBE_MOMENT_BEFORE:
      return "before the run";
    case v1::PROBE_MOMENT_DURING:
      return "during the run";
    case v1::PROBE_MOMENT_ON_FAULT:
      return "after a fault";
    default:  // of protobuf's enumeration: that is when it is asked by itself
      return "after the run";
  }
}

std::optional<double> NumberIn(const std::string& text) {
  double number = 0;
  if (!absl::SimpleAtod(absl::StripAsciiWhitespace(text), &number) || !std::isfinite(number))
    return std::nullopt;
  return number;
}

// Whole effects that an answer counts; nullopt where there is none, or no such number.
std::optional<double> CountIn(const v1::ProbeResult& result) {
  if (!result.failure().empty() || result.cut()) return std::nullopt;
  const std::optional<double> number = NumberIn(result.answer());
  const bool whole = number && *number >= 0 && *number == std::floor(*number);
  return whole && *number <= UINT32_MAX ? number : std::nullopt;
}

// Of the last time that it was asked at a moment.
std::optional<double> CountAt(const Results& results, v1::ProbeMoment moment) {
  std::optional<double> count;
  for (const v1::ProbeResult* result : results) {
    if (result->moment() == moment) count = CountIn(*result);
  }
  return count;
}

std::optional<double> Settled(const Evidence& evidence, const v1::Probe& probe) {
  const Results results = ResultsOf(evidence, probe);
  const std::optional<double> after = CountAt(results, v1::PROBE_MOMENT_AFTER);
  if (!Asks(probe, v1::PROBE_MOMENT_BEFORE)) return after;
  const std::optional<double> before = CountAt(results, v1::PROBE_MOMENT_BEFORE);
  // Somebody else has taken something away: then it counts other things, too.
  if (!after || !before || *after < *before) return std::nullopt;
  return *after - *before;
}

bool ExpectsAnswer(const v1::Probe& probe) {
  return probe.has_equals() || probe.has_matches() || probe.has_at_least() || probe.has_at_most();
}

bool Equal(const std::string& answer, const std::string& wanted) {
  if (absl::StripAsciiWhitespace(answer) == absl::StripAsciiWhitespace(wanted)) return true;
  const std::optional<double> number = NumberIn(answer);
  return number && number == NumberIn(wanted);
}

// What one answer says about what it is to be.
v1::ExpectResult JudgeAnswer(const v1::Probe& probe, const v1::ProbeResult& result) {
  const std::string when(WhenText(result.moment()));
  if (!result.failure().empty())
    return Unjudged(fmt::format("{} it had no answer: {}", when, result.failure()));
  constexpr size_t kMostShown = 80;
  const std::string& answer = result.answer();
  const std::string seen = fmt::format("{} it answered \"{}{}\"", when, answer.substr(0, kMostShown),
                                       answer.size() > kMostShown ? "…" : "");
  if (absl::StrContains(answer, kRedacted))
    return Unjudged(fmt::format("{}: what was redacted cannot be compared", seen));
  const bool found = probe.has_matches() && RE2::PartialMatch(answer, probe.matches());
  if (result.cut() && (!found || probe.has_equals() || probe.has_at_least() || probe.has_at_most()))
    return Unjudged(fmt::format("{}: it is longer than what is kept of it", seen));
  if (probe.has_matches() && !found) return Violated(seen);
  if (probe.has_equals() && !Equal(answer, probe.equals())) return Violated(seen);
  if (!probe.has_at_least() && !probe.has_at_most()) return Held(seen);
  const std::optional<double> number = NumberIn(answer);
  if (!number) return Unjudged(fmt::format("{}, which is no number", seen));
  const bool less = probe.has_at_least() && *number < probe.at_least();
  const bool more = probe.has_at_most() && *number > probe.at_most();
  return less || more ? Violated(seen) : Held(seen);
}

bool Delivered(const Evidence& evidence, const v1::Probe& probe) {
  return std::any_of(evidence.injections.begin(), evidence.injections.end(),
                     [&](const v1::Injection& injection) {
                       return injection.state() == v1::INJECTION_STATE_DELIVERED &&
                              (!probe.has_rule() || injection.rule() == probe.rule());
                     });
}

// It was to be asked, and nobody says that it was.
std::optional<v1::ProbeMoment> Missed(const Evidence& evidence, const v1::Probe& probe,
                                      const Results& results) {
  for (const auto moment : {v1::PROBE_MOMENT_BEFORE, v1::PROBE_MOMENT_DURING,
                            v1::PROBE_MOMENT_ON_FAULT, v1::PROBE_MOMENT_AFTER}) {
    if (!Asks(probe, moment)) continue;
    if (moment == v1::PROBE_MOMENT_ON_FAULT && !Delivered(evidence, probe)) continue;
    const bool asked = std::any_of(results.begin(), results.end(), [&](const auto* result) {
      return result->moment() == moment;
    });
    if (!asked) return moment;
  }
  return std::nullopt;
}

v1::ExpectResult JudgeProbe(const Evidence& evidence, const v1::Probe& probe) {
  const Results results = ResultsOf(evidence, probe);
  v1::ExpectResult sum = Idle("no fault was delivered, and it was not asked");
  for (const v1::ProbeResult* result : results) {
    v1::ExpectResult judged = JudgeAnswer(probe, *result);
    if (IsViolated(judged)) return judged;
    if (!IsUnjudged(sum)) sum = std::move(judged);
  }
  if (const auto missed = Missed(evidence, probe, results); missed && !IsUnjudged(sum))
    return Unjudged(fmt::format("nobody asked it {}", WhenText(*missed)),
                    "`murphy run`, which asks probes,");
  if (results.size() > 1 && !IsUnjudged(sum))
    sum.set_evidence(fmt::format("{}; it was asked {}", sum.evidence(),
                                 Counted(results.size(), "time")));
  return sum;
}

}  // namespace

void SettleByProbes(Evidence& evidence) {
  for (const v1::Probe& probe : evidence.scenario.probe()) {
    if (!probe.has_settles()) continue;
    const std::optional<double> count = Settled(evidence, probe);
    if (!count) continue;
    // Without a report there are no results. A checker has looked closer.
    evidence.report->mutable_effects()->insert({probe.settles(), static_cast<uint32_t>(*count)});
  }
}

std::vector<v1::ExpectResult> JudgeProbes(const Evidence& evidence) {
  std::vector<v1::ExpectResult> results;
  for (const v1::Probe& probe : evidence.scenario.probe()) {
    if (!ExpectsAnswer(probe)) continue;
    results.push_back(JudgeProbe(evidence, probe));
    results.back().set_expect(AsWritten(probe));
  }
  return results;
}

}  // namespace murphy::outcome
