// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/front.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/control/header_blocks.h"
#include "daemon/listen_address.h"

namespace murphy::control {
namespace {

constexpr size_t kBlock = 64 << 10;
constexpr int kPause = 10;

absl::Status Failed(const std::string& address, const char* why) {
  return absl::UnavailableError(
      fmt::format("The control API cannot listen on {}: {}.", address, why));
}

std::string TextOf(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> host;
  std::array<char, NI_MAXSERV> port;
  if (getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return address->sa_family == AF_INET6 ? fmt::format("[{}]:{}", host.data(), port.data())
                                        : fmt::format("{}:{}", host.data(), port.data());
}

absl::StatusOr<int> Bind(const std::string& address) {
  const absl::StatusOr<ListenAddress> read = ReadListenAddress("control.listen", address);
  if (!read.ok()) return read.status();
  sockaddr_storage name;
  const socklen_t size = read->Fill(name);
  const int listener = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  const int on = 1;
  // Not SO_REUSEPORT, with which a second daemon would take every other call.
  const bool listens =
      listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(listener, reinterpret_cast<const sockaddr*>(&name), size) == 0 &&
      listen(listener, SOMAXCONN) == 0;
  const int error = errno;
  if (listens) return listener;
  if (listener >= 0) close(listener);
  return Failed(address, strerror(error));
}

// Writes what it can of `pending`. False: the connection is gone.
bool Flush(int socket, std::string& pending) {
  if (pending.empty()) return true;
  const ssize_t sent = send(socket, pending.data(), pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  pending.erase(0, static_cast<size_t>(sent));
  return true;
}

// Reads what there is into `pending`, which is empty. False: nothing follows.
bool Fill(int socket, std::string& pending) {
  pending.resize(kBlock);
  const ssize_t got = recv(socket, pending.data(), pending.size(), MSG_DONTWAIT);
  const int error = errno;
  pending.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return got > 0 || (got < 0 && (error == EAGAIN || error == EINTR));
}

}  // namespace

// One caller, and its connection to gRPC.
struct Front::Relay {
  Relay(int caller, int inside) : client(caller), inner(inside) {}
  ~Relay() {
    close(client);
    close(inner);
  }
  short client_wants() const {
    return static_cast<short>((to_client.empty() ? 0 : POLLOUT) |
                              (to_inner.empty() && !over ? POLLIN : 0));
  }
  short inner_wants() const {
    return static_cast<short>((to_inner.empty() ? 0 : POLLOUT) |
                              (to_client.empty() && !over ? POLLIN : 0));
  }

  const int client;
  const int inner;
  // The socket that was handed out.
  int given = -1;
  HeaderBlocks blocks{kMostHeaderBytes};
  std::string to_client;
  std::string to_inner;
  // One side has ended: what is left is passed on.
  bool over = false;
};

absl::StatusOr<std::unique_ptr<Front>> Front::Listen(const std::string& address,
                                                     std::function<void(int)> take) {
  const absl::StatusOr<int> listener = Bind(address);
  if (!listener.ok()) return listener.status();
  sockaddr_storage bound = {};
  socklen_t size = sizeof bound;
  getsockname(*listener, reinterpret_cast<sockaddr*>(&bound), &size);
  const uint16_t port =
      ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                        : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  auto front = std::unique_ptr<Front>(new Front(*listener, port, std::move(take)));
  if (front->wake_ < 0) return Failed(address, strerror(errno));
  return front;
}

void Front::Begin() {
  thread_ = std::thread([this] { Loop(); });
}

Front::Front(int listener, uint16_t port, std::function<void(int)> take)
    : port_(port),
      take_(std::move(take)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      listener_(listener) {}

Front::~Front() {
  StopListening();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  eventfd_write(wake_, 1);
  if (thread_.joinable()) thread_.join();
  close(wake_);
}

void Front::StopListening() {
  const std::lock_guard lock(mutex_);
  if (listener_ >= 0) close(std::exchange(listener_, -1));
  eventfd_write(wake_, 1);
}

std::string Front::CallerOf(int socket) const {
  const std::lock_guard lock(mutex_);
  const auto caller = callers_.find(socket);
  return caller == callers_.end() ? std::string() : caller->second;
}

void Front::Accept() {
  const std::lock_guard lock(mutex_);
  if (listener_ < 0) return;
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  const int client = accept4(listener_, reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) {
    // Out of descriptors: the caller goes on waiting, and this thread does not spin.
    poll(nullptr, 0, kPause);
    return;
  }
  std::array<int, 2> pair;
  if (relays_.size() >= kMostConnections ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0) {
    close(client);
    return;
  }
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  relays_.push_back(std::make_unique<Relay>(client, pair[0]));
  relays_.back()->given = pair[1];
  callers_[pair[1]] = TextOf(reinterpret_cast<const sockaddr*>(&address), size);
  take_(pair[1]);
}

bool Front::Move(Relay& relay, short client_events, short inner_events) {
  constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
  if ((client_events & kReadable) != 0 && relay.to_inner.empty() && !relay.over) {
    relay.over = !Fill(relay.client, relay.to_inner);
    if (!relay.blocks.Read(relay.to_inner)) return false;
  }
  if ((inner_events & kReadable) != 0 && relay.to_client.empty() && !relay.over)
    relay.over = !Fill(relay.inner, relay.to_client);
  if (!Flush(relay.inner, relay.to_inner) || !Flush(relay.client, relay.to_client)) return false;
  return !relay.over || !relay.to_inner.empty() || !relay.to_client.empty();
}

void Front::Loop() {
  std::vector<pollfd> polled;
  while (true) {
    polled.assign(1, {wake_, POLLIN, 0});
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
      // A negative one is skipped.
      polled.push_back({listener_, POLLIN, 0});
    }
    for (const auto& relay : relays_) {
      // One that wants nothing is skipped: poll tells of a hang-up even then.
      const short client = relay->client_wants(), inner = relay->inner_wants();
      polled.push_back({client != 0 ? relay->client : -1, client, 0});
      polled.push_back({inner != 0 ? relay->inner : -1, inner, 0});
    }
    poll(polled.data(), polled.size(), -1);
    if (eventfd_t woken; polled[0].revents != 0) eventfd_read(wake_, &woken);
    std::vector<std::unique_ptr<Relay>> going;
    for (size_t i = 0; i < relays_.size(); ++i) {
      if (Move(*relays_[i], polled[2 + 2 * i].revents, polled[3 + 2 * i].revents)) {
        going.push_back(std::move(relays_[i]));
      } else {
        const std::lock_guard lock(mutex_);
        callers_.erase(relays_[i]->given);
      }
    }
    relays_ = std::move(going);
    if (polled[1].revents != 0) Accept();
  }
  relays_.clear();
}

}  // namespace murphy::control
