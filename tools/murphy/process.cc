// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

namespace murphy::cli {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Both objects of posix_spawn, destroyed together.
struct SpawnSettings {
  SpawnSettings() {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
};

}  // namespace

void FileDescriptor::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

SpawnResult SpawnProcess(const ProcessOptions& options) {
  SpawnSettings settings;
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setpgroup(&settings.attributes, 0);
  const int group = options.own_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
  posix_spawnattr_setflags(&settings.attributes,
                           static_cast<short>(group | POSIX_SPAWN_SETSIGMASK));
  if (options.terminal >= 0) {
    posix_spawn_file_actions_addtcsetpgrp_np(&settings.actions, options.terminal);
  }
  if (options.null_input) {
    posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  if (options.input != STDIN_FILENO) {
    posix_spawn_file_actions_adddup2(&settings.actions, options.input, STDIN_FILENO);
  }
  if (options.output != STDOUT_FILENO) {
    posix_spawn_file_actions_adddup2(&settings.actions, options.output, STDOUT_FILENO);
  }
  if (options.errors != STDERR_FILENO) {
    posix_spawn_file_actions_adddup2(&settings.actions, options.errors, STDERR_FILENO);
  }
  std::vector<std::string> words = options.command;
  std::vector<std::string> entries;
  for (const auto& [name, value] : options.environment) entries.push_back(name + "=" + value);
  const std::vector<char*> argv = Pointers(words);
  const std::vector<char*> envp = Pointers(entries);
  SpawnResult result;
  result.error = posix_spawnp(&result.pid, argv[0], &settings.actions, &settings.attributes,
                              argv.data(), envp.data());
  return result;
}

}  // namespace murphy::cli
