// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

constexpr absl::Duration kTolerance = absl::Milliseconds(20);
constexpr uint32_t kFailures = 5;
constexpr absl::Duration kRest = absl::Seconds(5);

bool Fails(const v1::Exchange& call) { return Broken(call) && !Answered(call); }

// Follows the calls of one target from failure to rest to probe, as a circuit breaker would make
// them.
class Reading {
 public:
  Reading(const History& history, const v1::CircuitBreaksExpect& expect)
      : history_(history),
        target_(expect.target()),
        failures_(expect.has_failures() ? expect.failures() : kFailures),
        rest_(expect.has_rest() ? FromProto(expect.rest()) : kRest) {
    for (const size_t position : history.all()) {
      const v1::Exchange& exchange = history.at(position);
      if (BelongsTo(exchange, target_)) calls_.push_back(&exchange);
      end_ = std::max(end_, EndOf(exchange));
    }
    end_ = std::max(end_, history.evidence().at);
    ended_ = calls_;
    std::stable_sort(ended_.begin(), ended_.end(), [](const auto* a, const auto* b) {
      return EndOf(*a) < EndOf(*b);
    });
  }

  v1::ExpectResult Judge() {
    absl::Time closed = absl::InfinitePast();
    while (const v1::Exchange* last = Opening(closed)) {
      const v1::Exchange* probe = last;
      do {
        if (auto result = Rest(*probe)) return *result;
        probe = CallAfter(*probe);
      } while (probe != nullptr && Fails(*probe));
      if (probe == nullptr) break;
      closed = EndOf(*probe);
    }
    return Sum();
  }

 private:
  using Calls = std::vector<const v1::Exchange*>;

  // The last of so many failures in a row, of calls that began from a time on.
  const v1::Exchange* Opening(absl::Time from) const {
    uint32_t in_a_row = 0;
    const auto first = std::partition_point(
        ended_.begin(), ended_.end(), [&](const auto* call) { return EndOf(*call) < from; });
    for (auto it = first; it != ended_.end(); ++it) {
      if (BeginOf(**it) < from) continue;
      in_a_row = Fails(**it) ? in_a_row + 1 : 0;
      if (in_a_row >= failures_) return *it;
    }
    return nullptr;
  }

  // In the order of their beginnings, the first call that began at a time or later.
  Calls::const_iterator From(absl::Time time) const {
    return std::partition_point(calls_.begin(), calls_.end(),
                                [&](const auto* call) { return BeginOf(*call) < time; });
  }

  // The next call after one has ended.
  const v1::Exchange* CallAfter(const v1::Exchange& ended) const {
    const auto next = std::find_if(From(EndOf(ended)), calls_.end(), [&](const auto* call) {
      return call->sequence() > ended.sequence();
    });
    return next == calls_.end() ? nullptr : *next;
  }

  // Nothing was called for long enough after a failure, and then one call at a time; else why not.
  std::optional<v1::ExpectResult> Rest(const v1::Exchange& failed) {
    const absl::Time since = EndOf(failed);
    const v1::Exchange* next = CallAfter(failed);
    if (next == nullptr) {
      if (end_ - since < rest_ - kTolerance) {
        short_ = end_ - since;
        return std::nullopt;
      }
    } else if (BeginOf(*next) - since < rest_ - kTolerance) {
      return Shown(
          Violated(fmt::format("after {} in a row, `{}` was called again within {}; it was to "
                               "be left alone for {}",
                               Counted(failures_, "failure"), target_,
                               Seconds(BeginOf(*next) - since), Seconds(rest_))),
          {failed.sequence(), next->sequence()});
    } else if (const v1::Exchange* second = Beside(*next)) {
      return Shown(Violated(fmt::format("after its rest, `{}` was called by more than one at once",
                                        target_)),
                   {next->sequence(), second->sequence()});
    }
    ++rests_;
    if (!WorkedElsewhere(since)) idle_ = true;
    return std::nullopt;
  }

  // Another call that began while the probe was under way.
  const v1::Exchange* Beside(const v1::Exchange& probe) const {
    for (auto it = From(BeginOf(probe)); it != calls_.end() && BeginOf(**it) < EndOf(probe); ++it) {
      if (*it != &probe) return *it;
    }
    return nullptr;
  }

  bool WorkedElsewhere(absl::Time since) const {
    const auto& all = history_.all();
    auto it = std::partition_point(all.begin(), all.end(), [&](size_t position) {
      return BeginOf(history_.at(position)) < since;
    });
    for (; it != all.end() && BeginOf(history_.at(*it)) <= since + rest_; ++it) {
      const v1::Exchange& exchange = history_.at(*it);
      if (exchange.kind() != v1::TARGET_KIND_MCP && !BelongsTo(exchange, target_)) return true;
    }
    return false;
  }

  v1::ExpectResult Sum() const {
    if (short_) {
      return Unjudged(fmt::format("the run ended {} after {} in a row of `{}`: whether it would "
                                  "have been left alone for {} is not known",
                                  Seconds(*short_), Counted(failures_, "failure"), target_,
                                  Seconds(rest_)),
                      "a run that goes on for longer than the rest");
    }
    if (idle_) {
      return Unjudged(fmt::format("`{}` was left alone, and nothing else was called meanwhile: the "
                                  "agent may only have paused",
                                  target_),
                      "work for other targets");
    }
    if (rests_ == 0)
      return Idle(fmt::format("`{}` did not fail {} times in a row", target_, failures_));
    return Held(fmt::format("`{}` was left alone for {} or more after {} in a row{}", target_,
                            Seconds(rest_), Counted(failures_, "failure"),
                            rests_ == 1 ? "" : fmt::format(", {} times", rests_)));
  }

  const History& history_;
  const std::string& target_;
  const uint32_t failures_;
  const absl::Duration rest_;
  // In the order of their beginnings, and of their ends.
  Calls calls_;
  Calls ended_;
  absl::Time end_ = absl::InfinitePast();
  size_t rests_ = 0;
  // What was left of the run after the last failure, where that is too little to tell.
  std::optional<absl::Duration> short_;
  bool idle_ = false;
};

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::CircuitBreaksExpect& expect) {
  return Reading(history, expect).Judge();
}

}  // namespace murphy::outcome
