// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/reading.h"

#include <utility>

#include "daemon/engine/holder.h"

namespace murphy::engine {
namespace {

scenario::Subject SubjectOf(const Arrival& arrival) {
  return {.call = arrival.call,
          .route = arrival.route,
          .agent = arrival.agent,
          .method = arrival.request.method,
          .path = arrival.request.path};
}

}  // namespace

Reading::Reading(const scenario::Plan& seen_by, const Arrival& arrival, uint32_t as)
    : plan(&seen_by),
      viewer(as),
      targets(seen_by.TargetsOf(SubjectOf(arrival))),
      rules(seen_by.RulesFor(SubjectOf(arrival), targets)),
      content(seen_by.wheres(), {arrival.request, arrival.call, arrival.agent}),
      carried(CarriedBy(arrival.request, seen_by.carriers())) {}

Reading::Reading(const scenario::Plan& seen_by, const Arrival& arrival,
                 std::vector<uint32_t> known_targets, std::vector<Recovery> known_recoveries,
                 const std::vector<uint32_t>& held, std::vector<uint64_t> known_carried)
    : plan(&seen_by),
      targets(std::move(known_targets)),
      rules(seen_by.RulesFor(SubjectOf(arrival), targets)),
      content(seen_by.wheres(), held),
      carried(std::move(known_carried)),
      recoveries(std::move(known_recoveries)) {}

void Reading::LookIntoContent() {
  if (plan->wheres().list.empty()) return;
  for (const uint32_t rule : rules) {
    for (const uint32_t where : plan->rules()[rule].wheres) content.Look(where);
  }
}

}  // namespace murphy::engine
