// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/plan_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "daemon/experiments/inline_text.h"
#include "daemon/scenario/intensity.h"
#include "proto/time.h"

namespace murphy::experiments {
namespace {

constexpr absl::Duration kDefaultDuration = absl::Minutes(10);

// Keys of an event whose effect depends on when things happen: `path` leads to it.
void TimesOf(const v1::On& on, const std::string& path, std::vector<std::string>& keys) {
  if (on.has_silence()) keys.push_back(path + ".silence");
  if (on.within().has_time()) keys.push_back(path + ".within.time");
  if (on.since().has_time()) keys.push_back(path + ".since.time");
  // An agent that leaves has waited for as long as it would.
  if (on.response() == v1::RESPONSE_CLASS_TIMEOUT || on.response() == v1::RESPONSE_CLASS_DISCONNECT)
    keys.push_back(path + ".response");
}

// Keys of a trigger, nested ones too, whose effect depends on when things happen: `path` leads to
// it.
void TimesOf(const v1::Trigger& trigger, const std::string& path, std::vector<std::string>& keys) {
  if (trigger.after().has_time()) keys.push_back(path + ".after.time");
  TimesOf(trigger.on(), path + ".on", keys);
  for (const v1::Trigger& part : trigger.any()) TimesOf(part, path + ".any", keys);
  for (const v1::Trigger& part : trigger.all()) TimesOf(part, path + ".all", keys);
  for (const v1::Trigger& part : trigger.none()) TimesOf(part, path + ".none", keys);
}

void AddCoordination(const scenario::Plan& plan, v1::PlanSummary& summary) {
  for (const scenario::Cause& cause : plan.causes()) {
    std::vector<std::string> times;
    const v1::WindowCause& window = cause.spec.window();
    if (window.after().has_time()) times.push_back("window.after.time");
    if (window.lasting().has_time()) times.push_back("window.lasting.time");
    TimesOf(cause.spec.on(), "on", times);
    if (!times.empty()) {
      summary.add_timing_dependencies(
          fmt::format("The cause `{}` depends on times ({}).", cause.name, fmt::join(times, ", ")));
    }
  }
  for (const scenario::Group& group : plan.groups()) {
    if (group.spec.mode() == v1::GROUP_MODE_RENDEZVOUS) {
      summary.add_timing_dependencies(
          fmt::format("The group `{}` waits for calls that are in flight together (rendezvous).",
                      group.spec.name()));
    }
    if (group.spec.within().has_time()) {
      summary.add_timing_dependencies(
          fmt::format("The group `{}` depends on times (within.time).", group.spec.name()));
    }
  }
}

std::vector<const v1::Fault*> FaultsOf(const v1::Rule& rule) {
  std::vector<const v1::Fault*> faults;
  if (rule.has_fault()) faults.push_back(&rule.fault());
  for (const v1::Alternative& one : rule.one_of()) faults.push_back(&one.fault());
  for (const v1::AttemptStep& step : rule.by_attempt()) faults.push_back(&step.fault());
  return faults;
}

std::vector<std::string> TimingOfFaults(const scenario::Rule& rule) {
  std::vector<std::string> sentences;
  for (const v1::Fault* fault : FaultsOf(rule.spec)) {
    if (fault->latency().has_of_client_timeout()) {
      sentences.push_back(
          fmt::format("The rule `{}` waits for a part of the client's timeout: where the client "
                      "states none, it is learned from when the client gives up.",
                      rule.id));
    }
    if (fault->latency().ramp().over().has_time()) {
      sentences.push_back(
          fmt::format("The latency of the rule `{}` changes with time (ramp.over).", rule.id));
    }
    const v1::RateLimitFault& limit = fault->rate_limit();
    if (limit.has_requests_per_minute() || limit.has_tokens_per_minute() ||
        limit.has_concurrent() || limit.has_requests_per_day() || limit.has_tokens_per_day()) {
      sentences.push_back(fmt::format(
          "The rule `{}` limits a rate: what it refuses depends on when calls arrive.", rule.id));
    }
  }
  return sentences;
}

// Everything in a plan whose effect depends on when things happen, not only on their order.
void AddTimingDependencies(const scenario::Plan& plan, v1::PlanSummary& summary) {
  const auto add = [&summary](const std::string& sentence) {
    summary.add_timing_dependencies(sentence);
  };
  const v1::Guard& guard = plan.scenario().guard();
  // Every plan ends after the time that holds by default.
  if (guard.has_max_duration() && FromProto(guard.max_duration()) < kDefaultDuration)
    add("All faults end after a time (guard.max_duration).");
  if (guard.has_max_per_minute()) add("Injections per minute are limited (guard.max_per_minute).");
  for (const v1::StopCondition& stop : guard.stop()) {
    if (stop.has_latency()) add("All faults end when calls take too long (guard.stop latency).");
  }
  for (const v1::Phase& phase : plan.scenario().phase()) {
    if (phase.has_duration())
      add(fmt::format("The phase `{}` ends after a time (duration).", phase.name()));
    if (std::any_of(phase.until().begin(), phase.until().end(),
                    [](const v1::Progress& until) { return until.has_time(); }))
      add(fmt::format("The phase `{}` ends after a time (until.time).", phase.name()));
    std::vector<std::string> times;
    TimesOf(phase.until_on(), "until_on", times);
    TimesOf(phase.enter_on(), "enter_on", times);
    if (!times.empty()) {
      add(fmt::format("The phase `{}` depends on times ({}).", phase.name(),
                      fmt::join(times, ", ")));
    }
  }
  for (const scenario::Rule& rule : plan.rules()) {
    std::vector<std::string> times;
    TimesOf(rule.spec.when(), "when", times);
    if (!times.empty()) {
      add(fmt::format("The rule `{}` depends on times ({}).", rule.id, fmt::join(times, ", ")));
    }
    if (scenario::DependsOnTime(rule.spec.intensity())) {
      add(fmt::format("The rule `{}` swells with time (intensity).", rule.id));
    }
    if (rule.spec.has_ttl()) add(fmt::format("The rule `{}` ends after a time (ttl).", rule.id));
    for (const std::string& sentence : TimingOfFaults(rule)) add(sentence);
  }
}

// Keys that say something of counters, where nothing counts.
void AddIdleCounts(const scenario::Plan& plan, v1::PlanSummary& summary) {
  for (const scenario::Rule& rule : plan.rules()) {
    if (rule.when.counts || (!rule.spec.has_count() && !rule.spec.has_count_per())) continue;
    summary.add_warnings(
        fmt::format("The rule `{}` says what its counters count (`{}`), and has none: for whom a "
                    "probability is "
                    "drawn, `probability_per` says.",
                    rule.id, rule.spec.has_count() ? "count" : "count_per"));
  }
}

void AddRecentMatches(const scenario::Plan& plan, const std::vector<v1::Exchange>& recent,
                      v1::PlanSummary& summary) {
  std::vector<uint32_t> matches(plan.rules().size());
  for (const v1::Exchange& exchange : recent) {
    message::Call call;
    call.kind = exchange.kind();
    call.provider = exchange.provider();
    call.name = exchange.name();
    const scenario::Subject subject{call, exchange.route(), exchange.agent(), exchange.method(),
                                    exchange.path()};
    for (const uint32_t rule : plan.RulesFor(subject, plan.TargetsOf(subject))) ++matches[rule];
  }
  for (const uint32_t count : matches) summary.add_recent_matches(count);
}

}  // namespace

v1::PlanSummary Summarise(const scenario::Plan& plan, const std::vector<v1::Exchange>& recent) {
  v1::PlanSummary summary;
  for (const scenario::Rule& rule : plan.rules()) {
    summary.add_rules(fmt::format("{}: {}", rule.id, InlineText(rule.spec)));
  }
  AddTimingDependencies(plan, summary);
  AddCoordination(plan, summary);
  summary.set_reproducible(summary.timing_dependencies().empty());
  if (const scenario::Rule* rule = plan.counts_over_runs()) {
    summary.add_warnings(
        fmt::format("The rule `{}` counts over the whole experiment: a run of it that is repeated "
                    "alone counts from 1.",
                    rule->id));
  }
  if (plan.scenario().guard().has_max_injections_per_experiment()) {
    summary.add_warnings(
        "Injections are limited over the whole experiment (guard.max_injections_per_experiment): "
        "its runs are made one after the other.");
  }
  AddIdleCounts(plan, summary);
  AddRecentMatches(plan, recent, summary);
  return summary;
}

}  // namespace murphy::experiments
