// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/control/books.h"

namespace murphy::control {

struct ServerOptions {
  // Path of the Unix socket, in a directory that only its owner enters.
  std::string unix_socket;
  // Loopback address and port, port 0 for any; empty for no TCP.
  std::string listen;
  // What callers over TCP must show.
  std::string token;
  // What may wait for all readers of Watch together.
  size_t watch_bytes = 64 << 20;
};

// The control API: the books over gRPC, with health checks and reflection.
class Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> Start(Books& books, const ServerOptions& options);
  virtual ~Server() = default;

  // Of the TCP listener; 0 without one.
  virtual uint16_t port() const = 0;
  // Takes no more calls, waits at most `patience` for those in progress, and cancels the rest.
  virtual void Stop(absl::Duration patience) = 0;
};

}  // namespace murphy::control
