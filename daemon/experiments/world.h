// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/journal/audit.h"
#include "daemon/journal/journal.h"
#include "daemon/runs/runs.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::experiments {

// What the daemon's configuration allows.
struct Policy {
  std::string environment = "dev";
  bool allow_production_faults = false;
  // Ceilings over every scenario and one-off fault; fields that are absent limit nothing.
  v1::Guard ceilings;
  // SHA-256, hex, of the tokens of those who may approve.
  std::vector<std::string> approvers;
};

// What control works on.
struct World {
  journal::Journal& journal;
  journal::AuditLog& audit;
  runs::Runs& runs;
  Policy policy;
};

}  // namespace murphy::experiments
