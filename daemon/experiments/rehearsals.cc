// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/rehearsals.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/engine/rehearse.h"
#include "daemon/experiments/plan_summary.h"
#include "daemon/experiments/refusal.h"
#include "daemon/experiments/replays.h"
#include "daemon/experiments/source.h"
#include "proto/time.h"

namespace murphy::experiments {
namespace {

// The first exchange after which the agent would have met a fault; 0: none.
uint64_t FirstInjected(const v1::RehearseScenarioResponse& response) {
  uint64_t first = 0;
  for (const v1::RehearsedRule& rule : response.rules()) {
    for (const v1::RehearsedInjection& injection : rule.injections()) {
      if (injection.state() != v1::INJECTION_STATE_WOULD_FIRE) continue;
      first = first == 0 ? injection.exchange() : std::min(first, injection.exchange());
    }
  }
  return first;
}

void SayUnknown(const v1::Run& run, const std::vector<v1::Injection>& injections,
                const scenario::Plan& plan, v1::RehearseScenarioResponse* response) {
  if (const uint64_t first = FirstInjected(*response); first > 0 && first < response->exchanges()) {
    response->add_unknown(
        fmt::format("What the agent does after its first fault, on exchange {}: the calls that "
                    "follow are those that it made without it, and what would have fired on them "
                    "is approximate.",
                    first));
  }
  const auto delivered =
      std::count_if(injections.begin(), injections.end(), [](const v1::Injection& injection) {
        return injection.state() == v1::INJECTION_STATE_DELIVERED;
      });
  if (delivered > 0) {
    response->add_unknown(fmt::format("What the agent does by itself: {} fault{} delivered in the "
                                      "run {}.",
                                      delivered, delivered == 1 ? " was" : "s were", run.id()));
  }
  for (const std::string& sentence : Summarise(plan, {}).timing_dependencies())
    response->add_unknown(fmt::format("At other times it would decide otherwise. {}", sentence));
}

}  // namespace

absl::Status RehearseScenario(const Policy& policy, journal::Journal& journal,
                              const v1::RehearseScenarioRequest& request,
                              v1::RehearseScenarioResponse* response) {
  const auto seed = request.has_seed() ? std::optional(request.seed()) : std::nullopt;
  absl::StatusOr<Compiled> compiled = CompileSource(policy, request.source(), seed);
  if (!compiled.ok()) return compiled.status();
  auto run = EndedRun(journal, request.run());
  if (!run.ok()) return run.status();
  engine::Rehearsal rehearsal{.plan = compiled->plan,
                              .run_index = request.run_index(),
                              .begun = FromProto(run->begin_time())};
  absl::Status status = ReadExchanges(journal, *run, Purpose::kRehearsal, rehearsal.exchanges);
  if (!status.ok()) return status;
  const auto injections = journal.Injections(run->id());
  if (!injections.ok()) return injections.status();
  *response = engine::Rehearse(rehearsal);
  response->set_run(run->id());
  SayUnknown(*run, *injections, *compiled->plan, response);
  return absl::OkStatus();
}

}  // namespace murphy::experiments
