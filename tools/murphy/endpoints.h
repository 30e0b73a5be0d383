// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "tools/murphy/environment.h"

namespace murphy::cli {

// Where a daemon listens, as it prints it and writes it to `endpoints.json`
// (`murphy.endpoints/v1`). Empty: not offered.
struct Endpoints {
  int pid = 0;
  std::string version;
  std::string gateway;
  std::string control_unix;
  std::string control_tcp;
  std::string token_file;
};

// Reads one JSON document; nullopt when it is incomplete or of another schema.
std::optional<Endpoints> ParseEndpoints(std::string_view text);

// The `endpoints.json` of a daemon that is alive; nullopt without one.
std::optional<Endpoints> ReadEndpoints(const std::filesystem::path& state_directory);

// MURPHY_STATE_DIR, else XDG_STATE_HOME/murphy, else ~/.local/state/murphy.
std::filesystem::path StateDirectory(const Environment& environment);

// At most `limit` bytes of a file; nullopt when it cannot be read or is longer.
std::optional<std::string> ReadFile(const std::filesystem::path& path, size_t limit);

}  // namespace murphy::cli
