// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/scenario/answered.h"
#include "daemon/scenario/glob.h"
#include "daemon/scenario/milestone.h"
#include "murphy/v1/coordination.pb.h"
#include "murphy/v1/trigger.pb.h"

namespace murphy::scenario {

// A v1::On, compiled.
struct On {
  v1::On spec;
  // Index of the target, or -1 for any.
  int of = -1;
  std::optional<Glob> agent;
  // Index of the rule whose injection it is.
  uint32_t rule = 0;
  absl::Duration silence;
  std::optional<absl::Duration> within;
  // How long after it has happened it begins to hold.
  std::optional<absl::Duration> since;
  // What the upstream answers; null where it waits for something else.
  std::shared_ptr<const AnswerCondition> answer;
};

// One compiled phase.
struct Phase {
  std::string name;
  // Number of its track, in the order of the file.
  uint32_t track = 0;
  // It ends when any of them is reached.
  std::vector<Milestone> until;
  std::optional<absl::Duration> duration;
  // Index of the phase that follows, or -1 for none.
  int next = -1;
  std::optional<Milestone> enter;
  // Indices into Plan::ons, or -1.
  int until_on = -1;
  int enter_on = -1;
  // In silence, this phase and those that follow end by time alone and lead back to it, after this
  // time. Infinite: they do not.
  absl::Duration period = absl::InfiniteDuration();

  // Length in silence: how long it lasts when nothing is counted.
  absl::Duration Silence() const;
};

// A v1::Cause, compiled.
struct Cause {
  std::string name;
  v1::Cause spec;
  // Of a window.
  Milestone after;
  std::optional<absl::Duration> lasting;
  // Target whose calls step it, or -1 for every call.
  int of = -1;
  // Index into Plan::ons.
  uint32_t on = 0;
  // Rules that follow it, by index.
  std::vector<uint32_t> followers;
};

// A v1::Group, compiled.
struct Group {
  v1::Group spec;
  // Indices of the members.
  std::vector<uint32_t> rules;
  absl::Duration timeout;
  std::optional<absl::Duration> within;
  // Of a rendezvous: how long after it a member acts, by its index.
  std::map<uint32_t, absl::Duration> offsets;
};

}  // namespace murphy::scenario
