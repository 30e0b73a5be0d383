// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
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
  if (Signals::IsInterrupt(signal)) interrupt_seen = signal;
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
  thread_ = std::thread([this] { HandOut(); });
}

Signals::~Signals() {
  for (size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &previous[i], nullptr);
  Enqueue(0);
  thread_.join();
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  pipe_ends[0] = pipe_ends[1] = -1;
}

void Signals::HandOut() {
  while (true) {
    pollfd entry{pipe_ends[0], POLLIN, 0};
    poll(&entry, 1, -1);
    unsigned char signal = 0;
    if (read(pipe_ends[0], &signal, 1) != 1) continue;
    if (signal == 0) return;
    const std::lock_guard lock(mutex_);
    for (Inbox* inbox : inboxes_) {
      inbox->waiting_.push_back(signal);
      inbox->arrived_.notify_one();
    }
  }
}

Signals::Inbox::Inbox(Signals& signals) : signals_(signals) {
  const std::lock_guard lock(signals_.mutex_);
  signals_.inboxes_.insert(this);
  if (const int seen = interrupt_seen; seen != 0) waiting_.push_back(seen);
}

Signals::Inbox::~Inbox() {
  const std::lock_guard lock(signals_.mutex_);
  signals_.inboxes_.erase(this);
}

std::optional<int> Signals::Inbox::Next(std::chrono::milliseconds wait) {
  std::unique_lock lock(signals_.mutex_);
  if (!arrived_.wait_for(lock, wait, [this] { return !waiting_.empty(); })) return std::nullopt;
  const int signal = waiting_.front();
  waiting_.pop_front();
  return signal;
}

bool Signals::interrupted() const { return interrupt_seen != 0; }

bool Signals::IsInterrupt(int signal) {
  return std::find(kInterrupts.begin(), kInterrupts.end(), signal) != kInterrupts.end();
}

}  // namespace murphy::cli
