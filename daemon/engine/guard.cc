// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/guard.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "faults/values.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::engine {
namespace {

constexpr absl::Duration kDefaultDuration = absl::Minutes(10);
constexpr uint32_t kDefaultInjections = 1000;

absl::Duration LongestTime(const v1::Guard& spec) {
  if (!spec.has_max_duration()) return kDefaultDuration;
  return FromProto(spec.max_duration());
}

}  // namespace

Guard::Guard(const v1::Guard& spec, size_t targets, const std::vector<int>& stops_of,
             absl::Duration armed_at)
    : end_(armed_at + LongestTime(spec)),
      injections_left_(spec.has_max_injections() ? spec.max_injections() : kDefaultInjections),
      shared_left_(spec.has_max_injections_per_experiment()
                       ? spec.max_injections_per_experiment()
                       : std::numeric_limits<uint64_t>::max()),
      max_tokens_(spec.has_max_tokens() ? spec.max_tokens() : std::numeric_limits<uint64_t>::max()),
      max_share_(spec.has_max_share() ? spec.max_share() : 1.0),
      spec_(spec) {
  if (max_share_ < 1.0) windows_.resize(targets + 1);
  if (spec.has_max_per_target()) injected_.resize(targets);
  for (const std::string& host : spec.upstreams())
    upstreams_.emplace_back(absl::AsciiStrToLower(host));
  for (int i = 0; i < spec.stop_size(); ++i) stops_.emplace_back(spec.stop(i), stops_of[i]);
}

void Guard::Continue(uint64_t injections) {
  if (!spec_.has_max_injections_per_experiment()) return;
  shared_left_ -= std::min(shared_left_, injections);
  UseUp();
}

// One that is used up before anything could fire cannot be given back.
void Guard::UseUp() {
  if (!reached_.empty() || (injections_left_ > 0 && shared_left_ > 0)) return;
  used_up_ = injections_ > 0;
  if (shared_left_ == 0) {
    reached_ = fmt::format("guard.max_injections_per_experiment ({}) is used up",
                           spec_.max_injections_per_experiment());
    return;
  }
  reached_ = fmt::format("guard.max_injections ({}) is used up",
                         spec_.has_max_injections() ? spec_.max_injections() : kDefaultInjections);
}

void Guard::Pass(absl::Duration now) {
  now_ = now;
  while (!recent_.empty() && now - recent_.front() >= absl::Minutes(1)) recent_.pop_front();
  if (!reached_.empty() || now < end_) return;
  reached_ =
      fmt::format("guard.max_duration ({}) is over", absl::FormatDuration(LongestTime(spec_)));
}

void Guard::Spend(const std::vector<uint32_t>& targets, const Spent& spent) {
  tokens_ += std::min(spent.tokens, std::numeric_limits<uint64_t>::max() - tokens_);
  cost_ += spent.cost;
  std::string stop;
  for (StopWatch& watch : stops_) {
    std::string why = watch.Look(targets, spent);
    if (stop.empty()) stop = std::move(why);
  }
  if (!reached_.empty()) return;
  if (tokens_ >= max_tokens_) {
    reached_ = fmt::format("guard.max_tokens ({}) is used up", max_tokens_);
  } else if (spec_.has_max_cost() && cost_ >= spec_.max_cost()) {
    reached_ = fmt::format("guard.max_cost (${}) is used up: ${:.4f}", spec_.max_cost(), cost_);
  } else {
    reached_ = std::move(stop);
  }
}

void Guard::Inject(const std::vector<uint32_t>& targets) {
  if (!injected_.empty()) {
    for (const uint32_t target : targets) ++injected_[target];
  }
  if (spec_.has_max_per_minute()) recent_.push_back(now_);
  ++injections_;
  if (injections_left_ > 0) --injections_left_;
  if (shared_left_ > 0 && spec_.has_max_injections_per_experiment()) --shared_left_;
  UseUp();
}

void Guard::TakeBack(const std::vector<uint32_t>& targets) {
  if (!injected_.empty()) {
    for (const uint32_t target : targets) injected_[target] -= injected_[target] > 0 ? 1 : 0;
  }
  if (!recent_.empty()) recent_.pop_back();
  injections_ -= injections_ > 0 ? 1 : 0;
  ++injections_left_;
  if (spec_.has_max_injections_per_experiment()) ++shared_left_;
  if (std::exchange(used_up_, false)) reached_.clear();
}

bool Guard::LeavesInMinute(uint32_t injections) const {
  return !spec_.has_max_per_minute() || recent_.size() + injections <= spec_.max_per_minute();
}

bool Guard::AllowsUpstream(std::string_view host) const {
  if (upstreams_.empty()) return true;
  const std::string name = absl::AsciiStrToLower({host.data(), host.size()});
  return std::any_of(upstreams_.begin(), upstreams_.end(),
                     [&](const scenario::Glob& glob) { return glob.Matches(name); });
}

Limit Guard::Stopping(const std::vector<uint32_t>& targets) const {
  const bool counts =
      injected_.empty() || std::all_of(targets.begin(), targets.end(), [&](uint32_t target) {
        return injected_[target] < spec_.max_per_target();
      });
  if (!counts) return Limit::kPerTarget;
  if (windows_.empty()) return Limit::kNone;
  const bool shares = targets.empty()
                          ? ShareAllows(windows_.back())
                          : std::all_of(targets.begin(), targets.end(), [&](uint32_t target) {
                              return ShareAllows(windows_[target]);
                            });
  return shares ? Limit::kNone : Limit::kShare;
}

template <typename Act>
void Guard::ForWindows(const std::vector<uint32_t>& targets, Act act) {
  if (windows_.empty()) return;
  if (targets.empty()) act(windows_.back());
  for (const uint32_t target : targets) act(windows_[target]);
}

void Guard::Record(const std::vector<uint32_t>& targets, uint64_t sequence, bool injected) {
  ForWindows(targets, [&](Window& window) { Push(window, sequence, injected); });
}

void Guard::LeftAlone(const std::vector<uint32_t>& targets, uint64_t sequence) {
  ForWindows(targets, [&](Window& window) {
    const auto at = std::find(window.sequences.begin(), window.sequences.end(), sequence);
    if (at != window.sequences.end())
      window.injected.reset(static_cast<size_t>(at - window.sequences.begin()));
  });
}

bool Guard::ShareAllows(const Window& window) const {
  const uint64_t number = window.seen + 1;
  if (number < kFirstJudged && max_share_ * kFirstJudged >= 1) return true;
  size_t injected = window.injected.count() + 1;
  // The new exchange takes the oldest one's place.
  if (window.seen >= kWindow && window.injected[window.seen % kWindow]) --injected;
  const uint64_t judged = std::min<uint64_t>(number, kWindow);
  return static_cast<double>(injected) <= max_share_ * static_cast<double>(judged) + 1e-9;
}

void Guard::Push(Window& window, uint64_t sequence, bool injected) {
  window.injected[window.seen % kWindow] = injected;
  window.sequences[window.seen % kWindow] = sequence;
  ++window.seen;
}

}  // namespace murphy::engine
