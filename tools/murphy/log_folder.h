// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "murphy/v1/exchange.pb.h"
#include "tools/murphy/environment.h"
#include "tools/murphy/process.h"

namespace murphy::cli {

// Where what the agents of many runs write is kept, a file a run: `000041-treatment.log`. Without a
// path nothing is kept there.
class LogFolder {
 public:
  // Makes the folder. Throws Failure (kUsage) when it cannot be written.
  explicit LogFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  // The file of one run, emptied; nullopt without a folder. Throws Failure.
  std::optional<FileDescriptor> Open(uint32_t index, v1::Arm arm) const;

 private:
  std::filesystem::path path_;
};

// The folder of an experiment in the state directory. Of those there only the newest stay.
std::filesystem::path LogsOf(const Environment& environment, const std::string& experiment);

}  // namespace murphy::cli
