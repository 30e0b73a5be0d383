// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "boost/json/object.hpp"
#include "google/protobuf/message.h"

namespace murphy::cli {

// A message in protobuf's JSON mapping, with the names of the .proto files and every scalar
// present.
boost::json::object ToJson(const google::protobuf::Message& message);

// The same after a `schema` key, as one indented document.
std::string Document(std::string_view schema, const boost::json::object& object);

// The same as one line.
std::string Line(std::string_view schema, const boost::json::object& object);

}  // namespace murphy::cli
