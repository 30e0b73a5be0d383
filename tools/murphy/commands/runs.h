// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "murphy/v1/exchange.pb.h"
#include "tools/murphy/daemon.h"

namespace murphy::cli {

inline constexpr uint32_t kDefaultLimit = 50;

// Newest first. Empty `experiment`: of all.
std::vector<v1::Run> ListRuns(const Daemon& daemon, const std::string& experiment, uint32_t limit);

// `--limit N`, for a list.
void AddLimit(CLI::App* list, uint32_t& limit);

}  // namespace murphy::cli
