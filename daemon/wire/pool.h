// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "daemon/runs/route.h"
#include "daemon/wire/proxy.h"
#include "daemon/wire/resolver.h"
#include "daemon/wire/upstream.h"

namespace murphy::wire {

// Connections of one worker that wait for their next exchange, by origin and by the proxy on the way
// to it.
class UpstreamPool {
 public:
  UpstreamPool(asio::io_context& io, asio::ssl::context& tls, Resolver& resolver, size_t size)
      : io_(io), tls_(tls), resolver_(resolver), size_(size) {}

  // A waiting connection that is still quiet, or null.
  std::unique_ptr<Upstream> TakeIdle(const runs::Route& route, const Proxy* proxy);
  void Give(const runs::Route& route, const Proxy* proxy, std::unique_ptr<Upstream> upstream);
  // Closes connections that have waited too long.
  void Sweep(Clock::time_point now);
  void Clear() { idle_.clear(); }

  asio::io_context& io() { return io_; }
  asio::ssl::context& tls() { return tls_; }
  Resolver& resolver() { return resolver_; }

 private:
  struct Idle {
    std::unique_ptr<Upstream> upstream;
    Clock::time_point since;
  };
  asio::io_context& io_;
  asio::ssl::context& tls_;
  Resolver& resolver_;
  size_t size_;
  using Way = std::tuple<std::string, uint16_t, bool, const Proxy*>;
  std::map<Way, std::deque<Idle>> idle_;
};

}  // namespace murphy::wire
