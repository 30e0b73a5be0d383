// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/stop.h"

#include <algorithm>

#include "faults/values.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::engine {
namespace {

constexpr size_t kDefaultLast = 20;

}  // namespace

StopWatch::StopWatch(const v1::StopCondition& spec, int target)
    : spec_(spec), target_(target), last_(spec.has_last() ? spec.last() : kDefaultLast) {}

std::string StopWatch::Look(const std::vector<uint32_t>& targets, const Spent& spent) {
  const bool counts =
      target_ < 0 || std::count(targets.begin(), targets.end(), static_cast<uint32_t>(target_)) > 0;
  // What Murphy did says nothing about how the upstream is; what it cost is paid all the same.
  if (!counts || (spent.injected && !spec_.has_cost())) return {};
  seen_.push_back(spent);
  if (seen_.size() > last_) seen_.pop_front();
  return seen_.size() < last_ ? std::string() : Judge();
}

std::string StopWatch::Judge() const {
  const std::string of = spec_.has_of() ? fmt::format(" of `{}`", spec_.of()) : "";
  if (spec_.has_error_rate()) {
    const auto failed = std::count_if(seen_.begin(), seen_.end(),
                                      [](const Spent& spent) { return spent.failed; });
    const double rate = static_cast<double>(failed) / static_cast<double>(seen_.size());
    if (rate < spec_.error_rate()) return {};
    return fmt::format(
        "guard.stop: {} of the last {} exchanges{} that were left alone failed (error_rate {})", failed,
        seen_.size(), of, spec_.error_rate());
  }
  if (spec_.has_latency()) {
    std::vector<absl::Duration> times;
    for (const Spent& spent : seen_) times.push_back(spent.took);
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    if (*middle < FromProto(spec_.latency())) return {};
    return fmt::format("guard.stop: the median of the last {} exchanges{} that were left alone took {} (latency {})",
                       seen_.size(), of, absl::FormatDuration(*middle),
                       absl::FormatDuration(FromProto(spec_.latency())));
  }
  double cost = 0;
  for (const Spent& spent : seen_) cost += spent.cost;
  if (cost < spec_.cost()) return {};
  return fmt::format("guard.stop: the last {} exchanges{} cost ${:.4f} (cost {})", seen_.size(), of,
                     cost, spec_.cost());
}

}  // namespace murphy::engine
