// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/json.h"

#include "boost/json.hpp"
#include "google/protobuf/util/json_util.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {
namespace {

namespace json = boost::json;

json::object WithSchema(std::string_view schema, const json::object& object) {
  json::object whole;
  whole["schema"] = schema;
  for (const auto& [key, value] : object) whole[key] = value;
  return whole;
}

void Indent(const json::value& value, size_t depth, std::string& out) {
  const std::string inner(2 * depth + 2, ' ');
  const std::string outer(2 * depth, ' ');
  if (value.is_object() && !value.get_object().empty()) {
    const char* separator = "{\n";
    for (const auto& [key, member] : value.get_object()) {
      out += separator + inner + json::serialize(json::string(key)) + ": ";
      Indent(member, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "}";
  } else if (value.is_array() && !value.get_array().empty()) {
    const char* separator = "[\n";
    for (const json::value& entry : value.get_array()) {
      out += separator + inner;
      Indent(entry, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + outer + "]";
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

json::object ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  json::error_code error;
  json::value value;
  if (status.ok()) value = json::parse(text, error);
  if (!status.ok() || error || !value.is_object()) {
    throw Failure(ExitCode::kInternal, "An answer of murphyd cannot be written as JSON.");
  }
  return std::move(value.get_object());
}

std::string Document(std::string_view schema, const json::object& object) {
  std::string out;
  Indent(WithSchema(schema, object), 0, out);
  return out + "\n";
}

std::string Line(std::string_view schema, const json::object& object) {
  return json::serialize(WithSchema(schema, object)) + "\n";
}

}  // namespace murphy::cli
