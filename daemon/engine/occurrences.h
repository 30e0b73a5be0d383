// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "daemon/scenario/coordination.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/trigger.pb.h"

namespace murphy::engine {

struct Ending;
struct Recovery;

// Of what is waited for, by its place: what the answer of the upstream says, or has said where that
// is from a record.
std::vector<uint32_t> AnsweredBy(const Ending& ending, const std::vector<scenario::On>& ons);

// Where something happens.
struct Place {
  const std::vector<uint32_t>& targets;
  std::string_view agent;
  // Number of the exchange; when one ends or nothing is on the way, of the last that has begun.
  uint64_t sequence = 0;
  absl::Duration now;
};

// What has happened in a run, of all that its plan waits for (Plan::ons): how often, and since
// when. Bounded by the plan; what is not waited for is not kept.
//
// For those who ask: `Holds` is the condition of a rule, on the exchange that is being decided.
// Whoever waits for something to happen (a phase that ends, a cause that begins) compares `Count`
// with what it was when the waiting began. An event is counted before anybody is asked about the
// exchange that it belongs to; only what fired on an exchange is counted after it.
class Occurrences {
 public:
  explicit Occurrences(const std::vector<scenario::On>& ons);

  // Time has passed: silences are noticed. `begun`: number of the last exchange that has begun.
  void Pass(absl::Duration now, uint64_t begun);
  // An exchange has begun. `canary`: a tool is called with a planted instruction.
  void Begin(const Place& place, const std::vector<Recovery>& recoveries, bool canary);
  // A rule has fired on an exchange.
  void Fire(const Place& place, uint32_t rule);
  void End(const Place& place, v1::TargetKind kind, const Ending& ending);

  // The condition holds for exchange number `sequence`.
  bool Holds(uint32_t on, absl::Duration now, uint64_t sequence) const;
  // How often it has happened.
  uint64_t Count(uint32_t on) const { return states_[on].count; }

  // Silences that have been noticed.
  uint64_t noticed() const { return noticed_; }

  // It has happened since it had happened `before` times: once, or as often as it says (`times`).
  bool Often(uint32_t on, uint64_t before) const {
    const v1::On& spec = ons_[on].spec;
    return Count(on) - before >= (spec.has_times() ? spec.times() : 1);
  }

  // When the next silence will have lasted long enough, if it stays silent; infinite without one.
  absl::Duration Due() const;

 private:
  struct State {
    uint64_t count = 0;
    // The occurrence that it holds since, and the number of the exchange before the first that it
    // holds for.
    std::optional<absl::Duration> since;
    uint64_t before = 0;
    // Silence: since when, unless it has been noticed. Tokens: how many.
    std::optional<absl::Duration> quiet;
    uint64_t tokens = 0;
  };
  using Indices = std::vector<uint32_t>;

  bool HasBegun(uint32_t on, absl::Duration now, uint64_t sequence) const;
  bool Concerns(const scenario::On& on, const Place& place) const;
  void Occur(uint32_t on, absl::Duration at, uint64_t before, uint64_t times = 1);
  void Recover(const Place& place, const std::vector<Recovery>& recoveries);

  const std::vector<scenario::On>& ons_;
  std::vector<State> states_;
  uint64_t noticed_ = 0;
  // By what they wait for.
  Indices calls_begin_, calls_end_, responses_, answers_, injections_, recoveries_, echoed_, used_,
      silences_, tokens_;
};

}  // namespace murphy::engine
