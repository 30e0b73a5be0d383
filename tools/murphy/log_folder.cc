// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/log_folder.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
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

fs::path LogFolder::FileOf(uint32_t index, v1::Arm arm) const {
  return path_ / fmt::format("{:06}-{}.log", index, ArmName(arm));
}

RunLog::Pipe RunLog::NewPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Failure(ExitCode::kInternal, fmt::format("No pipe for a log: {}.", strerror(errno)));
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {ends[0], ends[1]};
}

RunLog::RunLog(const fs::path& file, std::function<void(const std::string&)> complain)
    : RunLog(file, std::move(complain), NewPipe()) {}

RunLog::RunLog(const fs::path& file, std::function<void(const std::string&)> complain, Pipe pipe)
    : name_(file.string()),
      complain_(std::move(complain)),
      file_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)),
      output_(pipe.output),
      input_(pipe.input),
      stop_(eventfd(0, EFD_CLOEXEC)) {
  if (file_.get() < 0) throw Unwritable(file, strerror(errno));
  thread_ = std::thread([this] { Read(); });
}

RunLog::~RunLog() {
  input_.Close();
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void RunLog::Read() {
  pollfd either[] = {{output_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  while (either[1].revents == 0) {
    if (poll(either, 2, -1) < 0) continue;
    // Nobody can write any more: what is left to wait for is the end.
    if (!Take() && (either[0].revents & POLLHUP) != 0) either[0].fd = -1;
  }
  while (Take()) {
  }
}

bool RunLog::Take() {
  char block[64 << 10];
  const ssize_t size = read(output_.get(), block, sizeof block);
  if (size > 0) Keep(block, static_cast<size_t>(size));
  return size > 0;
}

void RunLog::Keep(const char* bytes, size_t size) {
  while (kept_ && size > 0) {
    const ssize_t written = write(file_.get(), bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      kept_ = false;
      complain_(fmt::format("{} takes no more of what the agent writes: {}. The rest is dropped.",
                            name_, strerror(errno)));
      return;
    }
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

fs::path LogsOf(const Environment& environment, const std::string& experiment) {
  const fs::path all = StateDirectory(environment) / "logs";
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> there;
  for (const fs::directory_entry& entry : fs::directory_iterator(all, error))
    there.emplace_back(entry.last_write_time(error), entry.path());
  std::sort(there.begin(), there.end());
  for (size_t i = 0; i + kExperimentsKept <= there.size(); ++i)
    fs::remove_all(there[i].second, error);
  return all / experiment;
}

}  // namespace murphy::cli
