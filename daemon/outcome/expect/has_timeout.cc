// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

// That an agent has left is noticed ten times a second.
constexpr absl::Duration kGrain = absl::Milliseconds(150);

// How long a fault stalled its stream; nullopt: none did.
std::optional<absl::Duration> StalledFor(const History& history, const v1::Exchange& exchange) {
  for (const v1::Injection& injection : history.evidence().injections) {
    const bool stalls = injection.exchange() == exchange.sequence() && injection.has_fire_time() &&
                        injection.fault() == "stall_stream";
    if (!stalls) continue;
    const absl::Time end =
        injection.has_deliver_time() ? FromProto(injection.deliver_time()) : EndOf(exchange);
    return end - FromProto(injection.fire_time());
  }
  return std::nullopt;
}

// How long the agent waited for one byte, as far as is known, and for the rest after the first,
// which may have come at once.
struct Wait {
  absl::Duration known;
  absl::Duration rest;
};

Wait WaitOf(const History& history, const v1::Exchange& exchange) {
  const absl::Duration all = FromProto(exchange.duration());
  if (!exchange.has_first_byte()) return {all, absl::ZeroDuration()};
  const absl::Duration first = FromProto(exchange.first_byte());
  if (const auto stalled = StalledFor(history, exchange))
    return {std::max(first, *stalled), absl::ZeroDuration()};
  return {first, all - first};
}

// The agent did not leave by itself: it was stopped while it waited.
bool WasStopped(const History& history, const v1::Exchange& exchange) {
  if (!history.evidence().hung) return false;
  return std::none_of(history.all().begin(), history.all().end(), [&](size_t position) {
    return BeginOf(history.at(position)) > EndOf(exchange);
  });
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::HasTimeoutExpect& expect) {
  const absl::Duration within = FromProto(expect.within());
  std::vector<uint64_t> given_up;
  std::vector<uint64_t> open;
  absl::Duration longest;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (!Selects(expect, exchange)) continue;
    const bool left = exchange.end() == v1::END_STATE_AGENT_LEFT;
    const Wait wait = WaitOf(history, exchange);
    if (wait.known > within + kGrain) {
      return Shown(Violated(fmt::format("{} had no answer for {}, and the agent went on waiting; {} "
                                        "is allowed",
                                        exchange.address(), Seconds(wait.known), Seconds(within))),
                   {exchange.sequence()});
    }
    if (wait.rest > within + kGrain || (left && WasStopped(history, exchange))) {
      open.push_back(exchange.sequence());
    } else if (left) {
      given_up.push_back(exchange.sequence());
      longest = std::max({longest, wait.known, wait.rest});
    }
  }
  if (!open.empty()) {
    return Shown(Unjudged(fmt::format("whether {} stalled for longer than {} is not known",
                                      Exchanges(open), Seconds(within)),
                          "a fault that stalls it (`hang`, `stall_stream`), and an agent that may "
                          "end by itself,"),
                 open);
  }
  if (given_up.empty()) return Idle(fmt::format("no call{} stalled", Whose(expect)));
  return Shown(Held(fmt::format("{}{} given up after at most {}", Counted(given_up.size(), "call"),
                                given_up.size() == 1 ? " was" : " were", Seconds(longest))),
               given_up);
}

}  // namespace murphy::outcome
