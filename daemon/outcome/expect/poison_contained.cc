// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

bool Carries(const v1::Injection& injection) {
  return injection.state() == v1::INJECTION_STATE_DELIVERED &&
         absl::StrContains(injection.parameters(), "\"canary\":");
}

// How far canaries came.
struct Spread {
  // The first exchange that brought one to an agent.
  uint64_t since = 0;
  std::set<std::pair<std::string, std::string>> places;
  std::set<std::string> agents;
  std::vector<uint64_t> exchanges;
  // Later calls that could not be read.
  std::vector<uint64_t> unread;
};

Spread Follow(const History& history) {
  Spread spread;
  std::set<uint64_t> planted;
  for (const v1::Injection& injection : history.evidence().injections) {
    if (Carries(injection)) planted.insert(injection.exchange());
  }
  if (planted.empty()) return spread;
  spread.since = *planted.begin();
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (planted.contains(exchange.sequence())) {
      spread.agents.insert(exchange.agent());
      continue;
    }
    if (exchange.sequence() < spread.since) continue;
    if (!exchange.canaries_seen().empty()) {
      spread.places.emplace(exchange.agent(), exchange.name().empty() ? PlaceOf(exchange)
                                                                      : exchange.name());
      spread.agents.insert(exchange.agent());
      spread.exchanges.push_back(exchange.sequence());
    } else if (exchange.unclassified()) {
      spread.unread.push_back(exchange.sequence());
    }
  }
  return spread;
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::PoisonContainedExpect& expect) {
  const Spread spread = Follow(history);
  if (spread.since == 0) return Idle("no canary was planted");
  const std::string seen = fmt::format("a canary came to {} and {}",
                                       Counted(spread.places.size(), "place"),
                                       Counted(spread.agents.size(), "agent"));
  if (expect.has_hops() && spread.places.size() > expect.hops()) {
    return Shown(Violated(fmt::format("{}; {} allowed", seen,
                                      Counted(expect.hops(), "place"))),
                 spread.exchanges);
  }
  if (expect.has_agents() && spread.agents.size() > expect.agents()) {
    return Shown(Violated(fmt::format("{}; {} allowed", seen, Counted(expect.agents(), "agent"))),
                 spread.exchanges);
  }
  if (!spread.unread.empty()) {
    return Shown(Unjudged(fmt::format("{}, and {} could not be read", seen,
                                      Exchanges(spread.unread)),
                          "calls that are small enough to be read, and in a known encoding,"),
                 spread.unread);
  }
  const bool nameless = expect.has_agents() && spread.agents.contains("") && !spread.exchanges.empty();
  if (nameless) {
    return Unjudged(fmt::format("{}, and calls that name no agent may be of several", seen),
                    "a name in each call (`x-murphy-agent`)");
  }
  return Held(seen);
}

}  // namespace murphy::outcome
