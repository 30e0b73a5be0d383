// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/captured.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "tools/murphy/process.h"

namespace murphy::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Milliseconds kGlance{100};

struct Pipe {
  explicit Pipe(int flags = 0) {
    std::array<int, 2> ends = {-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) == 0 && flags != 0) fcntl(ends[0], F_SETFL, flags);
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void CloseRead() { Close(read); }
  void CloseWrite() { Close(write); }

  int read = -1;
  int write = -1;

 private:
  static void Close(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

// Reads what is there. False at the end.
bool Drain(int fd, size_t most, std::string& text, bool& cut) {
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    const size_t room = most - std::min(most, text.size());
    cut = cut || static_cast<size_t>(got) > room;
    text.append(buffer.data(), std::min(static_cast<size_t>(got), room));
  }
}

int CodeOf(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

// A program on its way, and what it has written so far.
class Running {
 public:
  Running(const CapturedOptions& options, pid_t pid, int output, int errors)
      : options_(options),
        pid_(pid),
        output_(output),
        errors_(errors),
        ended_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
        deadline_(Clock::now() + options.timeout) {}
  ~Running() {
    if (ended_ >= 0) close(ended_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Captured Wait() {
    while (!Reaped()) {
      const bool late = Clock::now() >= deadline_;
      if (late || (options_.cancelled && options_.cancelled())) {
        captured_.end = late ? Captured::End::kTimedOut : Captured::End::kCancelled;
        kill(-pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        break;
      }
      Listen();
    }
    // What it left behind holds its pipes, and would go on.
    kill(-pid_, SIGKILL);
    ReadAll();
    return std::move(captured_);
  }

 private:
  bool Reaped() {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
    captured_.end = Captured::End::kExited;
    captured_.exit_code = CodeOf(status);
    return true;
  }

  void ReadAll() {
    bool dropped = false;
    if (output_ >= 0 && !Drain(output_, options_.most_bytes, captured_.output, captured_.cut))
      output_ = -1;
    if (errors_ >= 0 && !Drain(errors_, 4096, captured_.errors, dropped)) errors_ = -1;
  }

  // Until something comes, it ends, or a moment has passed.
  void Listen() {
    std::array<pollfd, 3> waits = {pollfd{output_, POLLIN, 0}, pollfd{errors_, POLLIN, 0},
                                   pollfd{ended_, POLLIN, 0}};
    const auto left = std::chrono::ceil<Milliseconds>(deadline_ - Clock::now());
    poll(waits.data(), waits.size(), static_cast<int>(std::clamp(left, Milliseconds(0), kGlance).count()));
    ReadAll();
  }

  const CapturedOptions& options_;
  const pid_t pid_;
  int output_;
  int errors_;
  // Readable when it has ended; -1 where the kernel has no such thing.
  const int ended_;
  const Clock::time_point deadline_;
  Captured captured_;
};

}  // namespace

Captured RunCaptured(const CapturedOptions& options) {
  Pipe input;
  Pipe output(O_NONBLOCK);
  Pipe errors(O_NONBLOCK);
  Captured captured;
  captured.exit_code = EMFILE;
  if (input.read < 0 || output.read < 0 || errors.read < 0) return captured;
  // It fits into the pipe, so that nobody has to wait for the program to read it.
  const ssize_t written = write(input.write, options.input.data(), options.input.size());
  if (written != static_cast<ssize_t>(options.input.size())) {
    captured.exit_code = E2BIG;
    return captured;
  }
  input.CloseWrite();
  ProcessOptions process;
  process.command = options.command;
  process.environment = options.environment;
  process.input = input.read;
  process.output = output.write;
  process.errors = errors.write;
  const SpawnResult started = SpawnProcess(process);
  if (started.error != 0) {
    captured.exit_code = started.error;
    return captured;
  }
  output.CloseWrite();
  errors.CloseWrite();
  return Running(options, started.pid, output.read, errors.read).Wait();
}

}  // namespace murphy::cli
