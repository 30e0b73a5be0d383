// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace murphy::dialect {

// A body that is no JSON without what senders draw anew for each transmission: the boundary of
// multipart bodies (RFC 2046 section 5.1.1) and the order of the fields of a form
// (`application/x-www-form-urlencoded`). Nothing for other bodies.
std::optional<std::string> FormAsMeant(std::string_view content_type, std::string_view body);

}  // namespace murphy::dialect
