// SPDX-License-Identifier: Apache-2.0
#include "tests/wire/sockets.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>

namespace murphy::wire {
namespace {

constexpr size_t kFewBytes = 3;
// Reads and writes that are short; longer bodies would take too long.
constexpr int kMostShort = 200;

// The code's end of a pair.
struct End {
  int other = -1;
  // Nobody has the other end yet.
  bool alone = false;
  bool dead = false;
  bool reset_on_close = false;
};

struct Table {
  int nth = 0;
  Trouble trouble = Trouble::kReset;
  std::function<void()> hook;
  int operations = 0;
  int troubled = -1;
  int shortened = 0;
  std::map<int, End> ends;
  std::set<int> reset;
  std::vector<int> connected;
};

thread_local Table* table = nullptr;

End* Find(int descriptor) {
  if (table == nullptr) return nullptr;
  const auto found = table->ends.find(descriptor);
  return found == table->ends.end() ? nullptr : &found->second;
}

long Fails(int error) {
  errno = error;
  return -1;
}

bool WouldWait(int descriptor) {
  char byte;
  return syscall(SYS_recvfrom, descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT, nullptr, nullptr) < 0 &&
         errno == EAGAIN;
}

// What the operation returns instead of what it would; nullptr for nothing else. `wants` is how many
// bytes it may move.
const long* Meet(int descriptor, bool reads, size_t& wants) {
  static thread_local long result;
  End* end = Find(descriptor);
  const auto failing = [](int error) { return &(result = Fails(error)); };
  if (end->dead) return failing(reads ? ECONNRESET : EPIPE);
  if (reads && WouldWait(descriptor)) return failing(EAGAIN);
  const bool now = ++table->operations == table->nth;
  if (table->trouble == Trouble::kShort && table->operations >= table->nth &&
      ++table->shortened <= kMostShort)
    wants = std::min(wants, kFewBytes);
  if (!now) return nullptr;
  table->troubled = end->other;
  switch (table->trouble) {
    case Trouble::kReset:
      end->dead = true;
      shutdown(descriptor, SHUT_RDWR);
      return failing(reads ? ECONNRESET : EPIPE);
    case Trouble::kEnd:
      shutdown(end->other, SHUT_RDWR);
      if (!reads) return failing(EPIPE);
      return &(result = 0);
    case Trouble::kCancelled:
      return failing(ECANCELED);
    case Trouble::kShort:
      return nullptr;
    case Trouble::kHook:
      table->hook();
      return nullptr;
  }
  return nullptr;
}

long Move(long call, int descriptor, const msghdr* message, int flags, bool reads) {
  size_t wants = SIZE_MAX;
  if (const long* instead = Meet(descriptor, reads, wants)) return *instead;
  if (wants == SIZE_MAX) return syscall(call, descriptor, message, flags);
  for (size_t i = 0; i < message->msg_iovlen; ++i) {
    iovec piece = message->msg_iov[i];
    if (piece.iov_len == 0) continue;
    piece.iov_len = std::min(piece.iov_len, wants);
    msghdr less = {};
    less.msg_iov = &piece;
    less.msg_iovlen = 1;
    return syscall(call, descriptor, &less, flags);
  }
  return 0;
}

}  // namespace

Sockets::Sockets(int nth, Trouble trouble, std::function<void()> hook) : nth_(nth) {
  table = new Table{.nth = nth, .trouble = trouble, .hook = std::move(hook)};
}

Sockets::~Sockets() {
  delete table;
  table = nullptr;
}

std::pair<int, int> Sockets::MakePair() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) abort();
  table->ends[pair[0]] = {.other = pair[1]};
  return {pair[0], pair[1]};
}

std::vector<int> Sockets::TakeConnected() { return std::exchange(table->connected, {}); }

int Sockets::operations() const { return table->operations; }

int Sockets::troubled() const { return table->troubled; }

int Sockets::OtherEnd(int descriptor) const { return table->ends.at(descriptor).other; }

bool Sockets::WasReset(int others_end) const { return table->reset.contains(others_end); }

size_t Sockets::open() const { return table->ends.size(); }

}  // namespace murphy::wire

using murphy::wire::Find;
using murphy::wire::Meet;
using murphy::wire::Move;
using murphy::wire::table;

extern "C" {

int socket(int domain, int type, int protocol) {
  if (table == nullptr) return static_cast<int>(syscall(SYS_socket, domain, type, protocol));
  const int made = murphy::wire::Sockets::MakePair().first;
  Find(made)->alone = true;
  return made;
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  murphy::wire::End* end = Find(descriptor);
  if (end == nullptr) return static_cast<int>(syscall(SYS_connect, descriptor, address, size));
  size_t wants = 0;
  const long* instead = Meet(descriptor, false, wants);
  if (instead != nullptr) {
    if (errno == EAGAIN || errno == EPIPE) errno = ECONNREFUSED;
    return -1;
  }
  end->alone = false;
  table->connected.push_back(end->other);
  return 0;
}

ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  if (Find(descriptor) == nullptr) return syscall(SYS_recvmsg, descriptor, message, flags);
  return Move(SYS_recvmsg, descriptor, message, flags, true);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  if (Find(descriptor) == nullptr) return syscall(SYS_sendmsg, descriptor, message, flags);
  return Move(SYS_sendmsg, descriptor, message, flags, false);
}

ssize_t recv(int descriptor, void* bytes, size_t size, int flags) {
  iovec piece{bytes, size};
  msghdr message = {};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  // A look is no operation.
  if ((flags & MSG_PEEK) != 0) return syscall(SYS_recvmsg, descriptor, &message, flags);
  return recvmsg(descriptor, &message, flags);
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  iovec piece{const_cast<void*>(bytes), size};
  msghdr message = {};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  return sendmsg(descriptor, &message, flags);
}

int setsockopt(int descriptor, int level, int name, const void* value, socklen_t size) noexcept {
  murphy::wire::End* end = Find(descriptor);
  if (end != nullptr && level == SOL_SOCKET && name == SO_LINGER) end->reset_on_close = true;
  return static_cast<int>(syscall(SYS_setsockopt, descriptor, level, name, value, size));
}

int close(int descriptor) {
  if (murphy::wire::End* end = Find(descriptor)) {
    if (end->reset_on_close) table->reset.insert(end->other);
    if (end->alone) syscall(SYS_close, end->other);
    table->ends.erase(descriptor);
  }
  return static_cast<int>(syscall(SYS_close, descriptor));
}

}  // extern "C"
