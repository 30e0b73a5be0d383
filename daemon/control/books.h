// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/experiments/analyses.h"
#include "daemon/experiments/armed_faults.h"
#include "daemon/experiments/experiments.h"
#include "daemon/experiments/run_book.h"
#include "daemon/experiments/world.h"
#include "daemon/safety/audit.h"
#include "daemon/safety/off_switch.h"
#include "daemon/safety/status.h"
#include "daemon/schedules/schedules.h"

namespace murphy::control {

// What the services work on: each calls the one that it needs.
struct Books {
  // `clock` shows the time of day to schedules.
  Books(
      experiments::World& in, safety::Identity identity,
      std::function<absl::Time()> clock = [] { return absl::Now(); })
      : world(in),
        experiments(in),
        analyses(in, experiments),
        runs(in, experiments, identity.gateway),
        faults(in),
        off_switch(in, runs),
        schedules(in, experiments, std::move(clock)),
        status(in, off_switch, schedules, std::move(identity)),
        audit(in.audit) {}

  // What has to happen by itself as time passes: leases and armed faults end. To be called several
  // times a second.
  void Tick() {
    runs.Tick();
    faults.Tick();
  }
  // No lease is held, no fault is armed, and no schedule has anything to do, now or later.
  bool idle() const { return !runs.any_lease() && !faults.any() && !schedules.busy(); }

  experiments::World& world;
  experiments::Experiments experiments;
  experiments::Analyses analyses;
  experiments::RunBook runs;
  experiments::ArmedFaults faults;
  safety::OffSwitch off_switch;
  schedules::Schedules schedules;
  safety::StatusReport status;
  safety::Audit audit;
};

}  // namespace murphy::control
