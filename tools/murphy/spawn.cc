// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include "fmt/format.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/process.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartTimeout(15);
constexpr size_t kMaxOutputBytes = 64 << 10;

bool Executable(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

// Everything that the daemon prints until it is complete; nullopt when it ends, talks too long or
// takes too long.
std::optional<Endpoints> AwaitEndpoints(int output) {
  const Clock::time_point deadline = Clock::now() + kStartTimeout;
  std::string text;
  while (text.size() < kMaxOutputBytes) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd entry{output, POLLIN, 0};
    if (left <= 0 || poll(&entry, 1, static_cast<int>(left)) <= 0) return std::nullopt;
    char buffer[4096];
    const ssize_t bytes = read(output, buffer, sizeof buffer);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return std::nullopt;
    text.append(buffer, static_cast<size_t>(bytes));
    if (std::optional<Endpoints> endpoints = ParseEndpoints(text)) return endpoints;
  }
  return std::nullopt;
}

// What the daemon complained about last.
std::string LastLogLine(const fs::path& log, off_t from) {
  const int file = open(log.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  char buffer[4096];
  const off_t size = lseek(file, 0, SEEK_END);
  const off_t begin = std::max(from, size - static_cast<off_t>(sizeof buffer));
  const ssize_t bytes = pread(file, buffer, sizeof buffer, begin);
  close(file);
  std::string_view text(buffer, bytes > 0 ? static_cast<size_t>(bytes) : 0);
  while (text.ends_with('\n')) text.remove_suffix(1);
  const size_t line = text.rfind('\n');
  return Printable(line == std::string_view::npos ? text : text.substr(line + 1));
}

Failure NotStarted(const std::string& why) {
  return {ExitCode::kUnreachable, fmt::format("murphyd could not be started: {}.", why)};
}

std::vector<std::string> CommandLine(const fs::path& binary, const fs::path& state_directory) {
  return {binary.string(),     "--on-demand",
          "--gateway",         "127.0.0.1:0",
          "--control",         "",
          "--state-dir",       state_directory.string(),
          "--print-endpoints", "json"};
}

}  // namespace

fs::path DaemonBinary(const Environment& environment) {
  if (const auto named = Get(environment, "MURPHYD"); !named.empty()) return named;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (!error && Executable(self.parent_path() / "murphyd")) return self.parent_path() / "murphyd";
  std::string_view path = Get(environment, "PATH");
  while (!path.empty()) {
    const size_t end = std::min(path.find(':'), path.size());
    const fs::path candidate = fs::path(path.substr(0, end)) / "murphyd";
    if (end > 0 && Executable(candidate)) return candidate;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return {};
}

Endpoints SpawnDaemon(const fs::path& state_directory, const Environment& environment) {
  const fs::path binary = DaemonBinary(environment);
  if (binary.empty()) {
    throw NotStarted("it is neither beside murphy nor on PATH; MURPHYD can name it");
  }
  std::error_code error;
  fs::create_directories(state_directory, error);
  if (error) throw NotStarted(fmt::format("{}: {}", state_directory.string(), error.message()));
  chmod(state_directory.c_str(), 0700);

  const fs::path log_path = state_directory / "murphyd.log";
  const FileDescriptor log(open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log.get() < 0) throw NotStarted(fmt::format("{}: {}", log_path.string(), strerror(errno)));
  const off_t log_begin = lseek(log.get(), 0, SEEK_END);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw NotStarted(strerror(errno));
  const FileDescriptor output(ends[0]);
  FileDescriptor child_output(ends[1]);

  ProcessOptions options;
  options.command = CommandLine(binary, state_directory);
  options.environment = environment;
  options.own_session = true;
  options.null_input = true;
  options.output = child_output.get();
  options.errors = log.get();
  const SpawnResult started = SpawnProcess(options);
  if (started.error != 0) {
    throw NotStarted(fmt::format("{}: {}", binary.string(), strerror(started.error)));
  }
  child_output.Close();
  if (std::optional<Endpoints> endpoints = AwaitEndpoints(output.get())) return *endpoints;
  // Another controller may have started one at the same moment: the state directory lets only one
  // live.
  if (std::optional<Endpoints> other = ReadEndpoints(state_directory)) return *other;
  const std::string said = LastLogLine(log_path, log_begin);
  throw NotStarted(
      fmt::format("{}{}its log is {}", said, said.empty() ? "" : "; ", log_path.string()));
}

}  // namespace murphy::cli
