// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/report/report.h"

#include <algorithm>
#include <tuple>

#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/secrets.h"
#include "tools/murphy/shell_quote.h"

namespace murphy::cli {
namespace {

bool Violated(const v1::Outcome& outcome) {
  return std::any_of(
      outcome.expects().begin(), outcome.expects().end(),
      [](const v1::ExpectResult& result) {
        return !result.held() && !result.vacuous() && !result.over_runs();
      });
}

auto GroupKey(const v1::Injection& injection) {
  return std::tuple(injection.rule(), injection.fault(), injection.state(), injection.recovery(),
                    injection.approximate());
}

void Add(const v1::ExpectResult& result, ExpectTally& tally) {
  const bool first = tally.held + tally.violated + tally.vacuous == 0;
  const bool violated = !result.held() && !result.vacuous();
  if (first || (violated && tally.violated == 0)) {
    tally.evidence = result.evidence();
    if (!result.would_settle().empty())
      tally.evidence += fmt::format("; {} would settle it", result.would_settle());
  }
  ++(result.vacuous() ? tally.vacuous : result.held() ? tally.held : tally.violated);
}

bool Observed(const Report& report) { return report.experiment.id().empty(); }

using Words = std::vector<std::string>;

// The run most worth repeating, alone.
void AddChosenRun(const Report& report, Words& words) {
  const v1::RunSettings& file = report.invocation.in_file;
  const auto worst =
      std::find_if(report.runs.begin(), report.runs.end(), [](const RunRecord& record) {
        return !IsShadow(record) && Violated(record.run.outcome());
      });
  const auto treated = std::find_if_not(report.runs.begin(), report.runs.end(), IsShadow);
  const auto chosen = worst == report.runs.end() ? treated : worst;
  const bool shadow = chosen == report.runs.end() && !report.runs.empty();
  const uint32_t index = shadow                        ? report.runs.front().run.index()
                         : chosen == report.runs.end() ? 0
                                                       : chosen->run.index();
  if (shadow) {
    words.insert(words.end(), {"--arms", "shadow"});
  } else if (!file.arms().empty()) {
    words.insert(words.end(), {"--arms", "treatment"});
  }
  words.insert(words.end(), {"--seed", std::to_string(report.experiment.seed())});
  if (CountsOverRuns(report.experiment.scenario())) {
    words.insert(words.end(), {"--runs", std::to_string(index + 1)});
  } else {
    if (file.has_runs()) words.insert(words.end(), {"--runs", "1"});
    words.insert(words.end(), {"--run-index", std::to_string(index)});
  }
  if (file.has_baseline()) words.insert(words.end(), {"--baseline", "0"});
}

// How the agent is run, as far as the file does not say it.
void AddHow(const Invocation& invocation, Words& words) {
  const v1::RunSettings& file = invocation.in_file;
  for (const auto& [name, upstream] : invocation.routes) {
    const auto known = file.routes().find(name);
    if (known != file.routes().end() && known->second == upstream) continue;
    words.insert(words.end(), {"--route", fmt::format("{}={}", name, upstream)});
  }
  for (const auto& [name, value] : invocation.env) {
    const auto known = file.env().find(name);
    if (known != file.env().end() && known->second == value) continue;
    words.insert(words.end(), {"--env", fmt::format("{}=[redacted]", name)});
  }
  const bool own_timeout =
      !file.has_timeout() ||
      invocation.timeout != fmt::format("{}ms", FromProto(file.timeout()).count());
  if (!invocation.timeout.empty() && own_timeout)
    words.insert(words.end(), {"--timeout", invocation.timeout});
  if (!invocation.check.empty() && invocation.check != file.check())
    words.insert(words.end(), {"--check", invocation.check});
  if (invocation.command == Words(file.command().begin(), file.command().end())) return;
  words.push_back("--");
  words.insert(words.end(), invocation.command.begin(), invocation.command.end());
}

}  // namespace

bool IsShadow(const RunRecord& record) { return record.run.arm() == v1::ARM_SHADOW; }

ExitCode Judge(const Report& report) {
  if (!report.baseline_failure.empty()) return ExitCode::kBaseline;
  if (report.interrupted) return ExitCode::kInterrupted;
  if (Observed(report)) return ExitCode::kInconclusive;
  const v1::Conclusion& conclusion = report.experiment.conclusion();
  if (conclusion.verdict() == v1::VERDICT_CLASS_FAIL) return ExitCode::kViolated;
  const bool passed = conclusion.verdict() == v1::VERDICT_CLASS_PASS && conclusion.delivered() > 0;
  return passed ? ExitCode::kOk : ExitCode::kInconclusive;
}

std::string VerdictWord(const Report& report) {
  switch (Judge(report)) {
    case ExitCode::kOk:
      return "PASS";
    case ExitCode::kBaseline:
      return "BASELINE BROKEN";
    case ExitCode::kViolated:
      return "FAIL";
    case ExitCode::kInterrupted:
      return "INTERRUPTED";
    case ExitCode::kInconclusive:
      return Observed(report) ? "OBSERVED" : "INCONCLUSIVE";
    case ExitCode::kInternal:
    case ExitCode::kUsage:
    case ExitCode::kUnreachable:
      break;
  }
  return "UNKNOWN";
}

std::string VerdictReason(const Report& report) {
  if (!report.baseline_failure.empty()) return report.baseline_failure;
  if (report.interrupted) return "Stopped before the end; nothing is concluded.";
  if (Observed(report)) return "No scenario and no --fault was given, so nothing was injected.";
  return report.experiment.conclusion().reason();
}

bool CountsOverRuns(const v1::Scenario& scenario) {
  return scenario.guard().has_max_injections_per_experiment() ||
         std::any_of(scenario.rule().begin(), scenario.rule().end(),
                     [](const v1::Rule& rule) { return rule.count_per() == "experiment"; });
}

std::string ReplayLine(const Report& report) {
  const Invocation& invocation = report.invocation;
  std::vector<std::string> words = {"murphy", "run"};
  if (!invocation.scenario.empty()) words.push_back(invocation.scenario);
  for (const std::string& fault : invocation.faults) words.insert(words.end(), {"--fault", fault});
  for (const std::string& expect : invocation.expects)
    words.insert(words.end(), {"--expect", expect});
  for (const auto& [name, value] : invocation.params)
    words.insert(words.end(), {"--set", fmt::format("{}={}", name, value)});
  if (!Observed(report)) AddChosenRun(report, words);
  AddHow(invocation, words);
  return ShellJoin(WithoutSecrets(std::move(words)));
}

std::string OutcomeWord(const v1::Outcome& outcome) {
  const std::string name = NameOf(outcome.outcome_class());
  if (name.empty()) return "NOT JUDGED";
  const bool inferred = outcome.outcome_class() == v1::OUTCOME_CLASS_RECOVERED ||
                        outcome.outcome_class() == v1::OUTCOME_CLASS_RECOVERED_COSTLY ||
                        outcome.outcome_class() == v1::OUTCOME_CLASS_FAILED_SILENT;
  return inferred && outcome.unverified() ? name + " (unverified)" : name;
}

std::string ShortAddress(std::string_view address) {
  constexpr std::string_view kUnnamedAgent = "-/";
  constexpr size_t kPlaceWidth = 36;
  if (address.starts_with(kUnnamedAgent)) address.remove_prefix(kUnnamedAgent.size());
  const size_t ordinal = std::min(address.rfind('#'), address.size());
  return Shorten(address.substr(0, ordinal), kPlaceWidth) + std::string(address.substr(ordinal));
}

std::string PlaceOf(const v1::Injection& injection) {
  const std::string& address = injection.address();
  if (injection.target().empty()) return ShortAddress(address);
  const size_t ordinal = address.rfind('#');
  if (ordinal == std::string::npos) return injection.target();
  return fmt::format("{} {}", injection.target(), address.substr(ordinal));
}

std::vector<InjectionGroup> GroupInjections(const std::vector<RunRecord>& runs) {
  std::vector<InjectionGroup> groups;
  for (const RunRecord& record : runs) {
    for (const v1::Injection& injection : record.injections) {
      auto group = std::find_if(groups.begin(), groups.end(), [&](const InjectionGroup& candidate) {
        return GroupKey(candidate.first) == GroupKey(injection);
      });
      if (group == groups.end()) group = groups.insert(groups.end(), {injection});
      ++group->count;
      group->attempts = std::max(group->attempts, injection.recovery_attempts());
      group->time = std::max(group->time, FromProto(injection.recovery_time()));
      group->effect_repeated = group->effect_repeated || injection.effect_repeated();
    }
  }
  return groups;
}

std::vector<ExpectTally> TallyExpects(const Report& report) {
  std::vector<ExpectTally> tallies;
  for (const v1::ExpectResult& result : report.experiment.conclusion().expects()) {
    tallies.push_back({.expect = result.expect(), .together = true});
    Add(result, tallies.back());
  }
  for (const RunRecord& record : report.runs) {
    if (IsShadow(record)) continue;
    for (const v1::ExpectResult& result : record.run.outcome().expects()) {
      auto tally = std::find_if(tallies.begin(), tallies.end(), [&](const ExpectTally& candidate) {
        return candidate.expect == result.expect();
      });
      if (tally == tallies.end()) tally = tallies.insert(tally, {.expect = result.expect()});
      if (!tally->together) Add(result, *tally);
    }
  }
  return tallies;
}

Cost SumCost(const std::vector<RunRecord>& runs) {
  Cost cost;
  for (const RunRecord& record : runs) {
    if (IsShadow(record)) continue;
    const v1::Outcome& outcome = record.run.outcome();
    cost.calls += outcome.recovery_calls();
    cost.tokens += outcome.recovery_tokens();
    cost.time_ms += FromProto(outcome.recovery_time()).count();
    cost.duplicate_effects += outcome.duplicate_effects();
    cost.dollars += outcome.cost();
  }
  return cost;
}

Milliseconds TimeTaken(const std::vector<RunRecord>& runs) {
  if (runs.empty() || !runs.front().run.has_begin_time() || !runs.back().run.has_end_time()) {
    return Milliseconds(0);
  }
  return FromProto(runs.back().run.end_time() - runs.front().run.begin_time());
}

uint64_t DeliveredCount(const std::vector<RunRecord>& runs) {
  uint64_t delivered = 0;
  for (const RunRecord& record : runs) delivered += record.run.outcome().delivered();
  return delivered;
}

}  // namespace murphy::cli
