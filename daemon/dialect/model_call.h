// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boost/json/value.hpp"
#include "faults/message/dialect.h"

namespace murphy::dialect {

// What all model requests have in common: kind, provider, and that they may be unreadable.
message::Call DescribeModelCall(const message::Request& request, std::string_view provider);

// Parses the body and reads what every model API calls by the same name: model, stream, digest.
// nullopt, and the call marked unclassified, when there is no body to read.
std::optional<boost::json::value> ParseModelBody(const message::Request& request,
                                                 message::Call& call);

// Appends a text that is a string or a list of parts with `text`.
void AppendText(const boost::json::value& root, std::string_view pointer, std::string& out);

// Names of the tools that a request offers, flat or nested.
std::vector<std::string> ToolNames(const boost::json::value& body);

}  // namespace murphy::dialect
