// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/client_timeouts.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "daemon/engine/address.h"
#include "daemon/engine/decision.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

// A client that waits for longer does not wait for an answer; also keeps arithmetic in range.
constexpr double kLongestSeconds = 86'400;

// An agent's leaving is seen by as much too late. Who is to be answered in time must rather be
// answered too early.
constexpr absl::Duration kGrain = absl::Milliseconds(100);

// Clients that have no timeout write `None`, `null` or `NOT_GIVEN`.
std::optional<absl::Duration> SecondsIn(const message::Request& request, std::string_view header) {
  const std::string_view text = message::FindHeader(request.headers, header);
  double seconds = 0;
  if (text.empty() || !absl::SimpleAtod({text.data(), text.size()}, &seconds)) return std::nullopt;
  // Written so that NaN fails.
  if (!(seconds > 0 && seconds <= kLongestSeconds)) return std::nullopt;
  return absl::Seconds(seconds);
}

}  // namespace

std::string ClientTimeouts::KeyOf(const Arrival& arrival) {
  return fmt::format("{}\x1f{}", BoundedName(arrival.agent), CalledName(arrival.call));
}

void ClientTimeouts::Learn(const std::string& client, absl::Duration waited) {
  if (longest_.size() >= kMostClients && !longest_.contains(client)) return;
  absl::Duration& longest = longest_[client];
  longest = std::max(longest, waited - std::min(kGrain, waited / 2));
}

std::optional<absl::Duration> ClientTimeouts::Of(const Arrival& arrival) const {
  if (const auto stated = SecondsIn(arrival.request, "x-stainless-read-timeout")) return stated;
  const auto whole = SecondsIn(arrival.request, "x-stainless-timeout");
  const auto seen = longest_.find(KeyOf(arrival));
  if (seen == longest_.end()) return whole;
  const bool says_more =
      !whole.has_value() || (*whole <= seen->second && seen->second < *whole + absl::Seconds(1));
  return says_more ? seen->second : *whole;
}

}  // namespace murphy::engine
