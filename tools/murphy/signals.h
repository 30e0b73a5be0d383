// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace murphy::cli {

// Hands the signals of this process to everybody who listens. One at a time per process; handlers
// are restored at the end. SIGINT, SIGTERM, SIGHUP and SIGQUIT are interrupts; SIGUSR1, SIGUSR2 and
// SIGWINCH are for the agent; SIGCHLD wakes.
class Signals {
 public:
  // What one listener has not read yet. An interrupt that came before it is its first signal.
  //
  // Threads: one.
  class Inbox {
   public:
    explicit Inbox(Signals& signals);
    ~Inbox();
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    // Next signal; nullopt when none comes within `wait`.
    std::optional<int> Next(std::chrono::milliseconds wait);

   private:
    friend class Signals;

    Signals& signals_;
    std::condition_variable arrived_;
    std::deque<int> waiting_;
  };

  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // An interrupt has come, read or not.
  bool interrupted() const;
  static bool IsInterrupt(int signal);

 private:
  void HandOut();

  std::mutex mutex_;
  std::set<Inbox*> inboxes_;
  std::thread thread_;
};

}  // namespace murphy::cli
