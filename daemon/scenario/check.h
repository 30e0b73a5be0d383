// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/scenario/plan.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::scenario {

// Finds every mistake of meaning in a scenario whose shape (names of keys, types, ranges) is right.
void Check(const v1::Scenario& scenario, std::vector<Mistake>& mistakes);

// The rule's own id, or `rule-N`, counted from 1.
std::string RuleId(const v1::Rule& rule, uint32_t index);

// Whether a run that is in the one phase can be in the other, then or later: always where they are in
// different tracks.
bool CanFollow(const v1::Scenario& scenario, std::string_view from, std::string_view to);
// Whether a rule of the one phase can be armed together with a rule of the other.
bool CanOverlap(const v1::Scenario& scenario, std::string_view one, std::string_view other);

// What the checks of one scenario share.
class Review {
 public:
  Review(const v1::Scenario& scenario, std::vector<Mistake>& mistakes);

  const v1::Scenario& scenario() const { return scenario_; }
  void Say(std::string path, std::string message);
  // The rules do not fit under a limit of the guard; the advice to raise it is added.
  void SayOfLimit(std::string_view limit, std::string_view message);
  // About the key at the end of the path: `predicate` goes on after its name.
  void SayOf(std::string path, std::string_view predicate);

  // Whether the name is one of a target (phase, rule); when it is none, that is said.
  bool KnowsTarget(std::string path, std::string_view name);
  bool KnowsPhase(std::string path, std::string_view name);
  bool KnowsRule(std::string path, std::string_view id);
  bool KnowsCause(std::string path, std::string_view name);
  // A name that the file gives to something can be printed, and on one line.
  void CheckName(std::string path, std::string_view what, std::string_view name);

 private:
  void SayUndefined(std::string path, std::string_view what, std::string_view name,
                    const std::vector<std::string>& accepted);

  const v1::Scenario& scenario_;
  std::vector<Mistake>& mistakes_;
  // Sorted.
  std::vector<std::string> targets_;
  std::vector<std::string> phases_;
  std::vector<std::string> rules_;
  std::vector<std::string> causes_;
};

void CheckGuard(Review& review);
void CheckTargets(Review& review);
void CheckPhases(Review& review);
void CheckRules(Review& review);
void CheckCauses(Review& review);
void CheckGroups(Review& review);
void CheckExpectations(Review& review);
void CheckRun(Review& review);
void CheckProbes(Review& review);

// `path` leads to the progress; `until` tells the end of a phase from a condition.
void CheckProgress(Review& review, const std::string& path, const v1::Progress& progress,
                   bool until);
// `path` leads to the trigger (condition).
void CheckTrigger(Review& review, const std::string& path, const v1::Trigger& trigger);
void CheckOn(Review& review, const std::string& path, const v1::On& on);
// Rules that wait for what never comes: for each other's injections, or for more than there can be.
void CheckWaiting(Review& review);
// What is drawn and counted for whom; `path` leads to the trigger.
void CheckProbabilityPer(Review& review, const std::string& path, const v1::Trigger& trigger);
// The faults of a rule, one or several; `path` leads to it.
void CheckVariants(Review& review, const std::string& path, const v1::Rule& rule);
// The parameters of a fault. `path` leads to the table that names it.
void CheckFault(Review& review, const std::string& path, const v1::Fault& fault);
// Headers that are written or edited as a scenario says, so that none of them can make another
// message of the one that it is in. Edits leave lines that frame a message alone; an answer that is
// written would have them.
using HeaderMap = google::protobuf::Map<std::string, std::string>;
void CheckHeaders(Review& review, const std::string& path, const HeaderMap& headers);
void CheckWrittenHeaders(Review& review, const std::string& path, const HeaderMap& headers);
void CheckHeaderName(Review& review, const std::string& path, const std::string& name);
void CheckHeaderValue(Review& review, const std::string& path, const std::string& value);

}  // namespace murphy::scenario
