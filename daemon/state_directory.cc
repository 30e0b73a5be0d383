// SPDX-License-Identifier: Apache-2.0
#include "daemon/state_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace murphy {
namespace {

absl::Status Failed(const std::string& path, const std::string& why) {
  return absl::FailedPreconditionError(fmt::format(
      "The state directory {} cannot be used: {}. Name another one with --state-dir.", path, why));
}

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

// What a daemon has written into its lock, for a sentence.
std::string HolderOf(int lock) {
  char text[32] = {};
  const ssize_t size = pread(lock, text, sizeof text - 1, 0);
  std::string pid(text, size > 0 ? static_cast<size_t>(size) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another murphyd" : fmt::format("another murphyd, process {},", pid);
}

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

std::string DefaultStateDirectory() {
  if (const auto own = Variable("MURPHY_STATE_DIR"); !own.empty()) return std::string(own);
  if (const auto xdg = Variable("XDG_STATE_HOME"); !xdg.empty())
    return fmt::format("{}/murphy", xdg);
  return fmt::format("{}/.local/state/murphy", Variable("HOME"));
}

absl::StatusOr<StateDirectory> StateDirectory::Open(const std::string& given) {
  std::error_code error;
  const std::string path = std::filesystem::absolute(given, error).lexically_normal().string();
  std::filesystem::create_directories(path, error);
  if (error) return Failed(path, error.message());
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return Failed(path, std::strerror(errno));
  if (!S_ISDIR(status.st_mode)) return Failed(path, "it is not a directory");
  if (status.st_uid != geteuid()) return Failed(path, "it belongs to another user");
  if (chmod(path.c_str(), 0700) != 0) return Failed(path, std::strerror(errno));

  const std::string lock_path = path + "/lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Failed(path, fmt::format("{}: {}", lock_path, std::strerror(errno)));
  StateDirectory directory(path, lock);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("The state directory {} is in use by {} and serves one daemon. Use that one, "
                    "stop it, or name another "
                    "directory with --state-dir.",
                    path, HolderOf(lock)));
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(lock, 0) != 0 || !WriteAll(lock, pid)) {
    return Failed(path, fmt::format("{}: {}", lock_path, std::strerror(errno)));
  }
  return directory;
}

StateDirectory::~StateDirectory() {
  if (lock_ >= 0) close(lock_);
}

absl::Status StateDirectory::Write(const std::string& name, const std::string& text) const {
  const std::string path = File(name);
  const std::string draft = path + ".new";
  unlink(draft.c_str());
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return Failed(path_, fmt::format("{}: {}", draft, std::strerror(errno)));
  const bool written = WriteAll(file, text);
  const bool closed = close(file) == 0;
  if (!written || !closed || rename(draft.c_str(), path.c_str()) != 0) {
    return Failed(path_, fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return absl::OkStatus();
}

void StateDirectory::Remove(const std::string& name) const { unlink(File(name).c_str()); }

}  // namespace murphy
