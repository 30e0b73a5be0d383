// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/recovery.h"

#include <algorithm>

#include "daemon/outcome/circuit.h"
#include "daemon/outcome/followers.h"
#include "daemon/outcome/hijack.h"
#include "daemon/outcome/loops.h"
#include "daemon/outcome/restarts.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

// Clocks and sockets of both sides; a client may round.
constexpr absl::Duration kTolerance = absl::Milliseconds(20);
// An upstream that an agent did not wait for has kept it waiting this many times as long as we
// have.
constexpr double kItsOwnFault = 4;

bool Surrendered(const Evidence& evidence) { return evidence.exit_code.value_or(0) != 0; }

bool TaskIs(const Evidence& evidence, v1::TaskState state) {
  return evidence.report && evidence.report->task() == state;
}

bool Failed(const Evidence& evidence) {
  return TaskIs(evidence, v1::TASK_STATE_WRONG) || TaskIs(evidence, v1::TASK_STATE_PARTIAL) ||
         TaskIs(evidence, v1::TASK_STATE_NONE);
}

bool Admitted(const Evidence& evidence) {
  return Surrendered(evidence) || (evidence.report && evidence.report->disclosed());
}

v1::RecoveryLayer GivenUp(const Evidence& evidence) {
  return Admitted(evidence) ? v1::RECOVERY_LAYER_GAVE_UP_LOUD : v1::RECOVERY_LAYER_GAVE_UP_SILENT;
}

// An intent that was never served.
v1::RecoveryLayer Unserved(const History& history, size_t position) {
  const Evidence& evidence = history.evidence();
  if (EscalatedAfter(history, position)) return v1::RECOVERY_LAYER_ESCALATE;
  if (TriedTooOften(history, history.at(position).operation())) return v1::RECOVERY_LAYER_LOOP;
  if (!Surrendered(evidence) && CircuitAfter(history, position)) return v1::RECOVERY_LAYER_CIRCUIT;
  if (TaskIs(evidence, v1::TASK_STATE_CORRECT)) {
    return ServedElseAfter(history, position) ? v1::RECOVERY_LAYER_REVISION
                                              : v1::RECOVERY_LAYER_REPLAN;
  }
  if (Admitted(evidence)) return v1::RECOVERY_LAYER_GAVE_UP_LOUD;
  return evidence.exit_code || evidence.report ? v1::RECOVERY_LAYER_GAVE_UP_SILENT
                                               : v1::RECOVERY_LAYER_UNSPECIFIED;
}

v1::RecoveryLayer LayerOf(const v1::Exchange& served) {
  switch (served.attempt_layer()) {
    case v1::ATTEMPT_LAYER_SDK:
      return v1::RECOVERY_LAYER_SDK_RETRY;
    case v1::ATTEMPT_LAYER_FRAMEWORK:
      return v1::RECOVERY_LAYER_FRAMEWORK_RETRY;
    default:  // of protobuf's enumeration: whoever else repeats is the application
      return v1::RECOVERY_LAYER_APPLICATION_RETRY;
  }
}

v1::RecoveryLayer LayerOf(const History& history, size_t success, size_t failure) {
  const v1::Exchange& served = history.at(success);
  if (served.operation() == history.at(failure).operation()) return LayerOf(served);
  const v1::Exchange& first = history.at(history.AttemptsOf(served.operation()).front());
  return first.revision_of().empty() ? v1::RECOVERY_LAYER_FALLBACK : v1::RECOVERY_LAYER_REVISION;
}

// What an agent did from one position to another.
std::vector<size_t> CallsOf(const History& history, size_t from, size_t to) {
  std::vector<size_t> calls;
  const auto& all = history.all();
  std::copy_if(std::lower_bound(all.begin(), all.end(), from),
               std::upper_bound(all.begin(), all.end(), to), std::back_inserter(calls),
               [&](size_t position) {
                 const v1::Exchange& exchange = history.at(position);
                 return exchange.agent() == history.at(from).agent() &&
                        exchange.kind() != v1::TARGET_KIND_MCP;
               });
  return calls;
}

// Calls of an agent where `failed` was made, in one try of its task.
std::vector<size_t> AtItsPlace(const History& history, size_t failed, size_t from, size_t to) {
  std::vector<size_t> calls;
  const auto& same = history.AtPlace(PlaceOf(history.at(failed)));
  std::copy_if(
      std::lower_bound(same.begin(), same.end(), from),
      std::lower_bound(same.begin(), same.end(), to), std::back_inserter(calls),
      [&](size_t position) { return history.at(position).agent() == history.at(failed).agent(); });
  return calls;
}

