// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "google/protobuf/timestamp.pb.h"

namespace murphy::cli {

// `--since` of a list.
void AddSince(CLI::App* list, std::string& since);

// `10m` (ago) or `2026-11-28T10:00:00Z`. Throws a Failure that says so for anything else.
google::protobuf::Timestamp ParseSince(const std::string& text);

}  // namespace murphy::cli
