// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "daemon/outcome/classify.h"

namespace murphy::outcome {

// Evidence of a run, told call by call. Calls take 100 ms and follow one another by 1 s unless said
// otherwise.
class Story {
 public:
  Evidence evidence;

  v1::Target& Target(const std::string& name, v1::TargetRole role = v1::TARGET_ROLE_UNSPECIFIED) {
    v1::Target& target = (*evidence.scenario.mutable_target())[name];
    if (role != v1::TARGET_ROLE_UNSPECIFIED) target.set_role(role);
    return target;
  }

  // A call that the upstream answered well. `operation` 0: a new one.
  v1::Exchange& Call(const std::string& target, uint64_t operation = 0) {
    v1::Exchange& exchange = evidence.exchanges.emplace_back();
    if (operation == 0) operation = ++operations_;
    exchange.set_sequence(evidence.exchanges.size());
    exchange.add_targets(target);
    exchange.set_kind(target.starts_with("model") ? v1::TARGET_KIND_MODEL : v1::TARGET_KIND_TOOL);
    exchange.set_operation(operation);
    exchange.set_attempt(++attempts_[operation]);
    if (exchange.attempt() > 1) exchange.set_attempt_layer(v1::ATTEMPT_LAYER_APPLICATION);
    exchange.set_address("agent/" + target + "/s#" + std::to_string(operation) + "@" +
                         std::to_string(exchange.attempt()));
    exchange.mutable_begin_time()->set_seconds(now_++);
    exchange.mutable_duration()->set_nanos(100'000'000);
    exchange.set_route(target);
    exchange.set_method("POST");
    exchange.set_path("/" + target);
    exchange.set_status(200);
    exchange.set_upstream_status(200);
    exchange.set_upstream_requests(1);
    exchange.set_origin(v1::ORIGIN_UPSTREAM);
    exchange.set_end(v1::END_STATE_COMPLETE);
    exchange.mutable_usage()->set_input_tokens(80);
    exchange.mutable_usage()->set_output_tokens(20);
    return exchange;
  }

  // A retry of a client library.
  v1::Exchange& Retry(const std::string& target, uint64_t operation) {
    v1::Exchange& exchange = Call(target, operation);
    exchange.set_attempt_layer(v1::ATTEMPT_LAYER_SDK);
    return exchange;
  }

  // The same call as one that had been served before: the agent says the same once more.
  v1::Exchange& Repeat(const std::string& target, const std::string& words) {
    v1::Exchange& exchange = Say(target, words);
    exchange.set_repeat(true);
    return exchange;
  }

  // A call whose words matter.
  v1::Exchange& Say(const std::string& target, const std::string& words, uint64_t operation = 0) {
    v1::Exchange& exchange = Call(target, operation);
    exchange.set_request_digest(words);
    return exchange;
  }

  // The latest call reached the upstream, which did not answer. Nothing of Murphy's.
  v1::Exchange& Silence() {
    v1::Exchange& exchange = evidence.exchanges.back();
    exchange.set_status(504);
    exchange.set_upstream_status(0);
    exchange.set_end(v1::END_STATE_NO_ANSWER);
    exchange.set_failed(true);
    exchange.set_failure("The upstream was silent for too long.");
    exchange.set_failure_cause(v1::FAILURE_CAUSE_BROKEN);
    exchange.clear_usage();
    return exchange;
  }

  // There was no way to the upstream. Nothing of Murphy's.
  v1::Exchange& Miss(v1::FailureCause cause = v1::FAILURE_CAUSE_UNRESOLVED) {
    v1::Exchange& exchange = Silence();
    exchange.set_status(502);
    exchange.set_upstream_requests(0);
    exchange.set_failure_cause(cause);
    return exchange;
  }

  // The upstream itself answered the latest call with an error.
  v1::Exchange& Answer(uint32_t status) {
    v1::Exchange& exchange = evidence.exchanges.back();
    exchange.set_status(status);
    exchange.set_upstream_status(status);
    exchange.set_upstream_failed(true);
    exchange.set_failed(true);
    exchange.clear_usage();
    return exchange;
  }

  uint64_t last_operation() const { return operations_; }

  // Time that passes before the next call.
  void Wait(int64_t seconds) { now_ += seconds - 1; }

  // A delivered fault on the latest call.
  v1::Injection& Inject(const std::string& fault) {
    v1::Exchange& exchange = evidence.exchanges.back();
    v1::Injection& injection = evidence.injections.emplace_back();
    injection.set_id(evidence.injections.size());
    injection.set_exchange(exchange.sequence());
    injection.set_rule("rule-" + fault);
    injection.set_fault(fault);
    injection.set_state(v1::INJECTION_STATE_DELIVERED);
    *injection.mutable_deliver_time() = exchange.begin_time();
    injection.mutable_deliver_time()->set_nanos(100'000'000);
    if (evidence.scenario.rule_size() == 0) evidence.scenario.add_rule();
    return injection;
  }

  // The latest call was refused before the upstream saw it.
  v1::Exchange& Refuse(uint32_t status, int64_t stated_delay = 0) {
    v1::Exchange& exchange = evidence.exchanges.back();
    exchange.set_status(status);
    exchange.set_upstream_status(0);
    exchange.set_upstream_requests(0);
    exchange.set_origin(v1::ORIGIN_INJECTED);
    exchange.set_failed(true);
    exchange.clear_usage();
    if (stated_delay > 0) exchange.mutable_stated_delay()->set_seconds(stated_delay);
    Inject("rate_limit");
    return exchange;
  }

  // The upstream acted on the latest call, and its answer was lost.
  v1::Exchange& Lose() {
    v1::Exchange& exchange = evidence.exchanges.back();
    exchange.set_status(0);
    exchange.set_origin(v1::ORIGIN_INJECTED);
    exchange.set_end(v1::END_STATE_NO_ANSWER);
    exchange.set_failed(true);
    Inject("lose_response");
    return exchange;
  }

  // The latest call's answer was changed and looks well.
  v1::Injection& Falsify(const std::string& fault = "wrong_value") {
    v1::Injection& injection = Inject(fault);
    injection.set_digest_before("a");
    injection.set_digest_after("b");
    evidence.exchanges.back().add_altered_by(fault);
    return injection;
  }

  void Report(v1::TaskState task, bool disclosed = false) {
    evidence.report.emplace();
    evidence.report->set_task(task);
    evidence.report->set_disclosed(disclosed);
  }

  v1::Outcome Outcome() {
    AttributeRecovery(evidence);
    return Classify(evidence);
  }

  v1::RecoveryLayer Layer(size_t injection = 0) {
    AttributeRecovery(evidence);
    return evidence.injections.at(injection).recovery();
  }

 private:
  uint64_t operations_ = 0;
  int64_t now_ = 1'700'000'000;
  std::map<uint64_t, uint32_t> attempts_;
};

}  // namespace murphy::outcome
