// SPDX-License-Identifier: Apache-2.0
#include "daemon/proxy/upstream.h"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace murphy::proxy {
namespace {

// Servers close idle connections after 5 s (uvicorn) or later; ours go first.
constexpr auto kMostIdle = std::chrono::seconds(4);

std::string Name(const runs::Route& route) {
  return "upstream " + route.name + " (" + route.host + ":" + std::to_string(route.port) + ")";
}

}  // namespace

void Upstream::UseTls(asio::ssl::context& context, const std::string& host) {
  tls_.emplace(socket_, context);
  tls_->set_verify_callback(asio::ssl::host_name_verification(host));
  SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
}

Task<error_code> Upstream::Handshake() {
  auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kAsTuple);
  co_return error;
}

Task<std::tuple<error_code, size_t>> Upstream::ReadSome(asio::mutable_buffer buffer) {
  if (tls_) return tls_->async_read_some(asio::mutable_buffers_1(buffer), kAsTuple);
  return socket_.async_read_some(asio::mutable_buffers_1(buffer), kAsTuple);
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

std::unique_ptr<Upstream> UpstreamPool::TakeIdle(const runs::Route& route) {
  const auto found = idle_.find({route.host, route.port, route.tls});
  if (found == idle_.end()) return nullptr;
  while (!found->second.empty()) {
    std::unique_ptr<Upstream> upstream = std::move(found->second.back().upstream);
    found->second.pop_back();
    if (upstream->Quiet()) return upstream;
  }
  return nullptr;
}

Task<std::optional<ConnectFailure>> UpstreamPool::Connect(Upstream& upstream,
                                                          const runs::Route& route) {
  asio::ip::basic_resolver<tcp, Executor> resolver(io_.get_executor());
  auto [resolve_error, endpoints] =
      co_await resolver.async_resolve(route.host, std::to_string(route.port), kAsTuple);
  if (resolve_error) {
    co_return ConnectFailure{"The name of the " + Name(route) +
                             " could not be resolved: " + resolve_error.message() + "."};
  }
  auto [connect_error, endpoint] =
      co_await asio::async_connect(upstream.socket(), endpoints, kAsTuple);
  if (connect_error) {
    co_return ConnectFailure{"The " + Name(route) +
                             " did not accept a connection: " + connect_error.message() + "."};
  }
  error_code ignored;
  upstream.socket().set_option(tcp::no_delay(true), ignored);
  if (!route.tls) co_return std::nullopt;
  upstream.UseTls(tls_, route.host);
  if (const error_code error = co_await upstream.Handshake()) {
    co_return ConnectFailure{"The " + Name(route) +
                             " failed the TLS handshake: " + error.message() + "."};
  }
  co_return std::nullopt;
}

void UpstreamPool::Give(const runs::Route& route, std::unique_ptr<Upstream> upstream) {
  std::deque<Idle>& idle = idle_[{route.host, route.port, route.tls}];
  if (idle.size() >= size_) return;
  upstream->set_reused();
  idle.push_back({std::move(upstream), Clock::now()});
}

void UpstreamPool::Sweep(Clock::time_point now) {
  for (auto at = idle_.begin(); at != idle_.end();) {
    std::deque<Idle>& idle = at->second;
    while (!idle.empty() && now - idle.front().since > kMostIdle) idle.pop_front();
    at = idle.empty() ? idle_.erase(at) : std::next(at);
  }
}

}  // namespace murphy::proxy
