// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/runs/route.h"
#include "daemon/wire/bypass.h"
#include "murphy/v1/config.pb.h"

namespace murphy::wire {

// A forward proxy between the gateway and upstreams.
struct Proxy {
  std::string host;
  uint16_t port = 80;
  // `HOST:PORT`: what sentences call it, without user and password.
  std::string name;
  // Value of `Proxy-Authorization`; empty for none.
  std::string authorization;
};

// Which upstreams are reached through a proxy. Loopback ones never are: a proxy has a loopback of
// its own.
class Proxies {
 public:
  // Value of a variable; null when it is unset.
  using Environment = std::function<const char*(const char* name)>;

  // The configuration, where it says something, else the environment: each variable in lower case,
  // else in capitals, as curl reads them; what is empty is unset. INVALID_ARGUMENT names the field
  // or variable, and does not quote it, as there may be a password in it.
  static absl::StatusOr<Proxies> Read(const v1::GatewayConfig& config,
                                      const Environment& environment);

  // Null: directly.
  const Proxy* For(const runs::Route& route) const {
    const std::optional<Proxy>& proxy = route.tls ? secure_ : plain_;
    return proxy.has_value() && !Direct(route) ? &*proxy : nullptr;
  }

 private:
  bool Direct(const runs::Route& route) const;

  std::optional<Proxy> plain_;
  std::optional<Proxy> secure_;
  std::vector<Bypass> direct_;
};

}  // namespace murphy::wire
