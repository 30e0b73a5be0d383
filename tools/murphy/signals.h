// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

namespace murphy::cli {

// Turns signals into a queue that one thread reads. One at a time per process; handlers are
// restored at the end. SIGINT, SIGTERM, SIGHUP and SIGQUIT are interrupts; SIGUSR1, SIGUSR2 and
// SIGWINCH are for the agent; SIGCHLD wakes.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Next signal; nullopt when none comes within `wait`.
  std::optional<int> Next(std::chrono::milliseconds wait);
  // An interrupt has come, read or not.
  bool interrupted() const;
  static bool IsInterrupt(int signal);
};

}  // namespace murphy::cli
