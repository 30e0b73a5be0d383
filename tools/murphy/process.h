// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tools/murphy/environment.h"

namespace murphy::cli {

// Owns a file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { Close(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  void Close();

 private:
  int fd_;
};

// How a process starts. Without a session of its own it gets a process group of its own.
struct ProcessOptions {
  std::vector<std::string> command;
  Environment environment;
  bool own_session = false;
  bool null_input = false;
  // Where its standard input comes from.
  int input = 0;
  int output = 1;
  int errors = 2;
  // Terminal whose foreground group it becomes; -1 for none.
  int terminal = -1;
};

struct SpawnResult {
  pid_t pid = -1;
  // errno of what failed, 0 for success.
  int error = 0;
};

// Starts a program, found on the PATH of this process.
SpawnResult SpawnProcess(const ProcessOptions& options);

}  // namespace murphy::cli
