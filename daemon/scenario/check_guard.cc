// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <map>
#include <string>

#include "daemon/scenario/check.h"
#include "daemon/scenario/most.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr uint64_t kDefaultInjections = 1000;
constexpr double kDefaultSeconds = 600;

// What the rules say that they will do must fit under the guard.
void CheckInjections(Review& review) {
  const v1::Scenario& scenario = review.scenario();
  const uint64_t allowed = scenario.guard().has_max_injections() ? scenario.guard().max_injections()
                                                                 : kDefaultInjections;
  const Reckoning reckoning = Reckon(scenario);
  if (reckoning.most <= allowed) return;
  review.SayOfLimit("max_injections",
                    fmt::format("the rules may fire {} = {} times, and the guard allows {}: lower "
                                "their counters or limits",
                                reckoning.sum, reckoning.most, allowed));
}

// The same for each target that is one model or tool.
void CheckPerTarget(Review& review) {
  const v1::Scenario& scenario = review.scenario();
  if (!scenario.guard().has_max_per_target()) return;
  const uint64_t allowed = scenario.guard().max_per_target();
  // The order of a protobuf map differs from process to process.
  const std::map<std::string, v1::Target> targets(scenario.target().begin(),
                                                  scenario.target().end());
  for (const auto& [name, target] : targets) {
    if (!IsOneName(target)) continue;
    const Reckoning reckoning = Reckon(scenario, name);
    if (reckoning.most <= allowed) continue;
    review.SayOfLimit("max_per_target",
                      fmt::format("the rules on `{}` may fire {} = {} times, and the guard allows "
                                  "{} on any one target: lower their counters or limits",
                                  name, reckoning.sum, reckoning.most, allowed));
  }
}

double Seconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + duration.nanos() / 1e9;
}

// Phases that last a stated time, one after the other, must fit, too.
void CheckDurations(Review& review) {
  const v1::Scenario& scenario = review.scenario();
  const double allowed = scenario.guard().has_max_duration()
                             ? Seconds(scenario.guard().max_duration())
                             : kDefaultSeconds;
  // By track: those go on beside each other.
  std::map<std::string, std::pair<double, std::string>> tracks;
  for (const v1::Phase& phase : scenario.phase()) {
    if (!phase.has_duration()) continue;
    auto& [sum, sums] = tracks[phase.track()];
    sum += Seconds(phase.duration());
    sums += fmt::format("{}{} ({} s)", sums.empty() ? "" : " + ", phase.name(),
                        Seconds(phase.duration()));
  }
  for (const auto& [track, length] : tracks) {
    if (length.first <= allowed) continue;
    return review.SayOfLimit(
        "max_duration",
        fmt::format("the phases last {} = {} s, and the guard allows {} s: shorten them",
                    length.second, length.first, allowed));
  }
}

// What begins only when the guard has ended everything.
void CheckLate(Review& review) {
  const v1::Scenario& scenario = review.scenario();
  const v1::Guard& guard = scenario.guard();
  const double seconds = guard.has_max_duration() ? Seconds(guard.max_duration()) : kDefaultSeconds;
  const uint64_t injections =
      guard.has_max_injections() ? guard.max_injections() : kDefaultInjections;
  const auto check = [&](const std::string& path, const v1::Progress& after) {
    if (after.has_time() && Seconds(after.time()) >= seconds) {
      review.SayOf(
          path + ".time",
          fmt::format("is never reached: guard.max_duration ends all faults after {} s", seconds));
    }
    if (after.has_injections() && after.injections() >= injections) {
      review.SayOf(path + ".injections",
                   fmt::format("is never reached: guard.max_injections ends all faults after {}",
                               injections));
    }
  };
  for (int i = 0; i < scenario.rule_size(); ++i)
    check(fmt::format("rule[{}].when.after", i), scenario.rule(i).when().after());
  const std::map<std::string, v1::Cause> causes(scenario.cause().begin(), scenario.cause().end());
  for (const auto& [name, cause] : causes)
    check(fmt::format("cause.{}.window.after", name), cause.window().after());
  for (int i = 0; i < scenario.group_size(); ++i) {
    const v1::Group& group = scenario.group(i);
    if (!group.has_timeout() || Seconds(group.timeout()) <= seconds) continue;
    review.SayOf(
        fmt::format("group[{}].timeout", i),
        fmt::format("is longer than guard.max_duration, which lets the calls go after {} s",
                    seconds));
  }
}

void CheckStops(Review& review) {
  const v1::Guard& guard = review.scenario().guard();
  for (int i = 0; i < guard.stop_size(); ++i) {
    const v1::StopCondition& stop = guard.stop(i);
    const std::string path = fmt::format("guard.stop[{}]", i);
    if (stop.has_of()) review.KnowsTarget(path + ".of", stop.of());
    const int kinds = stop.has_error_rate() + stop.has_latency() + stop.has_cost();
    if (kinds != 1) {
      review.Say(path,
                 kinds == 0
                     ? "the condition says nothing: name `error_rate`, `latency` or `cost`"
                     : "`error_rate`, `latency` and `cost` are conditions of their own: write "
                       "one [[guard.stop]] for each");
    } else if (stop.has_error_rate() && stop.error_rate() <= 0) {
      review.Say(path + ".error_rate", "a rate of 0 is always reached: expected more than 0");
    }
  }
}

}  // namespace

void CheckGuard(Review& review) {
  CheckStops(review);
  CheckInjections(review);
  CheckPerTarget(review);
  CheckLate(review);
  CheckDurations(review);
}

}  // namespace murphy::scenario
