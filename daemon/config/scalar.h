// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/config/value.h"
#include "google/protobuf/message.h"

namespace murphy::config {

// Reads one value into a field that is no table: sets it, or adds it to a repeated one. What is
// wrong, to be said of the field: ` must be …`; or empty.
std::string ReadScalar(const Value& value, const google::protobuf::FieldDescriptor* field,
                       google::protobuf::Message& message);

// A value in a sentence: `"text"`, `12`, `a table`.
std::string Shown(const Value& value);

}  // namespace murphy::config
