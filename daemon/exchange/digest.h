// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "faults/message/document.h"
#include "faults/message/http.h"
#include "faults/sha256.h"

namespace murphy::exchange {

using Digest = Sha256;

// Digest of a body.
std::string DigestOf(const message::Document& document);
// Digest of an authored response: status, headers and body.
std::string DigestOf(const message::Response& response);
// Digest of header lines, as they travel.
std::string DigestOf(const message::Headers& headers);
std::string DigestOf(std::string_view bytes);

}  // namespace murphy::exchange
