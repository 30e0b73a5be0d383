// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace murphy {

// MURPHY_STATE_DIR, else XDG_STATE_HOME/murphy, else ~/.local/state/murphy.
std::string DefaultStateDirectory();

// The directory that belongs to one daemon at a time, and to nobody but its user.
class StateDirectory {
 public:
  // Creates it, closes it to others, and locks it. FAILED_PRECONDITION names the daemon that has
  // it.
  static absl::StatusOr<StateDirectory> Open(const std::string& path);
  ~StateDirectory();
  StateDirectory(StateDirectory&& other) noexcept
      : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
  StateDirectory& operator=(StateDirectory&&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  // Replaces a file at once: readers see the old text or the new one. Only its owner may read it.
  absl::Status Write(const std::string& name, const std::string& text) const;
  void Remove(const std::string& name) const;

 private:
  StateDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
};

}  // namespace murphy
