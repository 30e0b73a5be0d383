// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/journal_service.pb.h"

namespace murphy::experiments {

// Decides a finished run again, from what the journal has of it, and compares. What cannot be
// replayed is a FAILED_PRECONDITION with a sentence that says why.
absl::Status ReplayRun(journal::Journal& journal, const v1::ReplayRunRequest& request,
                       v1::ReplayRunResponse* response);

}  // namespace murphy::experiments
