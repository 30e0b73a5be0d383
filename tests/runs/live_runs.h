// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/engine/silent_dialect.h"
#include "daemon/runs/runs.h"
#include "tests/scenario/plans.h"

namespace murphy::runs {

using scenario::Model;
using scenario::PlanOf;
using scenario::Shot;

// Live runs on a real journal, without a gateway.
class LiveRuns : public testing::Test {
 protected:
  LiveRuns();
  ~LiveRuns() override;

  // A run of this scenario (protobuf's text format), recorded for replays.
  std::shared_ptr<runs::Run> Start(const std::string& id, std::string_view scenario = "");
  // A one-off fault, for a minute.
  static std::string Arm(runs::Run& run, std::string_view rule,
                         absl::Duration time = absl::Minutes(1));

  static engine::Begun Begin(runs::Run& run, const Shot& shot = {});
  // As the gateway ends what it has begun.
  static void End(runs::Run& run, const engine::Begun& begun, const engine::Ending& ending = {});
  static engine::Begun Exchange(runs::Run& run, const Shot& shot = {},
                                const engine::Ending& ending = {}) {
    engine::Begun begun = Begin(run, shot);
    End(run, begun, ending);
    return begun;
  }
  // Rules that act on it, in order.
  static std::string Acting(const engine::Begun& begun);

  std::vector<v1::Exchange> Recorded(const std::string& run);

  std::filesystem::path directory_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Runs> runs_;
};

}  // namespace murphy::runs
