// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "faults/message/http.h"
#include "faults/message/json_tree.h"

namespace murphy::dialect {

// Digest by which a retry is known: method, path, query and body, in 16 hex digits that mean
// nothing to another process. `body` is the parsed body, or nothing when it is no JSON: equal
// values give equal digests, however they are written. So do forms (form.h), and bodies that are
// too large to be read if they begin alike and are as long. A JSON-RPC message counts without its
// `id` and `_meta`, which change with every transmission.
std::string RequestDigest(const message::Request& request, message::JsonValue body);

}  // namespace murphy::dialect
