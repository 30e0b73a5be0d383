// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_set>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(1);
constexpr double kMost = 3;
// As few calls come together by chance.
constexpr size_t kFew = 5;

using Times = std::vector<absl::Time>;

// Most calls in any time of this length, and the first of them.
struct Peak {
  size_t calls = 0;
  size_t first = 0;
};

Peak PeakOf(const Times& times, absl::Duration window) {
  Peak peak;
  size_t begin = 0;
  for (size_t end = 0; end < times.size(); ++end) {
    while (times[end] - times[begin] >= window) ++begin;
    if (end - begin + 1 > peak.calls) peak = {end - begin + 1, begin};
  }
  return peak;
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::NoHerdExpect& expect) {
  const absl::Duration window = expect.has_window() ? FromProto(expect.window()) : kWindow;
  const double most = expect.has_at_most() ? expect.at_most() : kMost;
  Times all;
  Times back;
  std::unordered_set<uint64_t> operations;
  std::vector<uint64_t> sequences;
  bool failing = false;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (!BelongsTo(exchange, expect.target())) continue;
    all.push_back(BeginOf(exchange));
    operations.insert(exchange.operation());
    failing = failing || (Broken(exchange) && !FailedAlone(exchange));
    // From the first that is served after the outage began.
    if (back.empty() && (!failing || Broken(exchange))) continue;
    back.push_back(BeginOf(exchange));
    sequences.push_back(exchange.sequence());
  }
  if (!failing) return Idle(fmt::format("`{}` had no outage", expect.target()));
  if (back.size() < kFew) {
    return Unjudged(fmt::format("{} came after the outage of `{}`: too few to tell a herd",
                                Counted(back.size(), "call"), expect.target()),
                    "an outage that ends while more agents are at work");
  }
  const absl::Duration span = std::max(all.back() - all.front(), window);
  // Of operations: who hammers at what is down does not make it usual.
  const double mean = static_cast<double>(operations.size()) / absl::FDivDuration(span, window);
  const Peak peak = PeakOf(back, window);
  const std::string seen = fmt::format(
      "after the outage of `{}` at most {} in {}, {:.2f} times the mean; {:g} is allowed",
      expect.target(), Counted(peak.calls, "call"), Seconds(window),
      static_cast<double>(peak.calls) / mean, most);
  if (static_cast<double>(peak.calls) <= most * mean) return Held(seen);
  if (peak.calls < kFew)
    return Unjudged(fmt::format("{}: so few may be chance", seen), "more calls, or a longer window");
  return Shown(Violated(seen),
               {sequences.begin() + static_cast<std::ptrdiff_t>(peak.first), sequences.end()});
}

}  // namespace murphy::outcome
