// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"

namespace murphy::outcome {
namespace {

constexpr double kMost = 1.1;
constexpr uint32_t kCalls = 10;

// The last exchange that a fault was delivered on; 0 for none.
uint64_t LastFault(const History& history, const v1::ReturnsToBaselineExpect& expect) {
  uint64_t last = 0;
  for (const v1::Injection& injection : history.evidence().injections) {
    if (injection.state() != v1::INJECTION_STATE_DELIVERED) continue;
    const std::optional<size_t> position = history.Find(injection.exchange());
    if (position && Selects(expect, history.at(*position)))
      last = std::max(last, injection.exchange());
  }
  return last;
}

// Calls, and how many operations began among them.
struct Tally {
  size_t operations = 0;
  size_t attempts = 0;
  std::vector<uint64_t> repeats;

  void Add(const v1::Exchange& exchange) {
    ++attempts;
    if (exchange.attempt() < 2) {
      ++operations;
    } else {
      repeats.push_back(exchange.sequence());
    }
  }
  double Amplification() const {
    return operations == 0 ? std::numeric_limits<double>::infinity()
                           : static_cast<double>(attempts) / static_cast<double>(operations);
  }
};

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::ReturnsToBaselineExpect& expect) {
  const double most = expect.has_at_most() ? expect.at_most() : kMost;
  const uint32_t calls = expect.has_calls() ? expect.calls() : kCalls;
  const uint64_t last = LastFault(history, expect);
  if (last == 0) return Idle(fmt::format("no fault was delivered to a call{}", Whose(expect)));
  // Everything after the fault; and what is left when the calls are over that it may take.
  Tally since;
  Tally later;
  size_t followed = 0;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (exchange.sequence() <= last || !Selects(expect, exchange)) continue;
    since.Add(exchange);
    if (++followed > calls) later.Add(exchange);
  }
  const Tally& judged = followed > calls ? later : since;
  if (followed == 0 || (followed <= calls && judged.Amplification() > most)) {
    return Unjudged(fmt::format("only {}{} came after the last fault; {} may pass first",
                                Counted(followed, "call"), Whose(expect), calls),
                    "a run that goes on for longer");
  }
  const std::string seen = fmt::format(
      "{} for {}{} {}; {:g} for each is allowed", Counted(judged.attempts, "attempt"),
      Counted(judged.operations, "operation"), Whose(expect),
      followed > calls ? fmt::format("from {} after the last fault on", Counted(calls, "call"))
                       : "after the last fault",
      most);
  return judged.Amplification() <= most ? Held(seen) : Shown(Violated(seen), judged.repeats);
}

}  // namespace murphy::outcome
