// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/pieces.h"
#include "faults/message/dialect.h"

namespace murphy::dialect {

// Whether an event of this type ends a stream of the Responses API.
bool IsTerminal(std::string_view type);

// The values of a Responses answer: `outer` is the output item, `inner` the content part.
std::vector<Value> ResponseValues(const message::Document& document);

// Ends an answer at a share of its text, in every event that repeats it.
bool StopResponseForLength(message::Document& document, double fraction);

// `error` and `response.failed`, numbered on from what was sent.
std::string ResponseErrorEvents(const message::ErrorSpec& error, const message::Call& call,
                                const std::vector<message::Part>& sent, const Draw& draw);

// Errors that the provider reports under status 200 when a stream was asked for, so that no SDK
// retries them.
bool ComesInsideStream(v1::ErrorKind kind);

// Such an answer: the response begins, fails and ends.
message::Response StreamedError(const message::ErrorSpec& error, const message::Call& call,
                                const Draw& draw);

}  // namespace murphy::dialect
