// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/tunnel.h"

#include <array>

namespace murphy::wire {
namespace {

constexpr int kMostInterim = 32;

std::string TunnelRequest(const runs::Route& route, const Proxy& proxy) {
  const bool v6 = route.host.find(':') != std::string::npos;
  const std::string origin =
      (v6 ? "[" + route.host + "]" : route.host) + ":" + std::to_string(route.port);
  std::string out = "CONNECT " + origin + " HTTP/1.1\r\nHost: " + origin + "\r\n";
  if (!proxy.authorization.empty())
    out.append("Proxy-Authorization: ").append(proxy.authorization).append("\r\n");
  return out.append("\r\n");
}

// Nothing else is on its way up: what is left after a short write follows.
Task<error_code> WriteAll(Upstream& upstream, std::string_view bytes) {
  while (!bytes.empty()) {
    const asio::const_buffers_1 buffer(bytes.data(), bytes.size());
    auto [error, size] = co_await upstream.WriteSome(buffer);
    if (error) co_return error;
    bytes.remove_prefix(size);
  }
  co_return error_code();
}

// The proxy's answer. What is not nullopt is why there is none, as the end of a sentence.
Task<std::optional<std::string>> ReadAnswer(Upstream& upstream, const Proxy& proxy,
                                            size_t max_head_bytes) {
  ResponseHead head;
  std::string received;
  std::array<char, 1024> block;
  int interim = 0;
  while (true) {
    std::string why;
    const Scan scan = ScanResponse(received, head, why);
    if (scan == Scan::kRefused) co_return "its answer cannot be read (" + why + ").";
    if (scan == Scan::kDone && head.status >= 200) break;
    if (scan == Scan::kDone) {
      received.erase(0, head.size);
      if (++interim > kMostInterim) co_return "it sent interim answers without end.";
      continue;
    }
    if (received.size() > max_head_bytes) co_return "the head of its answer is too large.";
    auto [error, size] = co_await upstream.ReadSome(asio::buffer(block));
    if (error) co_return "it closed the connection (" + error.message() + ").";
    received.append(block.data(), size);
  }
  if (head.status >= 300) co_return RefusalOf(head, proxy);
  // Nobody speaks in a tunnel before the client does: these bytes are not the origin's.
  if (received.size() > head.size) co_return "it sent bytes behind its answer.";
  co_return std::nullopt;
}

}  // namespace

Task<std::optional<std::string>> OpenTunnel(Upstream& upstream, const runs::Route& route,
                                            const Proxy& proxy, size_t max_head_bytes) {
  const std::string request = TunnelRequest(route, proxy);
  const std::string sentence = "The proxy " + proxy.name + " gave no tunnel to " + route.host + ":" +
                               std::to_string(route.port) + " (route " + route.name + "): ";
  const error_code unsent = co_await WriteAll(upstream, request);
  if (unsent) co_return sentence + "it closed the connection (" + unsent.message() + ").";
  const std::optional<std::string> why = co_await ReadAnswer(upstream, proxy, max_head_bytes);
  if (why.has_value()) co_return sentence + *why;
  co_return std::nullopt;
}

std::string ProxiedHead(std::string_view head, const runs::Route& route, const Proxy& proxy) {
  const size_t target = head.find(' ') + 1;
  const size_t lines = head.find("\r\n") + 2;
  std::string out(head.substr(0, target));
  out.append("http://").append(route.authority).append(head.substr(target, lines - target));
  if (!proxy.authorization.empty())
    out.append("Proxy-Authorization: ").append(proxy.authorization).append("\r\n");
  return out.append(head.substr(lines));
}

std::string RefusalOf(const ResponseHead& head, const Proxy& proxy) {
  std::string out = "it answered " + std::to_string(head.status);
  if (!head.reason.empty()) out += " " + head.reason;
  if (head.status != 407) return out + ".";
  return out + (proxy.authorization.empty()
                    ? ". It wants a user and a password: http://USER:PASSWORD@HOST:PORT."
                    : ". It does not take the user and the password in its URL.");
}

}  // namespace murphy::wire
