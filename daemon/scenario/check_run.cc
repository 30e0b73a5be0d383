// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "daemon/scenario/check.h"
#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr std::string_view kRouteCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-_";

void CheckArms(Review& review, const v1::RunSettings& run) {
  const std::vector<std::string> accepted = {"treatment", "shadow"};
  std::set<std::string_view> arms;
  for (int i = 0; i < run.arms_size(); ++i) {
    const std::string path = fmt::format("run.arms[{}]", i);
    const std::string& arm = run.arms(i);
    if (std::find(accepted.begin(), accepted.end(), arm) == accepted.end()) {
      const std::string_view nearest = NearestName(arm, accepted);
      review.Say(path, fmt::format("there is no arm `{}`; {}", arm,
                                   nearest.empty() ? "there are `treatment` and `shadow`"
                                                   : fmt::format("did you mean `{}`?", nearest)));
    } else if (!arms.insert(arm).second) {
      review.Say(path, fmt::format("the arm `{}` is named twice", arm));
    }
  }
}

// The order of a protobuf map differs from process to process.
std::map<std::string, std::string> Sorted(const HeaderMap& map) { return {map.begin(), map.end()}; }

void CheckRoutes(Review& review, const v1::RunSettings& run) {
  for (const auto& [name, upstream] : Sorted(run.routes())) {
    const std::string path = fmt::format("run.routes.{}", name);
    if (name.empty() || name.find_first_not_of(kRouteCharacters) != std::string::npos) {
      review.Say(path, fmt::format("`{}` is no name of a route: it has a-z, 0-9, - and _", name));
    } else if (!upstream.starts_with("http://") && !upstream.starts_with("https://")) {
      review.SayOf(path, "must be a URL with its scheme, as \"https://payments.example\"");
    }
  }
}

bool IsVariable(std::string_view name) {
  return !name.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_';
         });
}

void CheckEnvironment(Review& review, const v1::RunSettings& run) {
  for (const auto& [name, value] : Sorted(run.env())) {
    const std::string path = fmt::format("run.env.{}", name);
    if (!IsVariable(name)) {
      review.Say(path, fmt::format("`{}` is no name of a variable: it has letters, digits and _, "
                                   "and begins with no digit",
                                   name));
    } else if (name.starts_with("MURPHY_")) {
      review.SayOf(path, "is Murphy's own: variables that begin with MURPHY_ are set for each run");
    } else if (value.find('\0') != std::string::npos) {
      review.SayOf(path, "has a zero byte in it, which no variable can have");
    }
  }
}

}  // namespace

void CheckRun(Review& review) {
  const v1::Scenario& scenario = review.scenario();
  if (!scenario.has_run()) return;
  const v1::RunSettings& run = scenario.run();
  CheckArms(review, run);
  CheckRoutes(review, run);
  CheckEnvironment(review, run);
  if (run.command_size() > 0 && run.command(0).empty())
    review.Say("run.command[0]", "the command begins with the name of a program");
  if (run.has_check() && run.check().empty())
    review.SayOf("run.check", "says nothing: leave it out, or name a command");
  if (run.has_seed() && scenario.has_seed() && run.seed() != scenario.seed()) {
    review.SayOf("run.seed", fmt::format("is {}, and the scenario's own `seed` is {}: keep one of "
                                         "them",
                                         run.seed(), scenario.seed()));
  }
}

}  // namespace murphy::scenario
