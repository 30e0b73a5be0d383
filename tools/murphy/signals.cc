// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "fmt/format.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {
namespace {

constexpr std::array kInterrupts = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr std::array kWatched = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
                                 SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD};

// A handler can reach nothing but globals.
int pipe_ends[2] = {-1, -1};
volatile sig_atomic_t interrupt_seen = 0;
std::array<struct sigaction, kWatched.size()> previous;

void Enqueue(int signal) {
  const int saved = errno;
  if (Signals::IsInterrupt(signal)) interrupt_seen = 1;
  const auto byte = static_cast<unsigned char>(signal);
  // The pipe does not block: when it is full, a reader is about to wake anyway.
  [[maybe_unused]] const ssize_t written = write(pipe_ends[1], &byte, 1);
  errno = saved;
}

}  // namespace

Signals::Signals() {
  if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    throw Failure(ExitCode::kInternal, fmt::format("No pipe for signals: {}.", strerror(errno)));
  }
  interrupt_seen = 0;
  struct sigaction action {};
  action.sa_handler = Enqueue;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < kWatched.size(); ++i) {
    sigaction(kWatched[i], nullptr, &previous[i]);
    // What is ignored stays ignored, as under nohup.
    if (previous[i].sa_handler == SIG_IGN && kWatched[i] != SIGCHLD) continue;
    sigaction(kWatched[i], &action, nullptr);
  }
}

Signals::~Signals() {
  for (size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &previous[i], nullptr);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  pipe_ends[0] = pipe_ends[1] = -1;
}

std::optional<int> Signals::Next(std::chrono::milliseconds wait) {
  pollfd entry{pipe_ends[0], POLLIN, 0};
  const int64_t bounded = std::clamp<int64_t>(wait.count(), 0, INT_MAX);
  if (poll(&entry, 1, static_cast<int>(bounded)) <= 0) return std::nullopt;
  unsigned char byte = 0;
  if (read(pipe_ends[0], &byte, 1) != 1) return std::nullopt;
  return byte;
}

bool Signals::interrupted() const { return interrupt_seen != 0; }

bool Signals::IsInterrupt(int signal) {
  return std::find(kInterrupts.begin(), kInterrupts.end(), signal) != kInterrupts.end();
}

}  // namespace murphy::cli
