// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "faults/message/call.h"
#include "faults/message/http.h"
#include "faults/message/json_tree.h"

namespace murphy::dialect {

// What all model APIs call by the same name: model, stream, digest. The tree holds the body
// afterwards; its root is nothing, and the call unclassified, when there is no object to read.
message::Call DescribeModelCall(const message::Request& request, std::string_view provider,
                                message::JsonTree& body);

// Appends a text that is a string or a list of parts with `text`.
void AppendText(message::JsonValue text, std::string& out);

// Names of the tools that a request offers, flat or nested.
std::vector<std::string> ToolNames(message::JsonValue body);

}  // namespace murphy::dialect
