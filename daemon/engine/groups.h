// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/gate.h"
#include "daemon/scenario/coordination.h"
#include "faults/rng.h"
#include "murphy/v1/coordination.pb.h"
#include "murphy/v1/realised.pb.h"

namespace murphy::engine {

// A rule that fires, or waits, on an exchange.
struct Member {
  uint32_t rule = 0;
  uint64_t sequence = 0;
};

// Where a run stands with the groups of its plan. A masked rule has not fired, and comes to no
// rendezvous.
class Groups {
 public:
  // `groups_of`: for each rule, the indices of its groups. `rules`: their names.
  // The members of `k_of_n` groups are drawn here.
  Groups(const std::vector<scenario::Group>& groups, std::vector<std::vector<uint32_t>> groups_of,
         std::vector<std::string> rules, uint64_t seed, uint32_t run_index);

  // The rule is in this run, as far as the lots of its groups say.
  bool Drawn(uint32_t rule) const { return drawn_[rule]; }

  // The rule's groups let it act on exchange number `sequence`. `armed` says whether a rule is
  // armed by its own phase, `after` and `on`.
  bool Arm(uint32_t rule, uint64_t sequence, absl::Duration now,
           const std::function<bool(uint32_t)>& armed) const;
  // Some group has had as many injections as it may have.
  bool Exhausted(uint32_t rule) const;
  // Injections that begin at once if this rule fires.
  uint32_t Company(uint32_t rule) const;

  // A rule fires on an exchange, unless it has to wait: then a gate that may be open already.
  std::shared_ptr<const Gate> Fire(Member member, absl::Duration now);

  // How long after a meeting of its group the rule acts.
  absl::Duration OffsetOf(uint32_t rule) const;

  // When the next of those that wait will have waited for too long; infinite when none waits.
  absl::Duration Due() const;
  // Time has passed: what has waited for too long is settled.
  void Pass(absl::Duration now);
  // The exchange waits for one of its groups.
  bool Awaits(uint64_t sequence) const;
  // An exchange has ended: it waits no more.
  void Leave(uint64_t sequence);
  // Nothing fires any more: everything that waits is given up.
  void Abandon();

  // Members that have waited and have fired since the last call.
  std::vector<Member> TakeFired();
  // A gate at which something waits has been opened or given up since the last call.
  bool TakeWake();
  // Gates that have been opened or given up.
  uint64_t settled() const { return settled_; }
  // Why the run is invalid, as a sentence; empty while it is not.
  const std::string& broken() const { return broken_; }

  void Realise(v1::Realised& realised) const;

 private:
  struct State {
    // Of `at_most`: injections, and members that wait.
    uint64_t taken = 0;
    // Of `rendezvous`: null while nobody waits.
    std::shared_ptr<Gate> gate;
    std::vector<Member> waiting;
    // The exchange that was there last.
    uint64_t completed_by = 0;
    uint64_t met = 0;
    uint64_t timed_out = 0;
  };
  // When a rule fired.
  struct Firing {
    uint64_t sequence = 0;
    absl::Duration at;
  };
  struct Firings {
    std::optional<Firing> last;
    // The last on another exchange than that.
    std::optional<Firing> earlier;
  };

  void DrawMembers(const scenario::Group& group, const Draw& draw);
  bool Follows(const scenario::Group& group, uint32_t rule, uint64_t sequence,
               absl::Duration now) const;
  bool Awaits(const State& state, const Member& member) const;
  std::shared_ptr<const Gate> Meet(uint32_t group, Member member, absl::Duration now);
  void Settle(State& state, bool fire);
  void Take(uint32_t rule, int by);
  void Note(Member member, absl::Duration now);
  std::string Late(const scenario::Group& group, const Member& first) const;

  const std::vector<scenario::Group>& groups_;
  const std::vector<std::vector<uint32_t>> groups_of_;
  const std::vector<std::string> rules_;
  std::vector<bool> drawn_;
  std::vector<State> states_;
  // By rule.
  std::vector<Firings> firings_;
  absl::Duration now_;
  std::vector<Member> fired_;
  bool wake_ = false;
  uint64_t settled_ = 0;
  std::string broken_;
};

}  // namespace murphy::engine