// The call that is to a task that began again what the failed one was to the first try: as many
// like it were served before.
std::optional<size_t> ItsLike(const History& history, size_t failed, size_t restart) {
  const auto& restarts = history.restarts();
  const auto next = std::upper_bound(restarts.begin(), restarts.end(), failed);
  const size_t begin = next == restarts.begin() ? 0 : *std::prev(next);
  size_t served_before = 0;
  for (const size_t position : AtItsPlace(history, failed, begin, failed))
    served_before += Broken(history.at(position)) ? 0 : 1;
  for (const size_t position :
       AtItsPlace(history, failed, restart, history.evidence().exchanges.size())) {
    if (!Broken(history.at(position)) && served_before-- == 0) return position;
  }
  return std::nullopt;
}

// The first time after a restart that what had gone wrong was said again, and served; else its
// like. An agent that does not come there again has come through when it ends well.
std::optional<size_t> ServedAgain(const History& history, size_t failed, size_t restart) {
  const std::string& words = history.at(failed).request_digest();
  const auto& all = history.all();
  std::optional<size_t> last;
  for (auto it = std::lower_bound(all.begin(), all.end(), restart); it != all.end(); ++it) {
    const v1::Exchange& exchange = history.at(*it);
    if (exchange.agent() != history.at(failed).agent() || Broken(exchange)) continue;
    last = *it;
    const bool same = !words.empty() && exchange.request_digest() == words;
    if (same && exchange.name() == history.at(failed).name()) return *it;
  }
  if (const std::optional<size_t> like = ItsLike(history, failed, restart)) return like;
  const Evidence& evidence = history.evidence();
  const bool well =
      TaskIs(evidence, v1::TASK_STATE_CORRECT) || (evidence.exit_code == 0 && !Failed(evidence));
  return well ? last : std::nullopt;
}

// The task began again before the call was served.
std::optional<Recovery> FollowRestart(const History& history, size_t position,
                                      std::optional<size_t> served) {
  const size_t end = served.value_or(history.evidence().exchanges.size());
  const std::optional<size_t> restart = RestartBetween(history, position, end);
  if (!restart) return std::nullopt;
  const std::optional<size_t> success = served ? served : ServedAgain(history, position, *restart);
  if (!success) return std::nullopt;
  return Recovery{.layer = v1::RECOVERY_LAYER_TASK_RESTART,
                  .followers = CallsOf(history, *restart, *success),
                  .success = success,
                  .check = std::nullopt};
}

// Served by one of the calls that followed for it; cuts the list there.
std::optional<size_t> Serve(const History& history, std::vector<size_t>& followers) {
  const auto served = std::find_if(followers.begin(), followers.end(),
                                   [&](size_t later) { return !Broken(history.at(later)); });
  if (served == followers.end()) return std::nullopt;
  const size_t success = *served;
  followers.erase(served + 1, followers.end());
  return success;
}

// A call that goes on and on without being served: it is a loop, whichever of its failures one asks
// about, and following each of a hundred thousand to its end would take the square of them.
bool Endless(const History& history, size_t position) {
  constexpr size_t kEndless = 1000;
  const uint64_t operation = history.at(position).operation();
  const std::vector<size_t>& attempts = history.AttemptsOf(operation);
  if (attempts.size() <= kEndless || history.Succeeded(operation)) return false;
  const std::string address = OperationOf(history.at(attempts.front()));
  return history.FallbacksFor(address).empty() && history.RevisionsOf(address).empty() &&
         TriedTooOften(history, operation);
}

Recovery FollowFailure(const History& history, size_t position) {
  if (Endless(history, position)) {
    Recovery loop{.layer = v1::RECOVERY_LAYER_LOOP, .never_served = true};
    if (const auto next = history.NextAttempt(position)) loop.followers.push_back(*next);
    return loop;
  }
  Recovery recovery;
  recovery.followers = Successors(history, position);
  recovery.success = Serve(history, recovery.followers);
  const std::optional<size_t> resumed = Resumption(history, position);
  if (resumed && (!recovery.success || *resumed < *recovery.success)) {
    return {v1::RECOVERY_LAYER_SDK_RETRY, {*resumed}, resumed, std::nullopt};
  }
  if (std::optional<Recovery> restart = FollowRestart(history, position, recovery.success))
    return *std::move(restart);
  if (recovery.success) {
    const std::optional<Circuit> circuit = CircuitAfter(history, position);
    recovery.layer = circuit && circuit->probe == recovery.success
                         ? v1::RECOVERY_LAYER_CIRCUIT
                         : LayerOf(history, *recovery.success, position);
  }
  recovery.check = LookAfter(history, position, recovery.followers);
  if (recovery.check) {
    recovery.layer = v1::RECOVERY_LAYER_VERIFY;
    if (!recovery.success && recovery.followers.empty()) recovery.success = recovery.check;
  }
  // It was tried again, in vain, and then looked for.
  if (!recovery.success && !recovery.followers.empty()) {
    recovery.success = LookAfter(history, recovery.followers.back(), {});
    if (recovery.success) recovery.layer = v1::RECOVERY_LAYER_VERIFY;
  }
  if (!recovery.success) {
    recovery.layer = Unserved(history, position);
    recovery.never_served = recovery.layer != v1::RECOVERY_LAYER_ESCALATE;
  }
  return recovery;
}

