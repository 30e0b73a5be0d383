// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "daemon/scenario/check.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr int kDeepest = 4;
constexpr size_t kMostCauses = 64;

// The trigger, or a condition in it.
bool Follows(const v1::Trigger& trigger, std::string_view cause, int depth = 0) {
  if (trigger.has_cause() && trigger.cause() == cause) return true;
  // Deeper ones are a mistake of their own.
  if (depth == kDeepest) return false;
  const auto some = [&](const auto& nested) {
    return std::any_of(nested.begin(), nested.end(),
                       [&](const v1::Trigger& part) { return Follows(part, cause, depth + 1); });
  };
  return some(trigger.any()) || some(trigger.all()) || some(trigger.none());
}

void CheckWithin(Review& review, const std::string& path, const v1::Within& within) {
  if (within.has_calls() || within.has_time()) return;
  review.SayOf(path, "says nothing: name `calls` or `time`");
}

void CheckCause(Review& review, const std::string& path, const v1::Cause& cause) {
  if (cause.shared() && !cause.has_markov()) {
    review.SayOf(path + ".shared",
                 "means nothing here: only what is drawn (`markov`) differs from run to run");
  }
  switch (cause.kind_case()) {
    case v1::Cause::kWindow: {
      const v1::WindowCause& window = cause.window();
      if (window.has_after()) CheckProgress(review, path + ".window.after", window.after(), false);
      if (window.has_lasting()) CheckWithin(review, path + ".window.lasting", window.lasting());
      if (!window.has_after() && !window.has_lasting())
        review.SayOf(path + ".window", "is always open: name `after`, `lasting` or both");
      return;
    }
    case v1::Cause::kMarkov:
      if (cause.markov().has_of()) review.KnowsTarget(path + ".markov.of", cause.markov().of());
      if (cause.markov().p_on() <= 0)
        review.Say(path + ".markov.p_on", "the cause would never be on");
      return;
    case v1::Cause::kOn:
      return CheckOn(review, path + ".on", cause.on());
    case v1::Cause::KIND_NOT_SET:
      review.SayOf(path, "says nothing: name one of `window`, `markov`, `on`");
      return;
  }
}

void CheckFollower(Review& review, const std::string& path, const v1::Trigger& when, int depth) {
  if (depth > kDeepest) return;
  const auto check = [&](std::string_view key, const auto& nested) {
    for (int i = 0; i < nested.size(); ++i)
      CheckFollower(review, fmt::format("{}.{}[{}]", path, key, i), nested[i], depth + 1);
  };
  check("any", when.any());
  check("all", when.all());
  check("none", when.none());
  if (!when.has_cause()) {
    if (when.has_cause_on() || when.has_cause_off()) {
      review.SayOf(path + (when.has_cause_on() ? ".cause_on" : ".cause_off"),
                   "follows nothing: name the `cause`");
    }
    return;
  }
  review.KnowsCause(path + ".cause", when.cause());
  if (when.has_cause_on() && when.cause_on() <= 0 && when.cause_off() <= 0) {
    review.Say(path + ".cause_on", depth == 0
                                       ? "the rule would never fire, whether the cause is on or off"
                                       : "it never holds, whether the cause is on or off");
  }
}

enum class Unit { kNone, kCalls, kTime };

Unit UnitOf(const v1::Extent& extent) {
  if (extent.has_calls()) return Unit::kCalls;
  return extent.has_time() ? Unit::kTime : Unit::kNone;
}

double Length(const v1::Extent& extent) {
  if (extent.has_calls()) return extent.calls();
  return static_cast<double>(extent.time().seconds()) + 1e-9 * extent.time().nanos();
}

void CheckPulse(Review& review, const std::string& path, const v1::Pulse& pulse) {
  if (UnitOf(pulse.width()) != UnitOf(pulse.period())) {
    review.SayOf(path + ".width",
                 "must be measured as `period` is: both in calls, or both in time");
  } else if (Length(pulse.width()) >= Length(pulse.period())) {
    review.SayOf(path + ".width", "leaves nothing of the period: it must be shorter than `period`");
  }
}

void CheckIntensity(Review& review, const std::string& path, const v1::Intensity& intensity) {
  const auto constant = [&](std::string_view kind, double low, double high) {
    const std::string place = fmt::format("{}.{}", path, kind);
    if (low == high) {
      review.Say(place, low > 0 ? "it changes nothing: it begins and ends at the same value; use "
                                  "`probability`"
                                : "the rule would never fire");
    }
    return place;
  };
  switch (intensity.kind_case()) {
    case v1::Intensity::kRamp:
      constant("ramp", intensity.ramp().start(),
               intensity.ramp().has_end() ? intensity.ramp().end() : 1);
      return;
    case v1::Intensity::kPulse:
      CheckPulse(review,
                 constant("pulse", intensity.pulse().low(),
                          intensity.pulse().has_high() ? intensity.pulse().high() : 1),
                 intensity.pulse());
      return;
    case v1::Intensity::kWave:
      constant("wave", intensity.wave().low(),
               intensity.wave().has_high() ? intensity.wave().high() : 1);
      if (intensity.wave().has_high() && intensity.wave().low() > intensity.wave().high())
        review.SayOf(path + ".wave.low", "is above `high`");
      if (intensity.wave().period().has_calls() && intensity.wave().period().calls() < 2)
        review.SayOf(path + ".wave.period", "is too short to go up and down: 2 calls at least");
      return;
    case v1::Intensity::KIND_NOT_SET:
      review.SayOf(path, "says nothing: name one of `ramp`, `pulse`, `wave`");
      return;
  }
}

}  // namespace

void CheckCauses(Review& review) {
  const v1::Scenario& scenario = review.scenario();
  // The order of a protobuf map differs from process to process.
  const std::map<std::string, v1::Cause> causes(scenario.cause().begin(), scenario.cause().end());
  if (causes.size() > kMostCauses)
    return review.Say("cause", fmt::format("a scenario may have {} causes", kMostCauses));
  for (const auto& [name, cause] : causes) {
    const std::string path = fmt::format("cause.{}", name);
    review.CheckName(path, "cause", name);
    CheckCause(review, path, cause);
    const bool followed = std::any_of(
        scenario.rule().begin(), scenario.rule().end(),
        [&, cause_name = name](const v1::Rule& rule) { return Follows(rule.when(), cause_name); });
    if (!followed)
      review.Say(path, "no rule follows it: name it as the `cause` of a rule's `when`");
  }
  for (int i = 0; i < scenario.rule_size(); ++i) {
    const v1::Rule& rule = scenario.rule(i);
    const std::string path = fmt::format("rule[{}]", i);
    if (rule.has_when()) CheckFollower(review, path + ".when", rule.when(), 0);
    if (rule.has_intensity()) CheckIntensity(review, path + ".intensity", rule.intensity());
  }
}

}  // namespace murphy::scenario
