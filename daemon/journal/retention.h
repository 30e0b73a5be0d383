// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/journal/database.h"

namespace murphy::journal {

// Within a transaction: removes at most 1,000 events of one run that ended before `cutoff`, or
// whenever when `oversize`; then, with no such run left, of live runs' exchanges and injections;
// then experiments without runs. False when there was nothing to remove.
absl::StatusOr<bool> RemovePiece(Database& database, absl::Time cutoff, bool oversize);

}  // namespace murphy::journal