// An answer that was changed did no harm: because the agent did not believe it, or because it did
// not matter.
Recovery Withstood(const History& history, size_t position) {
  if (const std::optional<size_t> fallback = FallbackAfter(history, position)) {
    return {v1::RECOVERY_LAYER_FALLBACK, {*fallback}, fallback, std::nullopt};
  }
  if (const std::optional<size_t> check = LookAfter(history, position, {})) {
    return {v1::RECOVERY_LAYER_VERIFY, {}, check, check};
  }
  return {.layer = v1::RECOVERY_LAYER_ABSORBED};
}

// What the agent asked for never came, and what came looks good: part of an answer is missing, or
// nobody but Murphy ever answered.
bool IsNoService(const v1::Injection& injection, const v1::Exchange& exchange) {
  const std::string& fault = injection.fault();
  return fault == "truncate_body" || fault == "cut_stream" || fault == "length_stop" ||
         fault == "malformed_tool_call" || exchange.origin() == v1::ORIGIN_INJECTED;
}

// The answer was changed, and does not say that it failed.
Recovery FollowLie(const History& history, const v1::Injection& injection, size_t position) {
  const Evidence& evidence = history.evidence();
  if (std::optional<Recovery> restart = FollowRestart(history, position, std::nullopt))
    return *std::move(restart);
  Recovery recovery;
  const auto& same = history.AtPlace(PlaceOf(history.at(position)));
  std::copy_if(std::upper_bound(same.begin(), same.end(), position), same.end(),
               std::back_inserter(recovery.followers),
               [&](size_t later) { return history.at(later).repeat(); });
  if (recovery.followers.size() >= kLoop) {
    recovery.layer = v1::RECOVERY_LAYER_LOOP;
  } else if (!recovery.followers.empty()) {
    recovery.layer = v1::RECOVERY_LAYER_APPLICATION_RETRY;
    recovery.success = recovery.followers.back();
  } else if (Failed(evidence) || Surrendered(evidence)) {
    recovery.layer = GivenUp(evidence);
  } else if (evidence.exit_code || evidence.report) {
    recovery = Withstood(history, position);
    const bool believed = recovery.layer == v1::RECOVERY_LAYER_ABSORBED &&
                          !TaskIs(evidence, v1::TASK_STATE_CORRECT) &&
                          IsNoService(injection, history.at(position));
    if (believed) return {.layer = v1::RECOVERY_LAYER_GAVE_UP_SILENT, .never_served = true};
  }
  return recovery;
}

// An instruction was planted: it was carried out, or spoilt the task, or did nothing.
Recovery FollowPoison(const History& history, const v1::Injection& injection, size_t position) {
  const Evidence& evidence = history.evidence();
  if (Consumed(history, injection, position)) return {.layer = v1::RECOVERY_LAYER_CONSUMED_POISON};
  if (Failed(evidence) || Surrendered(evidence)) return {.layer = GivenUp(evidence)};
  return {.layer = v1::RECOVERY_LAYER_ABSORBED};
}

}  // namespace

bool IsInnocent(const v1::Injection& injection, const v1::Exchange& exchange) {
  const bool edited = injection.digest_before() != injection.digest_after();
  if (edited || injection.fault() == "duplicate_request") return false;
  if (FailedAlone(exchange)) return true;
  const bool left = exchange.end() == v1::END_STATE_AGENT_LEFT &&
                    exchange.origin() == v1::ORIGIN_UPSTREAM && injection.has_deliver_time() &&
                    injection.has_fire_time();
  if (!left) return false;
  const absl::Duration ours =
      FromProto(injection.deliver_time()) - FromProto(injection.fire_time());
  return EndOf(exchange) - FromProto(injection.deliver_time()) > ours * kItsOwnFault;
}

std::optional<bool> WaitedAsTold(const History& history, size_t position) {
  const v1::Exchange& exchange = history.at(position);
  const absl::Duration stated = FromProto(exchange.stated_delay());
  const std::optional<size_t> next = history.NextAttempt(position);
  if (stated <= absl::ZeroDuration() || !next) return std::nullopt;
  return BeginOf(history.at(*next)) - EndOf(exchange) >= stated - kTolerance;
}

Recovery Follow(const History& history, const v1::Injection& injection) {
  const std::optional<size_t> position = history.Find(injection.exchange());
  if (!position) return {};
  const v1::Exchange& exchange = history.at(*position);
  if (Broken(exchange)) {
    if (IsInnocent(injection, exchange)) return {.layer = v1::RECOVERY_LAYER_ABSORBED};
    return FollowFailure(history, *position);
  }
  if (injection.fault() == "prompt_injection") return FollowPoison(history, injection, *position);
  if (injection.digest_before() != injection.digest_after())
    return FollowLie(history, injection, *position);
  return {.layer = v1::RECOVERY_LAYER_ABSORBED, .success = *position};
}

}  // namespace murphy::outcome
