// SPDX-License-Identifier: Apache-2.0
#include "daemon/operations/inline_text.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "daemon/config/language.h"
#include "daemon/operations/moments.h"
#include "faults/catalog.h"
#include "faults/message/json_edit.h"

namespace murphy::operations {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Text needs quotes unless it is a bare word.
std::string TextValue(const std::string& text) {
  bool bare = !text.empty() && absl::ascii_isalpha(text[0]);
  for (const char c : text)
    bare = bare && (absl::ascii_isalnum(c) ||
                    std::string_view("-_.:*?/").find(c) != std::string_view::npos);
  return bare ? text : message::QuoteJson(text);
}

std::string EnumValue(const google::protobuf::EnumValueDescriptor* value) {
  for (const std::string& name : config::NamesOf(value->type())) {
    if (config::FindName(value->type(), name) == value) return name;
  }
  return "unspecified";
}

// One value; `index` -1 for a field that is no list.
std::string Value(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const auto number = [&](auto single, auto repeated) {
    return fmt::to_string(index < 0 ? (reflection.*single)(message, field)
                                    : (reflection.*repeated)(message, field, index));
  };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return number(&Reflection::GetInt32, &Reflection::GetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return number(&Reflection::GetInt64, &Reflection::GetRepeatedInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return number(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return number(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return number(&Reflection::GetDouble, &Reflection::GetRepeatedDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return number(&Reflection::GetFloat, &Reflection::GetRepeatedFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return number(&Reflection::GetBool, &Reflection::GetRepeatedBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumValue(index < 0 ? reflection.GetEnum(message, field)
                                 : reflection.GetRepeatedEnum(message, field, index));
    case FieldDescriptor::CPPTYPE_STRING:
      return TextValue(index < 0 ? reflection.GetString(message, field)
                                 : reflection.GetRepeatedString(message, field, index));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return {};
}

void WriteKeys(const Message& message, const std::string& prefix, std::vector<std::string>& keys);

void WriteField(const Message& message, const FieldDescriptor* field, const std::string& key,
                std::vector<std::string>& keys) {
  const Reflection& reflection = *message.GetReflection();
  if (field->is_map()) {
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, field, i);
      const auto* type = entry.GetDescriptor();
      const std::string name = entry.GetReflection()->GetString(entry, type->map_key());
      keys.push_back(
          fmt::format("{}.{}={}", key, TextValue(name), Value(entry, type->map_value(), -1)));
    }
  } else if (field->is_repeated()) {
    std::string list;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      list += (i == 0 ? "" : ", ") + Value(message, field, i);
    }
    keys.push_back(fmt::format("{}=[{}]", key, list));
  } else if (config::IsDuration(field)) {
    const auto& duration =
        static_cast<const google::protobuf::Duration&>(reflection.GetMessage(message, field));
    keys.push_back(fmt::format("{}={}", key, absl::FormatDuration(FromProto(duration))));
  } else if (field->message_type() != nullptr) {
    WriteKeys(reflection.GetMessage(message, field), key + ".", keys);
  } else {
    keys.push_back(fmt::format("{}={}", key, Value(message, field, -1)));
  }
}

void WriteKeys(const Message& message, const std::string& prefix, std::vector<std::string>& keys) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields)
    WriteField(message, field, prefix + field->name(), keys);
}

}  // namespace

std::string InlineText(const v1::Rule& rule) {
  std::vector<std::string> keys;
  // The keys of rule, trigger and fault are one set (the language keeps them disjoint).
  v1::Rule bare = rule;
  bare.clear_id();
  bare.clear_when();
  bare.clear_fault();
  WriteKeys(bare, "", keys);
  WriteKeys(rule.when(), "", keys);
  std::vector<const FieldDescriptor*> kind;
  rule.fault().GetReflection()->ListFields(rule.fault(), &kind);
  for (const FieldDescriptor* field : kind) {
    WriteKeys(rule.fault().GetReflection()->GetMessage(rule.fault(), field), "", keys);
  }
  std::string text(FaultName(rule.fault()));
  for (const std::string& key : keys) text += "," + key;
  return text;
}

}  // namespace murphy::operations
