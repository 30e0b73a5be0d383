// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace murphy::cli {

// Bytes of the UTF-8 sequence that the text begins with; 0 when it is none.
size_t Utf8Length(std::string_view text);

// The text with `?` for each byte that is no UTF-8, which gRPC does not carry.
std::string ToUtf8(std::string_view text);

}  // namespace murphy::cli
