// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/journal_service.pb.h"

namespace murphy::control {

// What the journal has of a run, a page at a time.
absl::Status ListExchanges(journal::Journal& journal, const v1::ListExchangesRequest& request,
                           v1::ListExchangesResponse* response);
absl::Status ListInjections(journal::Journal& journal, const v1::ListInjectionsRequest& request,
                            v1::ListInjectionsResponse* response);

}  // namespace murphy::control
