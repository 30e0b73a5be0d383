// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/schedules.h"

#include <boost/json.hpp>

#include "fmt/format.h"

namespace murphy::engine {
namespace {

constexpr const char* kNames[] = {"shop.pay", "shop.see", "gpt-5", "claude-4", "tools/list"};

class Choice {
 public:
  explicit Choice(std::mt19937_64& random) : random_(random) {}
  uint32_t UpTo(uint32_t n) { return 1 + static_cast<uint32_t>(random_() % n); }
  bool OneIn(uint32_t n) { return random_() % n == 0; }
  template <size_t N>
  const char* Of(const char* const (&options)[N]) {
    return options[random_() % N];
  }

 private:
  std::mt19937_64& random_;
};

constexpr const char* kTargetNames[] = {"a", "b", "c"};
constexpr const char* kWhose[] = {"operation", "session", "agent", "target", "run", "header:key"};

void FillProgress(Choice& choice, v1::Progress& progress) {
  if (choice.OneIn(2)) progress.set_calls(choice.UpTo(6));
  if (choice.OneIn(4)) progress.set_operations(choice.UpTo(5));
  if (choice.OneIn(3)) progress.set_injections(choice.UpTo(4));
  if (choice.OneIn(6)) progress.set_tokens(choice.UpTo(200));
  if (choice.OneIn(8)) progress.set_bytes(choice.UpTo(500));
  if (choice.OneIn(8)) progress.set_events(choice.UpTo(10));
  if (choice.OneIn(6)) progress.mutable_time()->set_seconds(choice.UpTo(20));
  if (choice.OneIn(4)) progress.set_of(choice.Of(kTargetNames));
  if (!progress.has_calls() && !progress.has_injections()) progress.set_calls(choice.UpTo(4));
}

void FillAnswered(Choice& choice, v1::Answered& answer) {
  switch (choice.UpTo(3)) {
    case 1:
      answer.add_status(500);
      answer.add_status(500 + choice.UpTo(99));
      return;
    case 2:
      answer.set_pointer("/state");
      answer.set_equals(std::to_string(choice.UpTo(2)));
      return;
    default:
      answer.set_finish_reason(static_cast<v1::FinishReason>(choice.UpTo(4)));
  }
}

void FillOn(Choice& choice, v1::On& on) {
  switch (choice.UpTo(9)) {
    case 9:
      FillAnswered(choice, *on.mutable_answer());
      break;
    case 1:
      on.set_call(static_cast<v1::CallMoment>(choice.UpTo(2)));
      break;
    case 2:
    case 3:
      on.set_response(static_cast<v1::ResponseClass>(choice.UpTo(9)));
      break;
    case 4:
      on.set_injection("rule-1");
      break;
    case 5:
      on.set_recovery(static_cast<v1::RecoveryKind>(choice.UpTo(5)));
      break;
    case 6:
      on.set_canary(static_cast<v1::CanarySighting>(choice.UpTo(2)));
      break;
    case 7:
      on.mutable_silence()->set_seconds(choice.UpTo(8));
      break;
    default:
      on.set_tokens(choice.UpTo(100));
  }
  if (choice.OneIn(3)) on.set_of(choice.Of(kTargetNames));
  if (choice.OneIn(6)) on.set_agent("plan*");
  if (choice.OneIn(3)) on.set_times(choice.UpTo(3));
  if (choice.OneIn(3)) on.mutable_within()->set_calls(choice.UpTo(8));
  if (choice.OneIn(4)) on.mutable_within()->mutable_time()->set_seconds(choice.UpTo(10));
  if (choice.OneIn(10)) on.mutable_since()->set_calls(choice.UpTo(3));
  if (choice.OneIn(16)) on.mutable_since()->mutable_time()->set_seconds(choice.UpTo(4));
}

void FillWhere(Choice& choice, v1::Where& where) {
  switch (choice.UpTo(5)) {
    case 1:
      where.set_pointer("/0");
      where.set_equals(std::to_string(choice.UpTo(3)));
      break;
    case 2:
      where.set_matches("[12]");
      break;
    case 3:
      where.set_header("key");
      break;
    case 4:
      where.set_tool("shop.*");
      break;
    default:
      where.add_attempts(1);
      where.add_attempts(choice.UpTo(2));
  }
}

void FillTrigger(Choice& choice, v1::Trigger& trigger, int depth = 0) {
  if (choice.OneIn(3)) trigger.set_first(choice.UpTo(6));
  if (choice.OneIn(6)) trigger.set_nth(choice.UpTo(3));
  if (choice.OneIn(5)) trigger.set_every(choice.UpTo(3));
  if (choice.OneIn(5)) {
    trigger.add_between(choice.UpTo(3));
    trigger.add_between(3 + choice.UpTo(5));
  }
  if (choice.OneIn(2)) {
    trigger.set_probability(choice.UpTo(10) / 10.0);
    if (choice.OneIn(3)) trigger.set_probability_per(choice.Of(kWhose));
  }
  if (choice.OneIn(4)) FillProgress(choice, *trigger.mutable_after());
  if (choice.OneIn(6)) {
    trigger.add_pattern(v1::PATTERN_STEP_FAIL);
    trigger.add_pattern(static_cast<v1::PatternStep>(choice.UpTo(2)));
  }
  if (choice.OneIn(4)) FillOn(choice, *trigger.mutable_on());
  if (choice.OneIn(5)) FillWhere(choice, *trigger.mutable_where());
  if (depth == 2) return;
  if (choice.OneIn(8)) {
    FillTrigger(choice, *trigger.add_any(), depth + 1);
    FillTrigger(choice, *trigger.add_any(), depth + 1);
  }
  if (choice.OneIn(10)) FillTrigger(choice, *trigger.add_all(), depth + 1);
  if (choice.OneIn(10)) FillTrigger(choice, *trigger.add_none(), depth + 1);
}

void FillFault(Choice& choice, v1::Fault& fault) {
  switch (choice.UpTo(11)) {
    case 10:
      fault.mutable_latency()->mutable_ramp()->mutable_end()->set_seconds(choice.UpTo(9));
      fault.mutable_latency()->mutable_ramp()->mutable_over()->set_calls(choice.UpTo(9));
      return;
    case 11:
      fault.mutable_rate_limit()->set_requests_per_minute(choice.UpTo(20));
      fault.mutable_rate_limit()->set_burst(choice.UpTo(3));
      fault.mutable_rate_limit()->set_requests_per_day(choice.UpTo(9));
      return;
    case 9:
      fault.mutable_rate_limit()->set_tokens_per_minute(choice.UpTo(60));
      return;
    case 1:
      fault.mutable_reset();
      return;
    case 2:
      fault.mutable_status()->set_code(500);
      return;
    case 3:
      fault.mutable_rate_limit()->set_concurrent(choice.UpTo(2));
      return;
    case 4:
      fault.mutable_rate_limit()->set_requests_per_minute(choice.UpTo(20));
      return;
    case 5:
      fault.mutable_latency()->mutable_uniform()->mutable_min()->set_seconds(1);
      fault.mutable_latency()->mutable_uniform()->mutable_max()->set_seconds(9);
      return;
    case 6:
      fault.mutable_stale_result();
      return;
    case 7:
      fault.mutable_hang();
      return;
    default:
      fault.mutable_lose_response();
      return;
  }
}

void FillFaults(Choice& choice, v1::Rule& rule) {
  const uint32_t several = 1 + choice.UpTo(3);
  switch (choice.UpTo(4)) {
    case 1:
      for (uint32_t i = 0; i < several; ++i) {
        v1::Alternative& one = *rule.add_one_of();
        if (choice.OneIn(2)) one.set_weight(choice.UpTo(5));
        FillFault(choice, *one.mutable_fault());
      }
      if (choice.OneIn(2)) rule.set_one_of_per(choice.Of(kWhose));
      return;
    case 2:
      for (uint32_t i = 0; i < several; ++i)
        FillFault(choice, *rule.add_by_attempt()->mutable_fault());
      return;
    default:
      FillFault(choice, *rule.mutable_fault());
  }
}

void FillRule(Choice& choice, v1::Rule& rule, bool phased) {
  if (choice.OneIn(2)) rule.add_target(choice.Of(kTargetNames));
  if (choice.OneIn(4)) rule.add_target(choice.Of(kTargetNames));
  if (phased && choice.OneIn(2)) rule.set_phase(choice.OneIn(2) ? "p" : "q");
  if (!choice.OneIn(4)) FillTrigger(choice, *rule.mutable_when());
  if (choice.OneIn(4)) {
    rule.add_attempts(choice.UpTo(2));
    rule.add_attempts(1 + choice.UpTo(3));
  } else if (choice.OneIn(6)) {
    rule.add_failures(choice.UpTo(2) - 1);
    rule.add_failures(1 + choice.UpTo(2));
  }
  if (choice.OneIn(3)) rule.set_count(v1::COUNT_UNIT_OPERATIONS);
  if (choice.OneIn(4))
    rule.set_count_per(choice.OneIn(6) ? std::string("experiment") : choice.Of(kWhose));
  if (choice.OneIn(4)) rule.set_limit(choice.UpTo(3));
  if (choice.OneIn(6)) rule.mutable_ttl()->set_seconds(choice.UpTo(30));
  FillFaults(choice, rule);
}

void FillIntensity(Choice& choice, v1::Intensity& intensity) {
  switch (choice.UpTo(3)) {
    case 1:
      intensity.mutable_ramp()->mutable_over()->set_calls(choice.UpTo(8));
      return;
    case 2:
      intensity.mutable_wave()->mutable_period()->set_calls(1 + choice.UpTo(8));
      return;
    default:
      intensity.mutable_pulse()->mutable_width()->mutable_time()->set_seconds(choice.UpTo(3));
      intensity.mutable_pulse()->mutable_period()->mutable_time()->set_seconds(3 + choice.UpTo(5));
      return;
  }
}

void FillCause(Choice& choice, v1::Cause& cause) {
  if (choice.OneIn(2)) {
    cause.mutable_markov()->set_p_on(choice.UpTo(10) / 10.0);
    cause.mutable_markov()->set_p_off(choice.UpTo(10) / 10.0);
    if (choice.OneIn(2)) cause.mutable_markov()->set_of(choice.Of(kTargetNames));
    if (choice.OneIn(3)) cause.set_shared(true);
  } else {
    FillProgress(choice, *cause.mutable_window()->mutable_after());
    cause.mutable_window()->mutable_lasting()->set_calls(choice.UpTo(10));
  }
}

// Two rules of which something is wanted together, rules that follow a cause, and rules that swell.
void Coordinate(Choice& choice, v1::Scenario& scenario) {
  v1::Group& group = *scenario.add_group();
  group.set_name("g");
  group.add_rules("rule-1");
  group.add_rules("rule-2");
  group.set_mode(static_cast<v1::GroupMode>(choice.UpTo(6)));
  if (group.mode() == v1::GROUP_MODE_K_OF_N) group.set_k(1);
  if (group.mode() == v1::GROUP_MODE_AT_MOST) group.set_most(choice.UpTo(3));
  if (group.mode() == v1::GROUP_MODE_RENDEZVOUS) {
    group.mutable_timeout()->set_seconds(choice.UpTo(10));
    group.set_on_timeout(static_cast<v1::OnTimeout>(choice.UpTo(3)));
    if (choice.OneIn(3)) (*group.mutable_offsets())["rule-2"].set_seconds(choice.UpTo(3));
  }
  if (group.mode() == v1::GROUP_MODE_ORDERED && choice.OneIn(2))
    group.mutable_within()->set_calls(choice.UpTo(5));
  FillCause(choice, (*scenario.mutable_cause())["region"]);
  for (v1::Rule& rule : *scenario.mutable_rule()) {
    if (choice.OneIn(2)) FillIntensity(choice, *rule.mutable_intensity());
    if (&rule != &scenario.rule(0) && choice.OneIn(2)) continue;
    if (choice.OneIn(3)) rule.mutable_when()->add_any()->set_cause("region");
    rule.mutable_when()->set_cause("region");
    rule.mutable_when()->set_cause_on(choice.UpTo(10) / 10.0);
    rule.mutable_when()->set_cause_off(choice.UpTo(10) / 20.0);
  }
}

void FillGuard(Choice& choice, v1::Guard& guard) {
  if (choice.OneIn(4)) guard.set_max_injections(choice.UpTo(10));
  if (choice.OneIn(8)) guard.set_max_injections_per_experiment(choice.UpTo(12));
  if (choice.OneIn(6)) guard.set_max_share(choice.UpTo(9) / 10.0);
  if (choice.OneIn(6)) guard.set_max_tokens(choice.UpTo(500));
  if (choice.OneIn(12)) guard.mutable_max_duration()->set_seconds(choice.UpTo(30));
  if (choice.OneIn(12)) guard.set_max_cost(choice.UpTo(10) / 10.0);
  if (choice.OneIn(8)) guard.set_max_per_target(choice.UpTo(4));
  if (choice.OneIn(20)) guard.set_max_per_minute(choice.UpTo(4));
  if (choice.OneIn(12)) guard.add_upstreams("api.*");
  if (!choice.OneIn(12)) return;
  v1::StopCondition& stop = *guard.add_stop();
  stop.set_last(1 + choice.UpTo(4));
  if (choice.OneIn(2)) {
    stop.set_error_rate(choice.UpTo(9) / 10.0);
  } else {
    stop.mutable_latency()->set_seconds(choice.UpTo(20));
  }
}

std::shared_ptr<scenario::UpstreamAnswer> RandomAnswer(Choice& choice) {
  auto answer = std::make_shared<scenario::UpstreamAnswer>();
  answer->status = choice.OneIn(3) ? 503 : 200;
  answer->finish = static_cast<message::FinishReason>(choice.UpTo(4));
  if (choice.OneIn(2)) answer->body = boost::json::object{{"state", choice.UpTo(2)}};
  return answer;
}

}  // namespace

v1::Scenario RandomScenario(std::mt19937_64& random) {
  Choice choice(random);
  v1::Scenario scenario = Scenario("");
  for (const char* name : kTargetNames) {
    v1::Target& target = (*scenario.mutable_target())[name];
    if (choice.OneIn(2)) {
      target.add_name(choice.Of(kNames));
      if (choice.OneIn(3)) target.add_name(choice.Of(kNames));
    } else if (choice.OneIn(2)) {
      target.add_name(choice.OneIn(2) ? "shop.*" : "*");
    }
    if (choice.OneIn(10)) target.add_excluded()->add_name(choice.Of(kNames));
    if (choice.OneIn(2)) target.set_role(static_cast<v1::TargetRole>(choice.UpTo(4)));
  }
  if (choice.OneIn(2)) (*scenario.mutable_target())["a"].set_fallback_for("b");
  if (choice.OneIn(3)) (*scenario.mutable_target())["b"].set_idempotency_key("header:key");
  FillGuard(choice, *scenario.mutable_guard());
  const bool phased = choice.OneIn(2);
  if (phased) {
    v1::Phase& first = *scenario.add_phase();
    first.set_name("p");
    FillProgress(choice, *first.add_until());
    if (choice.OneIn(3)) FillProgress(choice, *first.add_until());
    if (choice.OneIn(3)) first.mutable_duration()->set_seconds(choice.UpTo(20));
    if (choice.OneIn(4)) FillOn(choice, *first.mutable_until_on());
    v1::Phase& second = *scenario.add_phase();
    second.set_name("q");
    if (choice.OneIn(4)) second.set_track("other");
    if (choice.OneIn(4)) FillOn(choice, *second.mutable_enter_on());
    if (second.has_track() ? choice.OneIn(2) : choice.OneIn(3)) {
      second.set_next(second.has_track() ? "q" : "p");
      second.mutable_duration()->set_seconds(choice.UpTo(5));
    }
  }
  const uint32_t rules = choice.UpTo(5);
  for (uint32_t i = 0; i < rules; ++i) FillRule(choice, *scenario.add_rule(), phased);
  if (rules > 1 && choice.OneIn(2)) Coordinate(choice, scenario);
  return scenario;
}

std::vector<Event> RandomEvents(std::mt19937_64& random) {
  Choice choice(random);
  std::vector<Event> events;
  std::vector<uint64_t> open;
  uint64_t begun = 0;
  absl::Duration now = absl::ZeroDuration();
  const uint32_t calls = 6 + choice.UpTo(16);
  while (begun < calls || !open.empty()) {
    now += absl::Milliseconds(choice.UpTo(choice.OneIn(5) ? 10'000 : 200));
    Event event{.now = now};
    if (begun < calls && (open.empty() || choice.OneIn(2))) {
      event.shot.name = choice.Of(kNames);
      event.shot.kind = static_cast<v1::TargetKind>(choice.UpTo(4));
      event.shot.arguments = fmt::format("[{}]", choice.UpTo(3));
      event.shot.shape = choice.OneIn(3) ? "{}" : "[]";
      if (choice.OneIn(4)) event.shot.agent = "planner";
      event.shot.canary = choice.OneIn(10);
      if (choice.OneIn(3)) event.shot.upstream = "api.example";
      if (choice.OneIn(4)) {
        event.shot.headers.push_back({"x-stainless-retry-count", std::to_string(choice.UpTo(2))});
      }
      if (choice.OneIn(3)) event.shot.headers.push_back({"key", std::to_string(choice.UpTo(2))});
      if (choice.OneIn(2)) {
        event.shot.headers.push_back({"x-murphy-session", std::to_string(choice.UpTo(3))});
      }
      open.push_back(++begun);
    } else {
      const size_t chosen = choice.UpTo(static_cast<uint32_t>(open.size())) - 1;
      event.finish = open[chosen];
      open.erase(open.begin() + static_cast<long>(chosen));
      event.ending.end = static_cast<v1::EndState>(choice.OneIn(2) ? 1 : choice.UpTo(4));
      event.ending.failed = choice.OneIn(3);
      event.ending.tokens = choice.UpTo(60);
      constexpr uint32_t kStatuses[] = {0, 200, 200, 408, 422, 429, 503};
      event.ending.status = kStatuses[choice.UpTo(7) - 1];
      event.ending.bytes = choice.UpTo(200);
      event.ending.events = choice.UpTo(5);
      event.ending.canary = choice.OneIn(10);
      event.ending.cost = choice.UpTo(20) / 70.0;
      if (choice.OneIn(2)) event.ending.answer = std::make_shared<message::Document>();
      if (!choice.OneIn(3)) event.ending.upstream = RandomAnswer(choice);
    }
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace murphy::engine
