// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace murphy {

// A loopback address and a port; port 0 for any.
struct ListenAddress {
  std::string host;
  uint16_t port = 0;
  bool v6 = false;

  // `127.0.0.1:7460`, `[::1]:7460`.
  std::string text() const;
  // The same for `bind`; the result is its size.
  socklen_t Fill(sockaddr_storage& storage) const;
};

// Reads `ADDRESS:PORT`; `key` is what errors call it. Anything but loopback is refused.
absl::StatusOr<ListenAddress> ReadListenAddress(const std::string& key, const std::string& text);

// Binds a fixed port once, unshared, and lets go of it: UNAVAILABLE names the process that has it,
// when it can be found. A socket that shares its port would not notice.
absl::Status ProbePort(const std::string& key, const ListenAddress& address);

}  // namespace murphy
