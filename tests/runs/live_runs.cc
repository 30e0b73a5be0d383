// SPDX-License-Identifier: Apache-2.0
#include "tests/runs/live_runs.h"

#include <cstdlib>

#include "absl/time/clock.h"

namespace murphy::runs {

LiveRuns::LiveRuns() {
  std::string pattern = testing::TempDir() + "murphy-runs-XXXXXX";
  directory_ = mkdtemp(pattern.data());
  journal_ = *journal::Journal::Open(directory_ / "journal.db", {});
  runs_ = std::make_unique<Runs>(*journal_, RouteTable(), std::vector<v1::Run>());
}

LiveRuns::~LiveRuns() {
  runs_.reset();
  journal_.reset();
  std::filesystem::remove_all(directory_);
}

std::shared_ptr<runs::Run> LiveRuns::Start(const std::string& id, std::string_view scenario) {
  return *runs_->Start({.id = id, .experiment = "e", .plan = PlanOf(scenario)});
}

std::string LiveRuns::Arm(runs::Run& run, std::string_view rule, absl::Duration time) {
  return run.Arm(std::string(rule), PlanOf(rule), absl::Now() + time);
}

engine::Begun LiveRuns::Begin(runs::Run& run, const Shot& shot) {
  static const engine::SilentDialect dialect;
  const message::Request request{
      .method = "POST", .path = "/pay", .headers = shot.headers, .body = shot.arguments};
  const message::Call call = CallOf(shot);
  return run.Begin({.request = request,
                    .call = call,
                    .dialect = dialect,
                    .route = shot.route,
                    .agent = shot.agent});
}

void LiveRuns::End(runs::Run& run, const engine::Begun& begun, const engine::Ending& ending) {
  v1::Exchange exchange;
  exchange.set_sequence(begun.sequence);
  exchange.set_address(begun.address);
  exchange.mutable_targets()->Add(begun.targets.begin(), begun.targets.end());
  exchange.set_end(ending.end);
  run.End(std::move(exchange), ending);
}

std::string LiveRuns::Acting(const engine::Begun& begun) {
  std::string acting;
  for (const engine::Decision& decision : begun.decisions) {
    if (!engine::Acts(decision.state)) continue;
    acting += (acting.empty() ? "" : " ") + decision.rule->id;
  }
  return acting;
}

std::vector<v1::Exchange> LiveRuns::Recorded(const std::string& run) {
  EXPECT_TRUE(journal_->Flush().ok());
  return *journal_->Exchanges(run, 0, 1000);
}

}  // namespace murphy::runs
