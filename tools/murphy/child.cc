// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/child.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "fmt/format.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/process.h"

namespace murphy::cli {
namespace {

using Clock = std::chrono::steady_clock;

// The terminal that an agent may read from. We are its foreground group again when this ends.
class Terminal {
 public:
  explicit Terminal(bool wanted)
      : ours_(wanted && isatty(STDIN_FILENO) != 0 && tcgetpgrp(STDIN_FILENO) == getpgrp()) {}
  ~Terminal() { Reclaim(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  int fd() const { return ours_ ? STDIN_FILENO : -1; }
  bool ours() const { return ours_; }
  void Lend(pid_t group) const { SetForeground(group); }
  void Reclaim() const { SetForeground(getpgrp()); }

 private:
  void SetForeground(pid_t group) const {
    if (!ours_) return;
    // A background group that moves the foreground is stopped by SIGTTOU unless it blocks it.
    sigset_t block;
    sigset_t before;
    sigemptyset(&block);
    sigaddset(&block, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &block, &before);
    tcsetpgrp(STDIN_FILENO, group);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  bool ours_;
};

// A running child and what has been done to end it.
class Watch {
 public:
  Watch(pid_t pid, const ChildOptions& options, const Terminal& terminal)
      : pid_(pid),
        grace_(options.grace),
        terminal_(terminal),
        deadline_(Clock::now() + options.timeout) {}

  ChildEnd Wait(Signals::Inbox& signals) {
    while (!Ended()) {
      const auto left = std::chrono::ceil<Milliseconds>(deadline_ - Clock::now());
      if (const std::optional<int> signal = signals.Next(left)) {
        React(*signal);
      } else if (Clock::now() >= deadline_) {
        if (!terminating_) end_.hung = true;
        Escalate(SIGTERM);
      }
    }
    return end_;
  }

 private:
  void React(int signal) {
    if (Signals::IsInterrupt(signal)) {
      end_.interrupted = true;
      Escalate(signal);
    } else if (signal != SIGCHLD) {
      kill(-pid_, signal);
    }
  }

  // First asks, then kills.
  void Escalate(int signal) {
    kill(-pid_, terminating_ ? SIGKILL : signal);
    kill(-pid_, SIGCONT);
    terminating_ = true;
    deadline_ = Clock::now() + grace_;
  }

  bool Ended() {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG | WUNTRACED) != pid_) return false;
    if (WIFSTOPPED(status)) {
      if (terminal_.ours() && WSTOPSIG(status) == SIGTSTP) StopTogether();
      return false;
    }
    const bool killed = WIFSIGNALED(status);
    end_.exit_code = killed ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    // Ctrl-C reaches only the foreground group, which is the child's.
    if (terminal_.ours() && end_.exit_code == 128 + SIGINT) end_.interrupted = true;
    end_.left_processes = kill(-pid_, SIGKILL) == 0 && !terminating_;
    return true;
  }

  // Ctrl-Z: gives the terminal back to the shell, and takes it again after `fg`.
  void StopTogether() const {
    terminal_.Reclaim();
    raise(SIGSTOP);
    terminal_.Lend(pid_);
    kill(-pid_, SIGCONT);
  }

  pid_t pid_;
  Milliseconds grace_;
  const Terminal& terminal_;
  Clock::time_point deadline_;
  bool terminating_ = false;
  ChildEnd end_;
};

}  // namespace

ChildEnd RunChild(const ChildOptions& options, Signals& signals) {
  const Terminal terminal(!options.apart);
  // Before the child: its end is not missed.
  Signals::Inbox inbox(signals);
  ProcessOptions process;
  process.command = options.command;
  process.environment = options.environment;
  process.null_input = options.apart;
  process.output = options.output;
  process.errors = options.errors;
  process.terminal = terminal.fd();
  const SpawnResult started = SpawnProcess(process);
  if (started.error != 0) {
    throw Failure(ExitCode::kUsage, fmt::format("{} cannot be run: {}. Nothing was tested.",
                                                options.command.front(), strerror(started.error)));
  }
  return Watch(started.pid, options, terminal).Wait(inbox);
}

}  // namespace murphy::cli
