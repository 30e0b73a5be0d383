// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "faults/message/http.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::wire {

// An authored response as it travels, with `Content-Length` and, where it carries none of its own,
// `Date`. `with_body` is false for HEAD. `close` adds `Connection: close`.
std::string Author(const message::Response& response, bool with_body, bool close);

// A failure that was not injected: the sentence as text, and `x-murphy-origin`, so that nobody
// takes it for a fault or for the provider's answer.
message::Response OwnFailure(int status, v1::Origin origin, std::string_view sentence);

// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7), now.
std::string HttpDate();

}  // namespace murphy::wire
