// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/followers.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

// The last call for an intent that nothing served; nullopt where something did.
std::optional<size_t> Exhausted(const History& history, uint64_t operation) {
  if (history.Succeeded(operation)) return std::nullopt;
  const size_t first = history.AttemptsOf(operation).front();
  std::vector<size_t> tried = Successors(history, first);
  tried.insert(tried.begin(), first);
  const bool served = std::any_of(tried.begin(), tried.end(), [&](size_t position) {
    return !Broken(history.at(position)) || Answered(history.at(position));
  });
  const bool settled = served || ServedElseAfter(history, first) || FallbackAfter(history, first) ||
                       LookAfter(history, tried.back(), {});
  return settled ? std::nullopt : std::optional(tried.back());
}

std::optional<size_t> HandedOverAfter(const History& history, size_t position) {
  const auto& all = history.all();
  const auto found =
      std::find_if(std::upper_bound(all.begin(), all.end(), position), all.end(), [&](size_t later) {
        return history.HasRole(history.at(later), v1::TARGET_ROLE_ESCALATION) &&
               !Broken(history.at(later));
      });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

bool EndedLoud(const Evidence& evidence) {
  const bool said = evidence.report && (evidence.report->escalated() || evidence.report->disclosed());
  return said || (evidence.exit_code.value_or(0) != 0 && !evidence.hung);
}

v1::ExpectResult InTime(const v1::EscalatesExpect& expect, const std::string& what,
                        absl::Duration took) {
  if (!expect.has_within() || took <= FromProto(expect.within()))
    return Held(fmt::format("{}, {} after the last failure", what, Seconds(took)));
  return Violated(fmt::format("{} only {} after the last failure; {} is allowed", what,
                              Seconds(took), Seconds(expect.within())));
}

v1::ExpectResult JudgeOne(const History& history, const v1::EscalatesExpect& expect,
                          size_t position) {
  const Evidence& evidence = history.evidence();
  const std::string failed = OperationOf(history.at(position));
  const absl::Time since = EndOf(history.at(position));
  if (const std::optional<size_t> handed = HandedOverAfter(history, position)) {
    return InTime(expect, fmt::format("{} was handed over", failed),
                  BeginOf(history.at(*handed)) - since);
  }
  if (EndedLoud(evidence)) {
    const std::string what = fmt::format("{} failed, and the run says so", failed);
    if (evidence.at != absl::InfinitePast()) return InTime(expect, what, evidence.at - since);
    if (!expect.has_within()) return Held(what);
    return Unjudged(fmt::format("{}; when is not known", what), "a run that is closed when it ends");
  }
  if (evidence.hung) return Violated(fmt::format("{} failed, and the agent had to be stopped", failed));
  if (evidence.report && evidence.report->task() == v1::TASK_STATE_CORRECT)
    return Idle("what was not served was not needed");
  if (evidence.report && evidence.report->task() != v1::TASK_STATE_UNSPECIFIED) {
    return Violated(fmt::format("{} failed, nobody was told, and {}", failed, HowItEnded(evidence)));
  }
  return Unjudged(fmt::format("{} failed, and whether the run says so is not known", failed),
                  "a report or a checker that says `disclosed` or `escalated`, or an exit code,");
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::EscalatesExpect& expect) {
  v1::ExpectResult worst = Idle(fmt::format("no operation{} was left unserved", Whose(expect)));
  for (const uint64_t operation : Selected(history, expect)) {
    const std::optional<size_t> position = Exhausted(history, operation);
    if (!position) continue;
    v1::ExpectResult result =
        Shown(JudgeOne(history, expect, *position), {history.at(*position).sequence()});
    if (IsViolated(result)) return result;
    if (IsUnjudged(result) || !IsUnjudged(worst)) worst = std::move(result);
  }
  return worst;
}

}  // namespace murphy::outcome
