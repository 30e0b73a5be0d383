// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "daemon/statistics/interaction.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

constexpr double kDelta = 0.2;
// Of the resampling: the same runs give the same interval.
constexpr uint64_t kSeed = 1;

using statistics::Arms2x2;

// Adds a run to those under the same faults; one that nobody judged says nothing.
void Count(const v1::Run& run, statistics::Count& group) {
  switch (run.outcome().outcome_class()) {
    case v1::OUTCOME_CLASS_INVALID:
    case v1::OUTCOME_CLASS_UNSPECIFIED:
      return;
    case v1::OUTCOME_CLASS_RECOVERED:
    case v1::OUTCOME_CLASS_RECOVERED_COSTLY:
      ++group.of;
      break;
    case v1::OUTCOME_CLASS_FAILED_SILENT:
      // Nobody looked at the result.
      if (run.outcome().unverified()) return;
      break;
    default:  // of protobuf's enumeration: every other class is no success
      break;
  }
  ++group.all;
}

// By which of the two rules were delivered.
Arms2x2 GroupsOf(const Arms& arms, int place) {
  Arms2x2 groups;
  for (const auto* plain : {&arms.baseline, &arms.shadow}) {
    for (const v1::Run* run : *plain) Count(*run, groups.neither);
  }
  for (const v1::Run* run : arms.treatment) {
    if (place >= run->outcome().expects_size()) continue;
    const auto& figures = run->outcome().expects(place).figures();
    if (figures.size() != 2) continue;
    const bool first = figures[0].value() > 0;
    const bool second = figures[1].value() > 0;
    Count(*run, first && second ? groups.both
                : first         ? groups.first
                : second        ? groups.second
                                : groups.neither);
  }
  return groups;
}

std::string Told(const statistics::Count& group) {
  return fmt::format("{} of {}", group.of, group.all);
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::NoSynergyExpect& expect) {
  v1::ExpectResult result = Unjudged("one run says nothing of how two faults work together",
                                     "runs with both, with each alone and with neither");
  for (const std::string& rule : expect.rules()) {
    v1::Figure& figure = *result.add_figures();
    figure.set_name(rule);
    for (const v1::Injection& injection : history.evidence().injections) {
      if (injection.rule() == rule && injection.state() == v1::INJECTION_STATE_DELIVERED)
        figure.set_value(figure.value() + 1);
    }
  }
  return result;
}

v1::ExpectResult JudgeTogether(const Arms& arms, int place, bool final,
                               const v1::NoSynergyExpect& expect) {
  const double delta = expect.has_delta() ? expect.delta() : kDelta;
  const Arms2x2 groups = GroupsOf(arms, place);
  const std::string rates = fmt::format(
      "successes: {} with neither, {} with `{}` alone, {} with `{}` alone, {} with both",
      Told(groups.neither), Told(groups.first), expect.rules(0), Told(groups.second),
      expect.rules(1), Told(groups.both));
  if (groups.both.all == 0)
    return Unjudged(fmt::format("{}: the two were never together", rates),
                    "runs in which both are delivered");
  if (!final) return Unjudged("faults together are looked at when all runs are through");
  if (groups.neither.all == 0 || groups.first.all == 0 || groups.second.all == 0) {
    return Unjudged(fmt::format("{}: there is nothing to compare with", rates),
                    "runs with each alone and with neither (`probability_per = \"run\"`, or a group "
                    "`k_of_n`, and `--baseline N`)");
  }
  const statistics::Interaction found = statistics::InteractionOf(groups, kSeed);
  const std::string seen =
      fmt::format("{}: interaction {:.2f} (95 % interval {:.2f} to {:.2f}); down to {:g} is allowed",
                  rates, found.value, found.interval.low, found.interval.high, -delta);
  if (found.interval.low >= -delta) return Held(seen);
  if (found.interval.high < -delta) return Violated(seen);
  return Unjudged(seen, "more runs");
}

}  // namespace murphy::outcome
