// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace murphy::cli {

// Appends `{"schema": …, FIELDS}` and a line feed: what Line(schema, ToJson(message)) gives. For
// long lists: protobuf's own writer goes by descriptions of types and takes ten times as long.
void AppendLine(std::string_view schema, const google::protobuf::Message& message,
                std::string& out);
// The same with the message under a key.
void AppendLine(std::string_view schema, std::string_view key,
                const google::protobuf::Message& message, std::string& out);

}  // namespace murphy::cli
