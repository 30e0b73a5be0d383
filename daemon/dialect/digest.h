// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "boost/json/value.hpp"
#include "faults/message/http.h"

namespace murphy::dialect {

// SHA-256 in hex.
std::string Sha256Hex(std::string_view bytes);

// Digest by which a retry is known: method, path, query and body. `body` is the parsed body, or
// null when it is no JSON. A JSON-RPC message counts without its `id` and `_meta`, which change
// with every transmission.
std::string RequestDigest(const message::Request& request, const boost::json::value* body);

}  // namespace murphy::dialect
