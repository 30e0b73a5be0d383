// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/log_folder.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "fmt/format.h"
#include "tools/murphy/endpoints.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kExperimentsKept = 50;

Failure Unwritable(const fs::path& path, const std::string& why) {
  return {ExitCode::kUsage,
          fmt::format("{} cannot be written: {}. `--logs DIR` names another folder, and "
                      "`--logs -` lets the agents write here.",
                      path.string(), why)};
}

std::string ArmName(v1::Arm arm) {
  return arm == v1::ARM_SHADOW ? "shadow" : arm == v1::ARM_BASELINE ? "baseline" : "treatment";
}

}  // namespace

LogFolder::LogFolder(fs::path path) : path_(std::move(path)) {
  if (path_.empty()) return;
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) throw Unwritable(path_, error.message());
}

std::optional<FileDescriptor> LogFolder::Open(uint32_t index, v1::Arm arm) const {
  if (path_.empty()) return std::nullopt;
  const fs::path file = path_ / fmt::format("{:06}-{}.log", index, ArmName(arm));
  const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (opened < 0) throw Unwritable(file, strerror(errno));
  return std::optional<FileDescriptor>(std::in_place, opened);
}

fs::path LogsOf(const Environment& environment, const std::string& experiment) {
  const fs::path all = StateDirectory(environment) / "logs";
  std::error_code error;
  std::vector<fs::path> there;
  for (const fs::directory_entry& entry : fs::directory_iterator(all, error))
    there.push_back(entry.path());
  // Their names begin with the time at which they did.
  std::sort(there.begin(), there.end());
  for (size_t i = 0; i + kExperimentsKept <= there.size(); ++i) fs::remove_all(there[i], error);
  return all / experiment;
}

}  // namespace murphy::cli
