// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/scenario/plans.h"

namespace murphy::scenario {
namespace {

std::vector<Mistake> MistakesOf(const v1::Scenario& scenario) {
  std::vector<Mistake> mistakes;
  const auto plan = Plan::Compile(scenario, 1, mistakes);
  EXPECT_EQ(plan == nullptr, !mistakes.empty());
  return mistakes;
}

struct Case {
  const char* scenario;
  const char* path;
  const char* message;
};

// A field of a rule, or a target, that is wrong in one way only.
constexpr Case kCases[] = {
    {"schema: 'murphy.scenario/v2'", "schema", "expected `murphy.scenario/v1`"},
    {"name: 'Not A Name'", "name", "lower-case"},
    {"target { key: 'charge' value {} } rule { target: 'chrage' fault { reset {} } }",
     "rule[0].target", "did you mean `charge`?"},
    {"rule { target: 'x' fault { reset {} } }", "rule[0].target", "the scenario defines none"},
    {"phase { name: 'outage' } rule { phase: 'outrage' fault { reset {} } }", "rule[0].phase",
     "did you mean `outage`?"},
    {"target { key: 'a' value { fallback_for: 'primary' } } target { key: 'primry' value {} }",
     "target.a.fallback_for", "did you mean `primry`?"},
    {"target { key: 'a' value { fallback_for: 'a' } }", "target.a.fallback_for",
     "cannot be its own fallback"},
    {"target { key: 'a' value { fallback_for: 'b' } } target { key: 'b' value { fallback_for: 'a' "
     "} }",
     "target.a.fallback_for", "in a circle: a for b for a"},
    {"target { key: 'a' value { kind: TARGET_KIND_TOOL model: 'gpt-*' } }", "target.a.model",
     "only calls to models"},
    {"target { key: 'a' value { idempotency_key: 'Idempotency-Key' } }", "target.a.idempotency_key",
     "header:NAME"},
    {"target { key: 'a' value { idempotency_key: 'json:key' } }", "target.a.idempotency_key",
     "json:/POINTER"},
    {"rule { id: 'a' fault { reset {} } } rule { id: 'a' fault { reset {} } }", "rule[1].id",
     "both called `a`"},
    {"rule { id: 'rule-2' fault { reset {} } } rule { fault { reset {} } }", "rule[1]",
     "both called `rule-2`"},
    {"rule { id: 'a\\033[31m' fault { reset {} } }", "rule[0].id", "no control characters"},
    {"rule { id: 'a' }", "rule[0]", "names no fault"},
    {"rule { one_of { fault { reset {} } } one_of { fault { hang {} } } fault { reset {} } }",
     "rule[0].one_of", "`reset` and `one_of` exclude each other"},
    {"rule { one_of { fault { reset {} } } }", "rule[0].one_of", "nothing to draw from"},
    {"rule { one_of { fault { reset {} } } one_of { weight: 2 } }", "rule[0].one_of[1]",
     "names no fault"},
    {"rule { one_of { fault { reset {} } } one_of { fault { latency {} } } }",
     "rule[0].one_of[1].latency", "says no time"},
    {"rule { one_of { fault { tool_error {} } } one_of { fault { length_stop {} } } }",
     "rule[0].one_of", "no call could get either of them"},
    {"target { key: 't' value { kind: TARGET_KIND_TOOL } } rule { target: 't' by_attempt { fault { "
     "reset {} } } by_attempt { fault { length_stop {} } } }",
     "rule[0].by_attempt[1].length_stop", "target `t` has none"},
    {"rule { one_of_per: 'run' fault { reset {} } }", "rule[0].one_of_per",
     "name them in `one_of`"},
    {"rule { one_of_per: 'opration' one_of { fault { reset {} } } one_of { fault { hang {} } } }",
     "rule[0].one_of_per", "did you mean `operation`?"},
    {"rule { by_attempt { fault { reset {} } } }", "rule[0].by_attempt", "every attempt"},
    {"rule { attempts: [1, 1] by_attempt { fault { reset {} } } by_attempt { fault { hang {} } } }",
     "rule[0].by_attempt[1]", "never used: `attempts` ends with attempt 1"},
    {"rule { failures: [2, 1] fault { reset {} } }", "rule[0].failures", "above the most"},
    {"rule { failures: [0, 0] fault { reset {} } }", "rule[0].failures", "no attempt would"},
    {"rule { failures: [1, 2] attempts: [1, 1] fault { reset {} } }", "rule[0].failures",
     "keep one of them"},
    {"rule { count_per: 'sesion' fault { reset {} } }", "rule[0].count_per",
     "did you mean `session`?"},
    {"rule { count_per: 'header:' fault { reset {} } }", "rule[0].count_per", "names no header"},
    {"rule { when { probability: 0.5 probability_per: 'experiment' } fault { reset {} } }",
     "rule[0].when.probability_per", "there is no `experiment`"},
    {"rule { when { any { probability_per: 'agent' } } fault { reset {} } }",
     "rule[0].when.any[0].probability_per", "name the `probability`"},
    {"target { key: 'a' value {} } rule { target: ['a', 'a'] fault { reset {} } }",
     "rule[0].target[1]", "named twice"},
    {"target { key: 'a' value {} } rule { target: ['a', 'x'] fault { reset {} } }",
     "rule[0].target[1]", "there is no target `x`"},
    {"target { key: 'm' value { kind: TARGET_KIND_MODEL } } target { key: 't' value { kind: "
     "TARGET_KIND_TOOL } } rule { target: ['t', 'm'] fault { tool_error {} } }",
     "rule[0].tool_error", "target `m` has none"},
    {"target { key: 'a' value { excluded {} } }", "target.a.not", "leave out everything"},
    {"target { key: 'a' value { excluded { name: 'b' } excluded { kind: TARGET_KIND_TOOL model: "
     "'x' } } }",
     "target.a.not[1].model", "only calls to models"},
    {"rule { id: 'a' fault { reset {} } } rule { id: 'b' fault { reset {} } } group { name: 'g' "
     "rules: ['a', 'b'] mode: GROUP_MODE_K_OF_N }",
     "group[0]", "needs `k`"},
    {"rule { id: 'a' fault { reset {} } } rule { id: 'b' fault { reset {} } } group { name: 'g' "
     "rules: ['a', 'b'] mode: GROUP_MODE_K_OF_N k: 2 }",
     "group[0].k", "leaves nothing out"},
    {"rule { id: 'a' fault { reset {} } } rule { id: 'b' fault { reset {} } } group { name: 'g' "
     "rules: ['a', 'b'] mode: GROUP_MODE_ORDERED k: 1 }",
     "group[0].k", "belongs to mode = \"k_of_n\""},
    {"rule { id: 'a' fault { reset {} } } rule { id: 'b' fault { reset {} } } group { name: 'g' "
     "rules: ['a', 'b'] mode: GROUP_MODE_K_OF_N k: 1 } group { name: 'h' rules: ['a', 'b'] mode: "
     "GROUP_MODE_RENDEZVOUS }",
     "group[1].rules", "`g` draws 1 of them"},
    {"rule { when { on { call: CALL_MOMENT_ENDS since {} } } fault { reset {} } }",
     "rule[0].when.on.since", "says nothing"},
    {"rule { when { on { call: CALL_MOMENT_ENDS since { calls: 3 } within { calls: 3 } } } fault { "
     "reset {} } }",
     "rule[0].when.on.since", "is over by then"},
    {"phase { name: 'a' until_on { call: CALL_MOMENT_ENDS since { calls: 3 } } } phase { name: 'b' "
     "}",
     "phase[0].until_on.since", "means nothing here"},
    {"phase { name: 'a' until { calls: 1 } until { calls: 1 of: 'x' } } phase { name: 'b' }",
     "phase[0].until[1].of", "no target `x`"},
    {"rule { id: 'a' fault { reset {} } } rule { id: 'b' fault { reset {} } } group { name: 'g' "
     "rules: ['a', 'b'] mode: GROUP_MODE_RENDEZVOUS quorum: 2 }",
     "group[0].quorum", "leave it out"},
    {"cause { key: 'x' value { window { lasting { calls: 3 } } } } rule { when { any { cause: 'x' "
     "} "
     "any { all { cause: 'y' } } } fault { reset {} } }",
     "rule[0].when.any[1].all[0].cause", "did you mean `x`?"},
    {"rule { when { any { cause_off: 1 } } fault { reset {} } }", "rule[0].when.any[0].cause_off",
     "follows nothing"},
    {"rule { when { on { answer {} } } fault { reset {} } }", "rule[0].when.on.answer",
     "says nothing"},
    {"rule { when { on { answer { status: [500, 400] } } } fault { reset {} } }",
     "rule[0].when.on.answer.status", "above the last"},
    {"rule { when { on { answer { header: 'a' matches: '(' } } } fault { reset {} } }",
     "rule[0].when.on.answer.matches", "no regular expression"},
    {"rule { when { on { answer { status: [200, 200] matches: 'a' } } } fault { reset {} } }",
     "rule[0].when.on.answer.matches", "matches what?"},
    {"rule { fault { rate_limit { burst: 3 } } }", "rule[0].rate_limit.burst", "name those too"},
    {"rule { fault { latency { ramp { start { seconds: 1 } end { seconds: 1 } over { calls: 3 } } "
     "} "
     "} }",
     "rule[0].latency.ramp.end", "does not change"},
    {"rule { fault {} }", "rule[0]", "names no fault"},
    {"phase { name: 'a' } phase { name: 'b' }", "phase[0]", "`b` can never begin"},
    {"phase { name: 'a' until_on { injection: 'r' } } phase { name: 'b' } "
     "rule { id: 'r' phase: 'b' fault { reset {} } }",
     "phase[0].until_on.injection",
     "never happens in phase `a`: the rule `r` is armed in phase `b`"},
    {"target { key: 'm' value { kind: TARGET_KIND_MODEL } } target { key: 't' value { kind: "
     "TARGET_KIND_TOOL } } phase { name: 'a' until { injections: 1 of: 'm' } } phase { name: 'b' } "
     "rule { phase: 'a' target: 't' fault { reset {} } }",
     "phase[0].until", "no rule that is armed in phase `a` acts on `m`"},
    {"phase { name: 'a' until { calls: 1 } } phase { name: 'b' } "
     "rule { id: 'early' phase: 'a' when { on { injection: 'late' } } fault { reset {} } } "
     "rule { id: 'late' phase: 'b' fault { reset {} } }",
     "rule[0].when", "its phase `a` is over when `late`"},
    {"cause { key: 'c' value { on { injection: 'r' } } } "
     "rule { id: 'r' when { cause: 'c' } fault { reset {} } }",
     "rule[0].when", "follows the cause `c`, which waits for an injection of `r`"},
    {"rule { id: 'a' when { on { injection: 'b' } } fault { reset {} } } "
     "rule { id: 'b' fault { reset {} } } "
     "group { name: 'g' rules: ['a', 'b'] mode: GROUP_MODE_ORDERED }",
     "rule[0].when", "waits for an injection of `b`"},
    {"rule { id: 'a' when { after { injections: 3 } } fault { reset {} } } "
     "rule { id: 'b' when { first: 2 } fault { reset {} } }",
     "rule[0].when.after", "waits for 3 injections, and the others make at most 2"},
    {"guard { max_injections: 3 } rule { when { after { injections: 3 } } fault { reset {} } } "
     "rule { fault { reset {} } }",
     "rule[0].when.after.injections", "guard.max_injections ends all faults after 3"},
    {"guard { max_duration { seconds: 5 } } "
     "rule { when { after { time { seconds: 5 } } } fault { reset {} } }",
     "rule[0].when.after.time", "guard.max_duration ends all faults after 5 s"},
    {"guard { max_duration { seconds: 1 } } rule { id: 'a' fault { reset {} } } rule { id: 'b' "
     "fault "
     "{ reset {} } } group { name: 'g' rules: ['a', 'b'] mode: GROUP_MODE_RENDEZVOUS timeout { "
     "seconds: 2 } }",
     "group[0].timeout", "longer than guard.max_duration"},
    {"guard { max_injections: 6 } rule { when { any { first: 3 } any { first: 4 } } fault { reset "
     "{} "
     "} }",
     "guard.max_injections", "rule-1 (7) = 7 times"},
    {"guard { max_injections: 3 } rule { id: 'a' when { first: 3 } fault { reset {} } } rule { id: "
     "'b' fault { reset {} } } group { name: 'g' rules: ['a', 'b'] mode: GROUP_MODE_AT_MOST most: "
     "4 "
     "}",
     "guard.max_injections", "the group g (4) = 4 times"},
    {"guard { max_per_target: 4 } target { key: 'c' value { name: 'pay.charge' } } "
     "rule { id: 'a' target: 'c' when { first: 3 } fault { reset {} } } "
     "rule { id: 'b' target: 'c' limit: 2 fault { reset {} } } rule { limit: 9 fault { reset {} } "
     "}",
     "guard.max_per_target", "on `c` may fire a (3) + b (2) = 5 times, and the guard allows 4"},
    {"guard { max_injections: 5 } phase { name: 'a' until { injections: 2 calls: 100 } } "
     "phase { name: 'b' } rule { id: 'r' phase: 'a' limit: 10 fault { reset {} } }",
     "guard.max_injections", "r (10) = 10 times"},
    {"rule { attempts: [1, 1] when { where { attempts: [2, 3] } } fault { reset {} } }",
     "rule[0].when.where.attempts", "contradicts the rule's own `attempts`"},
    {"target { key: 'm' value { kind: TARGET_KIND_MODEL } } "
     "rule { target: 'm' when { where { tool: 'x' } } fault { reset {} } }",
     "rule[0].when.where.tool", "has calls to models only"},
    {"rule { intensity { wave { low: 0.9 high: 0.1 period { calls: 4 } } } fault { reset {} } }",
     "rule[0].intensity.wave.low", "above `high`"},
    {"phase { name: 'a' duration { seconds: 1 } } phase { name: 'a' }", "phase[1].name",
     "two phases `a`"},
    {"phase { name: 'a' until {} } phase { name: 'b' }", "phase[0].until", "says nothing"},
    {"phase { name: 'a' until { of: 'x' calls: 1 } } target { key: 'y' value {} }",
     "phase[0].until.of", "no target `x`"},
    {"phase { name: 'a' until { calls: 0 } }", "phase[0].until", "reached at once"},
    {"phase { name: 'a' until { time { seconds: 1 } of: 'x' } } target { key: 'x' value {} }",
     "phase[0].until.of", "counts nothing"},
    {"phase { name: 'a' duration {} }", "phase[0].duration", "lasts no time"},
    {"phase { name: 'a' next: 'bb' until { calls: 1 } } phase { name: 'b' enter { calls: 1 } }",
     "phase[0].next", "did you mean `b`"},
    {"phase { name: 'a' next: 'b' } phase { name: 'b' }", "phase[0].next", "`a` never ends"},
    {"phase { name: 'a' until { calls: 1 } next: 'c' } phase { name: 'b' } phase { name: 'c' }",
     "phase[1]", "no phase leads to `b`"},
    {"phase { name: 'a' enter { time { seconds: 1 } } }", "phase[0].enter.time", "`duration`"},
    {"phase { name: 'a' enter { calls: 0 } }", "phase[0].enter", "reached at once"},
    {"phase { name: 'a' enter { of: 'x' } } target { key: 'x' value {} }", "phase[0].enter",
     "says nothing"},
    {"phase { name: 'a' until { injections: 2 } } phase { name: 'b' } "
     "rule { phase: 'b' fault { reset {} } }",
     "phase[0].until", "no rule is armed in phase `a`"},
    {"phase { name: 'a' until { injections: 3 } } phase { name: 'b' } "
     "rule { phase: 'a' when { first: 2 } fault { reset {} } }",
     "phase[0].until", "at most 2 times"},
    {"guard { max_injections: 2 } phase { name: 'a' until { injections: 3 } } phase { name: 'b' } "
     "rule { phase: 'a' fault { reset {} } }",
     "phase[0].until", "guard.max_injections"},
    {"rule { when { pattern: [PATTERN_STEP_OK] } fault { reset {} } }", "rule[0].when.pattern",
     "no step says `fail`"},
    {"rule { when { every: 2 pattern: [PATTERN_STEP_FAIL, PATTERN_STEP_OK] } fault { reset {} } }",
     "rule[0].when.pattern", "only steps through that say `ok`"},
    {"rule { when { nth: 2 pattern: [PATTERN_STEP_FAIL, PATTERN_STEP_OK] } fault { reset {} } }",
     "rule[0].when.nth", "never let number 2 through"},
    {"rule { when { any { any { any { any { any { first: 1 } } } } } } fault { reset {} } }",
     "rule[0].when.any[0].any[0].any[0].any[0].any[0]", "at most 4 levels"},
    {"rule { when { none {} } fault { reset {} } }", "rule[0].when.none[0]", "says nothing"},
    {"rule { when { all { on { tokens: 5 of: 'x' } } } fault { reset {} } }",
     "rule[0].when.all[0].on.of", "no target `x`"},
    {"rule { when { on {} } fault { reset {} } }", "rule[0].when.on", "waits for nothing"},
    {"rule { id: 'down' fault { reset {} } } "
     "rule { when { on { injection: 'dwn' } } fault { reset {} } }",
     "rule[1].when.on.injection", "did you mean `down`?"},
    {"rule { id: 'a' when { on { injection: 'a' } } fault { reset {} } }", "rule[0].when",
     "wait for each other"},
    {"rule { when { on { call: CALL_MOMENT_ENDS within {} } } fault { reset {} } }",
     "rule[0].when.on.within", "`calls` or `time`"},
    {"target { key: 'a' value {} } rule { when { on { recovery: RECOVERY_KIND_FALLBACK of: 'a' } } "
     "fault { reset {} } }",
     "rule[0].when.on.recovery", "fallback_for = \"a\""},
    {"rule { when { on { recovery: RECOVERY_KIND_VERIFY } } fault { reset {} } }",
     "rule[0].when.on.recovery", "role = \"verify\""},
    {"rule { when { on { recovery: RECOVERY_KIND_ESCALATE } } fault { reset {} } }",
     "rule[0].when.on.recovery", "role = \"escalation\""},
    {"rule { when { where {} } fault { reset {} } }", "rule[0].when.where", "says nothing"},
    {"rule { when { where { matches: '(' } } fault { reset {} } }", "rule[0].when.where.matches",
     "missing )"},
    {"rule { when { where { pointer: 'x' } } fault { reset {} } }", "rule[0].when.where.pointer",
     "must begin with `/`"},
    {"rule { when { where { pointer: '/a~2' } } fault { reset {} } }", "rule[0].when.where.pointer",
     "`~0`"},
    {"rule { when { where { equals: 'x' } } fault { reset {} } }", "rule[0].when.where.equals",
     "Name a `pointer` or a `header`"},
    {"rule { when { where { pointer: '/a' header: 'b' equals: 'x' } } fault { reset {} } }",
     "rule[0].when.where.equals", "in `all`"},
    {"rule { when { where { model: 'a' tool: 'b' } } fault { reset {} } }",
     "rule[0].when.where.tool", "use `any`"},
    {"rule { when { where { attempts: [3, 2] } } fault { reset {} } }",
     "rule[0].when.where.attempts", "between 3 and 2"},
    {"rule { when { after {} } fault { reset {} } }", "rule[0].when.after", "says nothing"},
    {"rule { when { after { calls: 1 of: 'x' } } fault { reset {} } }", "rule[0].when.after.of",
     "no target `x`"},
    {"rule { attempts: [2, 1] fault { reset {} } }", "rule[0].attempts", "between 2 and 1"},
    {"rule { attempts: [0, 1] fault { reset {} } }", "rule[0].attempts", "count from 1"},
    {"rule { when { between: [5, 2] } fault { reset {} } }", "rule[0].when.between",
     "between 5 and 2"},
    {"rule { when { between: [5, 9] first: 4 } fault { reset {} } }", "rule[0].when.between",
     "the first 4 are over before number 5"},
    {"rule { when { nth: 3 first: 2 } fault { reset {} } }", "rule[0].when.nth", "number 3"},
    {"rule { when { nth: 3 between: [4, 9] } fault { reset {} } }", "rule[0].when.nth", "number 3"},
    {"rule { when { nth: 3 every: 2 } fault { reset {} } }", "rule[0].when.nth", "number 3"},
    {"rule { when { every: 4 first: 3 } fault { reset {} } }", "rule[0].when.every",
     "no multiple of 4 lies between 1 and 3"},
    {"rule { when { every: 10 between: [11, 19] } fault { reset {} } }", "rule[0].when.every",
     "no multiple of 10"},
    {"target { key: 't' value { kind: TARGET_KIND_TOOL } } rule { target: 't' fault { "
     "provider_error {} } }",
     "rule[0].provider_error", "acts on calls to models"},
    {"target { key: 't' value { model: 'gpt-*' } } rule { target: 't' fault { tool_error {} } }",
     "rule[0].tool_error", "acts on calls to tools"},
    {"target { key: 't' value { kind: TARGET_KIND_MCP } } rule { target: 't' fault { tool_error {} "
     "} }",
     "rule[0].tool_error", "acts on calls to tools"},
    {"target { key: 't' value { role: TARGET_ROLE_SIDE_EFFECT } } rule { target: 't' fault { "
     "duplicate_request {} } }",
     "rule[0].duplicate_request", "declare its target role = \"read\""},
    {"rule { fault { duplicate_request {} } }", "rule[0].duplicate_request",
     "guard.allow_side_effects"},
    {"guard { allow_side_effects: true } rule { fault { duplicate_request { answer: 3 } } }",
     "rule[0].duplicate_request.answer", "no answer number 3 to 2 copies"},
    {"rule { fault { latency {} } }", "rule[0].latency", "says no time"},
    {"rule { fault { latency { uniform { min { seconds: 2 } max { seconds: 1 } } } } }",
     "rule[0].latency.uniform.min", "longer than the longest"},
    {"rule { fault { latency { lognormal { p50 { nanos: 2 } p99 { nanos: 1 } } } } }",
     "rule[0].latency.lognormal.p50", "above the 99th"},
    {"rule { fault { slow_events { jitter: 0.5 } } }", "rule[0].slow_events", "says no pace"},
    {R"(rule { fault { status { code: 503 headers { key: 'x-a' value: 'b\r\nx-evil: 1' } } } })",
     "rule[0].status.headers.x-a", "one line"},
    {"rule { fault { status { code: 503 headers { key: 'x-a' value: ' b' } } } }",
     "rule[0].status.headers.x-a", "without spaces around it"},
    {"rule { fault { status { code: 503 headers { key: 'x a' value: 'b' } } } }",
     "rule[0].status.headers.x a", "is no name of a header"},
    {"rule { fault { status { code: 503 headers { key: '' value: 'b' } } } }",
     "rule[0].status.headers.", "needs a name"},
    {"rule { fault { status { code: 503 headers { key: 'Content-Length' value: '99' } } } }",
     "rule[0].status.headers.Content-Length", "where a message ends"},
    {"rule { fault { status { code: 503 headers { key: 'connection' value: 'close' } } } }",
     "rule[0].status.headers.connection", "what becomes of its connection"},
    {"rule { fault { status { code: 503 headers { key: 'X-Murphy-Origin' value: 'up' } } } }",
     "rule[0].status.headers.X-Murphy-Origin", "Murphy's own"},
    {"rule { fault { status { code: 503 headers { key: 'a' value: '' } headers { key: 'A' value: "
     "'' } } } }",
     "rule[0].status.headers.a", "same header as `A`"},
    {"rule { fault { status { code: 204 body: 'x' } } }", "rule[0].status.body", "has no body"},
    {R"(rule { fault { status { code: 503 body: 'x' content_type: 'a\nb' } } })",
     "rule[0].status.content_type", "one line"},
    {"rule { fault { edit_headers { remove: 'x a' } } }", "rule[0].edit_headers.remove[0]",
     "is no name of a header"},
    {"target { key: 't' value { ignore: 'request_id' } }", "target.t.ignore[0]", "says no place"},
    {"expect {}", "expect[0]", "name one expectation"},
    {"expect { bounded_retries { target: 'x' at_most: 1 } }", "expect[0].bounded_retries.target",
     "no target `x`"},
    {"expect { respects_retry_after { target: 'x' } }", "expect[0].respects_retry_after.target",
     "no target `x`"},
    {"expect { at_most_once_effect {} }", "expect[0].at_most_once_effect", "looks at nothing"},
    {"target { key: 'x' value {} } expect { falls_back { target: 'x' } }",
     "expect[0].falls_back.target", "fallback_for = \"x\""},
    {"expect { terminates {} }", "expect[0].terminates", "says no limit"},
    {"expect { calls { target: 'x' } } target { key: 'x' value {} }", "expect[0].calls", "says no limit"},
    {"expect { calls { target: 'x' at_least: 2 at_most: 1 } } target { key: 'x' value {} }",
     "expect[0].calls.at_most", "at most 1 cannot be at least 2"},
    {"expect { before { first: 'x' then: 'y' } } target { key: 'x' value {} }",
     "expect[0].before.then", "there is no target `y`"},
    {"expect { before { first: 'x' then: 'x' } } target { key: 'x' value {} }",
     "expect[0].before.then", "nothing is before itself"},
    {"expect { bulkhead { target: 'x' others: 'z' } } target { key: 'x' value {} }",
     "expect[0].bulkhead.others[0]", "there is no target `z`"},
    {"expect { fires { rule: 'x' } }", "expect[0].fires.rule", "there is no rule `x`"},
    {"expect { no_synergy { rules: 'rule-1' rules: 'rule-1' } } rule { fault { hang {} } }",
     "expect[0].no_synergy.rules", "two different rules"},
    {"expect { figure { name: 'recovery_token' at_most: 1 } }", "expect[0].figure.name",
     "did you mean `recovery_tokens`?"},
    {"expect { figure { name: 'usage.input_tokens' } }", "expect[0].figure", "says no limit"},
    {"expect { poison_contained {} }", "expect[0].poison_contained", "says no limit"},
    {"expect { verifies_before_repeat {} }", "expect[0].verifies_before_repeat",
     "looks at nothing"},
    {"expect { verifies_before_repeat { target: 'x' } } target { key: 'x' value {} }",
     "expect[0].verifies_before_repeat", "no target can be looked at"},
    {"verdict { p0: 0.4 p1: 0.3 }", "verdict.p0", "must be below"},
    {"verdict { p1: 0.1 }", "verdict.p1", "must be below"},
};

class MistakeOf : public ::testing::TestWithParam<Case> {};

TEST_P(MistakeOf, IsSaidOnceWithItsPlace) {
  const std::vector<Mistake> mistakes = MistakesOf(Scenario(GetParam().scenario));
  ASSERT_EQ(mistakes.size(), 1u) << GetParam().scenario;
  EXPECT_EQ(mistakes[0].path, GetParam().path);
  EXPECT_NE(mistakes[0].message.find(GetParam().message), std::string::npos) << mistakes[0].message;
}

INSTANTIATE_TEST_SUITE_P(Each, MistakeOf, ::testing::ValuesIn(kCases));

// What only looks like one of the mistakes above.
TEST(Compile, TakesWhatCanHappenAfterAll) {
  for (const char* scenario :
       {"guard { max_injections: 3 } rule { id: 'a' when { first: 3 } fault { reset {} } } rule { "
        "id: 'b' when { first: 3 } fault { reset {} } } group { name: 'g' rules: ['a', 'b'] mode: "
        "GROUP_MODE_AT_MOST most: 3 }",
        "cause { key: 'c' value { on { injection: 'r' } } } "
        "rule { id: 'r' when { cause: 'c' cause_off: 0.1 } fault { reset {} } }",
        "phase { name: 'a' until { calls: 1 } } phase { name: 'b' until { calls: 1 } next: 'a' } "
        "rule { id: 'early' phase: 'a' when { on { injection: 'late' } } fault { reset {} } } "
        "rule { id: 'late' phase: 'b' fault { reset {} } }",
        "rule { id: 'a' when { after { injections: 3 } } fault { reset {} } } "
        "rule { id: 'b' when { first: 2 } fault { reset {} } } "
        "rule { id: 'c' when { after { injections: 2 } first: 1 } fault { reset {} } }",
        "rule { when { any { on { injection: 'b' } } any { first: 1 } } fault { reset {} } } "
        "rule { id: 'b' when { on { injection: 'rule-1' } } fault { reset {} } }",
        "guard { max_per_target: 1 } target { key: 'c' value { name: 'pay.*' } } "
        "rule { target: 'c' when { first: 3 } fault { reset {} } }",
        "guard { max_injections: 5 } phase { name: 'a' until { injections: 2 } } phase { name: 'b' "
        "} rule { phase: 'a' limit: 10 fault { reset {} } }",
        "phase { name: 'a' until { calls: 2 } } phase { name: 'b' } "
        "rule { id: 'r' phase: 'a' fault { reset {} } } rule { id: 's' phase: 'b' fault { hang {} "
        "} } group { name: 'g' rules: ['r', 's'] mode: GROUP_MODE_RENDEZVOUS }"}) {
    for (const Mistake& mistake : MistakesOf(Scenario(scenario)))
      ADD_FAILURE() << mistake.path << ": " << mistake.message;
  }
}

TEST(Compile, ReportsAllMistakesAtOnceInAFixedOrder) {
  const v1::Scenario scenario = Scenario(R"(
    name: 'Bad Name'
    target { key: 'z' value { fallback_for: 'q' } }
    target { key: 'a' value { fallback_for: 'q' } }
    phase { name: 'p' } phase { name: 'r' }
    rule { target: 'nobody' phase: 'never' when { nth: 2 first: 1 } fault { latency {} } }
    expect { bounded_retries { target: 'nobody' at_most: 1 } })");
  std::string paths;
  for (const Mistake& mistake : MistakesOf(scenario)) paths += mistake.path + "\n";
  EXPECT_EQ(paths,
            "name\ntarget.a.fallback_for\ntarget.z.fallback_for\nphase[0]\nrule[0].target\n"
            "rule[0].phase\nrule[0].when.nth\nrule[0].latency\nexpect[0].bounded_retries.target\n");
}

TEST(Compile, NamesTheLoopOfPhasesThatCostNothing) {
  const auto mistakes = MistakesOf(
      Scenario("phase { name: 'a' until { calls: 0 } } phase { name: 'b' until { calls: 0 } } "
               "phase { name: 'c' until { calls: 0 } next: 'a' }"));
  ASSERT_EQ(mistakes.size(), 3u);
  EXPECT_EQ(mistakes[0].path, "phase[0].until");
  EXPECT_NE(mistakes[0].message.find("a → b → c → a"), std::string::npos);
}

TEST(Compile, AcceptsPhasesThatLeadBackOrAreEntered) {
  const auto mistakes = MistakesOf(
      Scenario("phase { name: 'a' until { calls: 1 } } phase { name: 'b' duration { seconds: 1 } "
               "next: 'a' } "
               "phase { name: 'c' enter { calls: 3 } } phase { name: 'd' enter { tokens: 3 } }"));
  EXPECT_TRUE(mistakes.empty()) << mistakes[0].path << ": " << mistakes[0].message;
}

TEST(Compile, SaysWhichRulesWaitForEachOther) {
  const std::vector<Mistake> mistakes = MistakesOf(Scenario(R"(
    rule { id: 'a' when { on { injection: 'b' } } fault { reset {} } }
    rule { id: 'b' when { all { on { injection: 'a' } } } fault { reset {} } }
    rule { id: 'c' when { on { injection: 'd' } } fault { reset {} } }
    rule { id: 'd' when { any { on { injection: 'c' } } any { first: 1 } } fault { reset {} } })"));
  ASSERT_EQ(mistakes.size(), 2u);
  EXPECT_EQ(mistakes[0].path, "rule[0].when");
  EXPECT_EQ(mistakes[1].path, "rule[1].when");
}

TEST(Compile, BoundsTheConditionsOfARule) {
  std::string any;
  for (int i = 0; i < 100; ++i) any += "any { first: 1 } ";
  const std::vector<Mistake> mistakes =
      MistakesOf(Scenario("rule { when { " + any + "} fault { reset {} } }"));
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_NE(mistakes[0].message.find("at most 64"), std::string::npos);
}

TEST(Compile, KeepsMistakesThatWereKnownBefore) {
  std::vector<Mistake> mistakes = {{.path = "x", .message = "y"}};
  EXPECT_NE(Plan::Compile(Scenario(""), 1, mistakes), nullptr);
  EXPECT_EQ(mistakes.size(), 1u);
}

TEST(Compile, AcceptsTheScenarioOfTheDesign) {
  const auto plan = PlanOf(R"(
    seed: 42
    guard { max_duration { seconds: 600 } max_injections: 500 max_share: 1.0 max_tokens: 2000000 }
    target { key: 'primary' value { kind: TARGET_KIND_MODEL model: 'gpt-*' } }
    target { key: 'fallback'
             value { kind: TARGET_KIND_MODEL model: 'claude-*' fallback_for: 'primary' } }
    target { key: 'charge' value { kind: TARGET_KIND_TOOL name: 'payments.charge'
             role: TARGET_ROLE_SIDE_EFFECT idempotency_key: 'header:idempotency-key' } }
    phase { name: 'brownout' until { injections: 3 } }
    phase { name: 'outage' }
    rule { id: 'primary-throttled' target: 'primary' phase: 'brownout'
           fault { rate_limit { retry_after { seconds: 1 } } } }
    rule { target: 'fallback' phase: 'outage' when { first: 1 }
           fault { error_event { kind: ERROR_KIND_OVERLOADED position { events: 4 } } } }
    rule { id: 'charged-but-silent' target: 'charge' when { first: 1 } attempts: [1, 1]
           fault { lose_response { how: LOSS_MODE_RESET } } }
    expect { bounded_retries { target: 'primary' at_most: 4 } }
    expect { at_most_once_effect { target: 'charge' } }
    expect { at_most_once_effect {} }
    expect { falls_back { target: 'primary' } }
    expect { no_silent_failure {} }
    verdict { p0: 0.10 p1: 0.30 })");
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->targets().size(), 3u);
  EXPECT_EQ(plan->targets()[0].name, "charge");
  EXPECT_EQ(plan->targets()[1].fallback_for, 2);
  EXPECT_EQ(plan->rules()[0].targets, std::vector<uint32_t>{2});
  EXPECT_EQ(plan->rules()[1].id, "rule-2");
  EXPECT_EQ(plan->rules()[1].phase, 1);
  EXPECT_EQ(plan->rules()[2].FaultNames(), "lose_response");
  EXPECT_FALSE(plan->wants_history());
}

TEST(Compile, NeedsNoHistoryForARuleOfProbabilityZero) {
  EXPECT_TRUE(PlanOf("rule { fault { stale_result {} } }")->wants_history());
  EXPECT_FALSE(
      PlanOf("rule { when { probability: 0 } fault { stale_result {} } }")->wants_history());
}

}  // namespace
}  // namespace murphy::scenario
