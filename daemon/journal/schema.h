// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "daemon/journal/database.h"

namespace murphy::journal {

// Kinds of events in the table, by the numbers of v1::Event.kind.
inline constexpr int kRunKind = 2;
inline constexpr int kExchangeKind = 3;
inline constexpr int kInjectionKind = 4;
inline constexpr int kStepKind = 6;

// Brings a connection to the current schema. FAILED_PRECONDITION when the file is from a newer
// version.
absl::Status PrepareSchema(Database& database);

}  // namespace murphy::journal
