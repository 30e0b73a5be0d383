// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/json_line.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"

namespace murphy::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::TimeUtil;

bool NeedsEscape(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || c == '"' || c == '\\';
}

void AppendText(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const auto special = std::find_if(text.begin(), text.end(), NeedsEscape);
    const auto plain = static_cast<size_t>(special - text.begin());
    out.append(text.data(), plain);
    if (special == text.end()) break;
    if (*special == '"' || *special == '\\') {
      out += '\\';
      out += *special;
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(*special));
    }
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

template <typename Number>
void AppendNumber(Number number, std::string& out) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

// Numbers of 64 bits are strings in protobuf's mapping.
template <typename Number>
void AppendQuoted(Number number, std::string& out) {
  out += '"';
  AppendNumber(number, out);
  out += '"';
}

void AppendDouble(double number, std::string& out) {
  if (std::isnan(number)) {
    out += "\"NaN\"";
  } else if (std::isinf(number)) {
    out += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
}

void AppendEnumerator(const EnumDescriptor& type, int number, std::string& out) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) {
    AppendNumber(number, out);
  } else {
    AppendText(value->name(), out);
  }
}

void AppendFields(const Message& message, const char* separator, std::string& out);

void AppendMessage(const Message& message, std::string& out) {
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    AppendText(TimeUtil::ToString(*time), out);
  } else if (const auto* span = dynamic_cast<const google::protobuf::Duration*>(&message)) {
    AppendText(TimeUtil::ToString(*span), out);
  } else {
    out += '{';
    AppendFields(message, "", out);
    out += '}';
  }
}

// A value, and how it is read from a field that is single or the `index`-th of a list.
#define MURPHY_READ(Type)                                         \
  (index < 0 ? message.GetReflection()->Get##Type(message, field) \
             : message.GetReflection()->GetRepeated##Type(message, field, index))

void AppendValue(const Message& message, const FieldDescriptor* field, int index,
                 std::string& out) {
  std::string scratch;
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      AppendText(index < 0 ? reflection.GetStringReference(message, field, &scratch)
                           : reflection.GetRepeatedStringReference(message, field, index, &scratch),
                 out);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      AppendQuoted(MURPHY_READ(Int64), out);
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      AppendQuoted(MURPHY_READ(UInt64), out);
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      AppendNumber(MURPHY_READ(Int32), out);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      AppendNumber(MURPHY_READ(UInt32), out);
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      out += MURPHY_READ(Bool) ? "true" : "false";
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendDouble(MURPHY_READ(Double), out);
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
      AppendDouble(MURPHY_READ(Float), out);
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      AppendEnumerator(*field->enum_type(), MURPHY_READ(EnumValue), out);
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      AppendMessage(MURPHY_READ(Message), out);
      return;
  }
}

void AppendMap(const Message& message, const FieldDescriptor* field, std::string& out) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* key = field->message_type()->map_key();
  const bool quoted = key->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
                      key->cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ||
                      key->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  out += '{';
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, field, i);
    if (i > 0) out += ',';
    if (quoted) out += '"';
    AppendValue(entry, key, -1, out);
    out += quoted ? "\":" : ":";
    AppendValue(entry, field->message_type()->map_value(), -1, out);
  }
  out += '}';
}

void AppendList(const Message& message, const FieldDescriptor* field, std::string& out) {
  const int size = message.GetReflection()->FieldSize(message, field);
  out += '[';
  for (int i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    AppendValue(message, field, i, out);
  }
  out += ']';
}

void AppendFields(const Message& message, const char* separator, std::string& out) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->has_presence() && !message.GetReflection()->HasField(message, field)) continue;
    out += separator;
    separator = ",";
    AppendText(field->name(), out);
    out += ':';
    if (field->is_map()) {
      AppendMap(message, field, out);
    } else if (field->is_repeated()) {
      AppendList(message, field, out);
    } else {
      AppendValue(message, field, -1, out);
    }
  }
}

#undef MURPHY_READ

}  // namespace

void AppendLine(std::string_view schema, const Message& message, std::string& out) {
  out += "{\"schema\":";
  AppendText(schema, out);
  AppendFields(message, ",", out);
  out += "}\n";
}

void AppendLine(std::string_view schema, std::string_view key, const Message& message,
                std::string& out) {
  out += "{\"schema\":";
  AppendText(schema, out);
  out += ',';
  AppendText(key, out);
  out += ':';
  AppendMessage(message, out);
  out += "}\n";
}

}  // namespace murphy::cli
