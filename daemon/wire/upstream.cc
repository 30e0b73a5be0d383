// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/upstream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace murphy::wire {

void Upstream::UseTls(asio::ssl::context& context, const std::string& host) {
  tls_.emplace(socket_, context);
  tls_->set_verify_callback(asio::ssl::host_name_verification(host));
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  if (not_an_address) SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
}

Task<error_code> Upstream::Handshake() {
  auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kAsTuple);
  co_return error;
}

Task<std::tuple<error_code, size_t>> Upstream::ReadSome(asio::mutable_buffer buffer) {
  if (tls_) return tls_->async_read_some(asio::mutable_buffers_1(buffer), kAsTuple);
  return socket_.async_read_some(asio::mutable_buffers_1(buffer), kAsTuple);
}

Task<std::tuple<error_code, size_t>> Upstream::ReadNext(asio::mutable_buffer buffer) {
  while (!tls_) {
    auto [error] = co_await socket_.async_wait(Socket::wait_read, kAsTuple);
    if (error) co_return std::tuple(error, size_t{0});
    const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) co_return std::tuple(error, static_cast<size_t>(got));
    if (got == 0) co_return std::tuple(error_code(asio::error::eof), size_t{0});
    if (errno != EAGAIN && errno != EINTR)
      co_return std::tuple(error_code(errno, boost::system::system_category()), size_t{0});
  }
  co_return co_await ReadSome(buffer);
}

std::optional<size_t> Upstream::ReadNow(asio::mutable_buffer buffer) {
  if (tls_) return std::nullopt;
  const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got <= 0) return std::nullopt;
  return static_cast<size_t>(got);
}

size_t Upstream::WriteNow(std::string_view first, std::string_view second, error_code& error) {
  if (tls_) return 0;
  std::array<iovec, 2> pieces = {iovec{const_cast<char*>(first.data()), first.size()},
                                 iovec{const_cast<char*>(second.data()), second.size()}};
  msghdr message = {};
  message.msg_iov = pieces.data();
  message.msg_iovlen = second.empty() ? 1 : 2;
  const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<size_t>(sent);
  if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
    error.assign(errno, boost::system::system_category());
  return 0;
}

bool Upstream::Quiet() {
  char byte;
  const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Upstream::Cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Upstream::Close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace murphy::wire
