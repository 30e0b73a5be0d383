// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/journal_service.pb.h"

namespace murphy::operations {

absl::Status ListExchanges(journal::Journal& journal, const v1::ListExchangesRequest& request,
                           v1::ListExchangesResponse* response);
absl::Status ListInjections(journal::Journal& journal, const v1::ListInjectionsRequest& request,
                            v1::ListInjectionsResponse* response);

// Ends every run that the journal holds as active, as INVALID: nobody can finish them any more.
// `reason` is a sentence. Returns all runs, ended now or before.
absl::StatusOr<std::vector<v1::Run>> EndOrphans(journal::Journal& journal,
                                                const std::string& reason);

}  // namespace murphy::operations
