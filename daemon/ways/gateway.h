// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/runs/runs.h"
#include "murphy/v1/config.pb.h"

namespace murphy::ways {

// The HTTP reverse proxy that agents talk to: one listener, one thread and one event loop per
// worker. An exchange never leaves its worker.
//
// Threads: any. Stop it before the runs go.
class Gateway {
 public:
  // Binds and serves. UNAVAILABLE names the address and why, or that a thread cannot be made;
  // INVALID_ARGUMENT for an address that is not loopback.
  // `held`: memory that all bodies share.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(const v1::GatewayConfig& config,
                                                        runs::Runs& runs, uint64_t held);
  virtual ~Gateway() = default;

  virtual uint16_t port() const = 0;
  // `http://127.0.0.1:7460`.
  virtual std::string origin() const = 0;
  virtual uint32_t connections() const = 0;
  virtual uint64_t exchanges() const = 0;

  // Takes no new connections, closes idle ones, waits for the others at most this long, closes what
  // is left, and stops.
  virtual void Drain(absl::Duration patience) = 0;
};

}  // namespace murphy::ways
