// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "daemon/wire/io.h"

namespace murphy::wire {

// An entry of `NO_PROXY`: what is reached without a proxy. As Go reads it: `host` is that name and
// what is below it, `.host` and `*.host` only what is below; addresses and networks are compared
// with addresses as they are written in a route, not with what a name resolves to.
class Bypass {
 public:
  // INVALID_ARGUMENT says what is wrong, as the end of a sentence.
  static absl::StatusOr<Bypass> Read(std::string_view entry);

  bool Covers(std::string_view host, uint16_t port) const;

 private:
  struct Everything {};
  struct Name {
    std::string name;
    bool itself = true;
  };
  struct Network {
    asio::ip::address address;
    unsigned short bits = 0;
  };

  bool CoversHost(std::string_view host) const;

  std::variant<Everything, Name, Network> what_;
  // 0: any.
  uint16_t port_ = 0;
};

// `localhost`, what is below it, and loopback addresses.
bool IsLoopback(std::string_view host);

}  // namespace murphy::wire
