// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

#include "absl/status/status.h"

namespace murphy::wire {

// For connections to upstreams: their certificates are verified.
class TlsContext : public boost::asio::ssl::context {
 public:
  TlsContext() : boost::asio::ssl::context(tls_client) {}
};

// Certificate authorities in a PEM file, or the system's when it is empty. INVALID_ARGUMENT when
// the file cannot be read.
absl::Status TrustAuthorities(TlsContext& context, const std::string& file);

}  // namespace murphy::wire
