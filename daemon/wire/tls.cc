// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/tls.h"

#include <fmt/format.h>

namespace murphy::wire {

absl::Status TrustAuthorities(TlsContext& context, const std::string& file) {
  boost::system::error_code error;
  context.set_verify_mode(boost::asio::ssl::verify_peer);
  if (file.empty()) {
    context.set_default_verify_paths(error);
    return absl::OkStatus();
  }
  context.load_verify_file(file, error);
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("gateway.ca_file `{}` cannot be read: {}.", file, error.message()));
}

}  // namespace murphy::wire
