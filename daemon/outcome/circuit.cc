// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/circuit.h"

#include <algorithm>

namespace murphy::outcome {
namespace {

constexpr size_t kFailures = 3;
// Other calls that show that the agent went on.
constexpr size_t kOthers = 2;
// A backoff at most doubles: what pauses longer than this many times has stopped trying.
constexpr double kLonger = 3;

using Place = std::vector<size_t>;

// Calls of the agent elsewhere that were served, between two positions.
size_t ServedElsewhere(const History& history, size_t after, size_t before) {
  const auto& all = history.all();
  const std::string place = PlaceOf(history.at(after));
  return static_cast<size_t>(std::count_if(
      std::upper_bound(all.begin(), all.end(), after), std::lower_bound(all.begin(), all.end(), before),
      [&](size_t position) {
        const v1::Exchange& exchange = history.at(position);
        return exchange.kind() != v1::TARGET_KIND_MCP && !Broken(exchange) &&
               PlaceOf(exchange) != place;
      }));
}

}  // namespace

std::optional<Circuit> CircuitAfter(const History& history, size_t position) {
  const Place& same = history.AtPlace(PlaceOf(history.at(position)));
  const auto broken = [&](Place::const_iterator it) { return Broken(history.at(*it)); };
  const auto here = std::lower_bound(same.begin(), same.end(), position);
  if (here == same.end() || *here != position) return std::nullopt;
  auto first = here;
  auto last = here;
  while (first != same.begin() && broken(std::prev(first))) --first;
  absl::Duration longest;
  for (auto it = first; it != here; ++it)
    longest = std::max(longest, BeginOf(history.at(*std::next(it))) - EndOf(history.at(*it)));
  // As far as the failures follow each other without a long pause.
  while (std::next(last) != same.end() && broken(std::next(last))) {
    const absl::Duration pause =
        BeginOf(history.at(*std::next(last))) - EndOf(history.at(*last));
    const bool enough = static_cast<size_t>(last - first) + 1 >= kFailures;
    if (enough && pause > longest * kLonger) break;
    longest = std::max(longest, pause);
    ++last;
  }
  if (static_cast<size_t>(last - first) + 1 < kFailures) return std::nullopt;
  const auto next = std::next(last);
  const bool stays = next == same.end();
  const size_t end = stays ? history.evidence().exchanges.size() : *next;
  if (ServedElsewhere(history, *last, end) < kOthers) return std::nullopt;
  if (stays) return Circuit{};
  const absl::Duration pause = BeginOf(history.at(*next)) - EndOf(history.at(*last));
  if (pause <= longest * kLonger) return std::nullopt;
  return Circuit{.probe = broken(next) ? std::nullopt : std::optional(*next)};
}

}  // namespace murphy::outcome
