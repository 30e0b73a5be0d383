// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "daemon/engine/check.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

bool CountsSomething(const v1::Progress& progress) {
  return progress.has_calls() || progress.has_operations() || progress.has_injections() ||
         progress.has_tokens();
}

bool IsAtOnce(const v1::Progress& progress) {
  return progress.calls() == 0 && progress.operations() == 0 && progress.injections() == 0 &&
         progress.tokens() == 0 && progress.time().seconds() == 0 && progress.time().nanos() == 0;
}

}  // namespace

void CheckProgress(Review& review, const std::string& path, const v1::Progress& progress,
                   bool until) {
  if (!CountsSomething(progress) && !progress.has_time()) {
    review.Say(
        path,
        "says nothing: name at least one of `calls`, `operations`, `injections`, `tokens`, `time`");
  } else if (until && IsAtOnce(progress)) {
    review.Say(path, "is reached at once: the phase would end before anything can happen in it");
  }
  if (!progress.has_of()) return;
  review.KnowsTarget(path + ".of", progress.of());
  if (until && progress.has_time() && !CountsSomething(progress)) {
    review.Say(path + ".of",
               "counts nothing: in `until`, time is measured from the beginning of the phase");
  }
}

void CheckPhases(Review& review) {
  const auto& phases = review.scenario().phase();
  std::set<std::string_view> names;
  for (int i = 0; i < phases.size(); ++i) {
    const v1::Phase& phase = phases[i];
    const std::string path = fmt::format("phase[{}]", i);
    if (phase.name().empty()) review.Say(path + ".name", "a phase needs a name");
    if (!names.insert(phase.name()).second) {
      review.Say(path + ".name", fmt::format("there are two phases `{}`", phase.name()));
    }
    if (phase.has_until()) CheckProgress(review, path + ".until", phase.until(), true);
    if (phase.has_duration() && phase.duration().seconds() == 0 && phase.duration().nanos() == 0) {
      review.Say(path + ".duration", "a phase that lasts no time can do nothing");
    }
    if (i + 1 < phases.size() && !phase.has_until() && !phase.has_duration()) {
      review.Say(path, fmt::format("phase `{}` never ends, so that phase `{}` can never begin: "
                                   "give it `until` or `duration`",
                                   phase.name(), phases[i + 1].name()));
    }
  }
}

}  // namespace murphy::engine
