// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <optional>
#include <string>

#include "daemon/wire/io.h"

namespace murphy::wire {

// A connection to an upstream, plain or TLS.
class Upstream {
 public:
  explicit Upstream(Executor executor) : socket_(executor) {}

  Socket& socket() { return socket_; }
  bool reused() const { return reused_; }
  void set_reused() { reused_ = true; }

  // Makes the connection verify the certificate for this name, and asks for it by name unless it is
  // an address (RFC 6066 section 3).
  void UseTls(asio::ssl::context& context, const std::string& host);
  Task<error_code> Handshake();
  bool tls() const { return tls_.has_value(); }

  Task<std::tuple<error_code, size_t>> ReadSome(asio::mutable_buffer buffer);
  // What arrives next. A plain connection waits without a buffer, as streams are silent for most of
  // their time: this one may be everybody's, and is written to at the very end.
  Task<std::tuple<error_code, size_t>> ReadNext(asio::mutable_buffer buffer);
  // What has arrived, without waiting; nothing where that cannot be said at once.
  std::optional<size_t> ReadNow(asio::mutable_buffer buffer);
  template <typename Buffers>
  Task<std::tuple<error_code, size_t>> WriteSome(const Buffers& buffers) {
    if (tls_) return tls_->async_write_some(buffers, kAsTuple);
    return socket_.async_write_some(buffers, kAsTuple);
  }
  // As much as the kernel takes at once; 0 where that must be waited for.
  size_t WriteNow(std::string_view first, std::string_view second, error_code& error);

  // Nothing has arrived and the peer has not closed: fit to be used again.
  bool Quiet();
  void Cancel();
  void Close();

 private:
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  bool reused_ = false;
};

}  // namespace murphy::wire
