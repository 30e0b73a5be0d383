// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "tools/murphy/endpoints.h"
#include "tools/murphy/environment.h"

namespace murphy::cli {

// The murphyd to start: MURPHYD, else beside this program, else the first on PATH; empty when there
// is none.
std::filesystem::path DaemonBinary(const Environment& environment);

// Starts an on-demand daemon in a session of its own and waits until it listens. When another one
// wins the state directory meanwhile, that one is returned. Throws Failure (kUnreachable).
Endpoints SpawnDaemon(const std::filesystem::path& state_directory, const Environment& environment);

}  // namespace murphy::cli
