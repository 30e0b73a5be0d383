// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/journal_service.pb.h"

namespace murphy::experiments {

// A run that has ended. FAILED_PRECONDITION for one that has not, NOT_FOUND for one that nobody
// knows.
absl::StatusOr<v1::Run> EndedRun(journal::Journal& journal, const std::string& id);

// Whether what the engine was told must be there.
enum class Purpose { kReplay, kRehearsal };

// The exchanges of a run, without late ones. FAILED_PRECONDITION where some are missing.
absl::Status ReadExchanges(journal::Journal& journal, const v1::Run& run, Purpose purpose,
                           std::vector<v1::Exchange>& exchanges);

// Decides a finished run again, from what the journal has of it, and compares. What cannot be
// replayed is a FAILED_PRECONDITION with a sentence that says why.
absl::Status ReplayRun(journal::Journal& journal, const v1::ReplayRunRequest& request,
                       v1::ReplayRunResponse* response);

}  // namespace murphy::experiments
