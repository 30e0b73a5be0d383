// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "daemon/proxy/io.h"
#include "daemon/runs/route.h"

namespace murphy::proxy {

// A connection to an upstream, plain or TLS.
class Upstream {
 public:
  explicit Upstream(Executor executor) : socket_(executor) {}

  Socket& socket() { return socket_; }
  bool reused() const { return reused_; }
  void set_reused() { reused_ = true; }

  // Makes the connection verify the certificate for this name.
  void UseTls(asio::ssl::context& context, const std::string& host);
  Task<error_code> Handshake();

  Task<std::tuple<error_code, size_t>> ReadSome(asio::mutable_buffer buffer);
  template <typename Buffers>
  Task<std::tuple<error_code, size_t>> WriteSome(const Buffers& buffers) {
    if (tls_) return tls_->async_write_some(buffers, kAsTuple);
    return socket_.async_write_some(buffers, kAsTuple);
  }

  // Nothing has arrived and the peer has not closed: fit to be used again.
  bool Quiet();
  void Cancel();
  void Close();

 private:
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  bool reused_ = false;
};

// Why there is no connection, as a sentence for the agent.
struct ConnectFailure {
  std::string sentence;
  bool timeout = false;
};

// Connections of one worker that wait for their next exchange, by origin.
class UpstreamPool {
 public:
  UpstreamPool(asio::io_context& io, asio::ssl::context& tls, size_t size)
      : io_(io), tls_(tls), size_(size) {}

  // A waiting connection that is still quiet, or null.
  std::unique_ptr<Upstream> TakeIdle(const runs::Route& route);
  // Begins a new connection; `Connect` completes it.
  std::unique_ptr<Upstream> New() { return std::make_unique<Upstream>(io_.get_executor()); }
  // Resolves, connects and, for TLS, verifies. Cancelled by closing the upstream's socket.
  Task<std::optional<ConnectFailure>> Connect(Upstream& upstream, const runs::Route& route);
  void Give(const runs::Route& route, std::unique_ptr<Upstream> upstream);
  // Closes connections that have waited too long.
  void Sweep(Clock::time_point now);
  void Clear() { idle_.clear(); }

 private:
  struct Idle {
    std::unique_ptr<Upstream> upstream;
    Clock::time_point since;
  };
  asio::io_context& io_;
  asio::ssl::context& tls_;
  size_t size_;
  std::map<std::tuple<std::string, uint16_t, bool>, std::deque<Idle>> idle_;
};

}  // namespace murphy::proxy
