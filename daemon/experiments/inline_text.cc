// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/inline_text.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "daemon/config/language.h"
#include "faults/catalog.h"
#include "faults/message/json_edit.h"
#include "proto/time.h"

namespace murphy::experiments {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Where a value stands: by itself, bare words need no quotes; in a list or table they do.
enum class Among { kNothing, kOthers };

std::string TextValue(const std::string& text, Among among) {
  bool bare = among == Among::kNothing && !text.empty() && absl::ascii_isalpha(text[0]);
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
std::string Value(const Message& message, const FieldDescriptor* field, int index, Among among) {
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
      return TextValue(EnumValue(index < 0 ? reflection.GetEnum(message, field)
                                           : reflection.GetRepeatedEnum(message, field, index)),
                       among);
    case FieldDescriptor::CPPTYPE_STRING:
      return TextValue(index < 0 ? reflection.GetString(message, field)
                                 : reflection.GetRepeatedString(message, field, index),
                       among);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return {};
}

void WriteKeys(const Message& message, const std::string& prefix, Among among,
               std::vector<std::string>& keys);

// One entry of a list.
std::string Item(const Message& message, const FieldDescriptor* field, int index) {
  if (field->message_type() == nullptr) return Value(message, field, index, Among::kOthers);
  std::vector<std::string> keys;
  WriteKeys(message.GetReflection()->GetRepeatedMessage(message, field, index), "", Among::kOthers,
            keys);
  return fmt::format("{{{}}}", fmt::join(keys, ", "));
}

void WriteField(const Message& message, const FieldDescriptor* field, const std::string& key,
                Among among, std::vector<std::string>& keys) {
  const Reflection& reflection = *message.GetReflection();
  if (field->is_map()) {
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, field, i);
      const auto* type = entry.GetDescriptor();
      const std::string name = entry.GetReflection()->GetString(entry, type->map_key());
      keys.push_back(fmt::format("{}.{}={}", key, TextValue(name, Among::kNothing),
                                 Value(entry, type->map_value(), -1, among)));
    }
  } else if (field->is_repeated() && config::InfoOf(field).single() &&
             reflection.FieldSize(message, field) == 1 && field->message_type() == nullptr) {
    keys.push_back(fmt::format("{}={}", key, Value(message, field, 0, among)));
  } else if (field->is_repeated()) {
    std::string list;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      list += (i == 0 ? "" : ", ") + Item(message, field, i);
    }
    keys.push_back(fmt::format("{}=[{}]", key, list));
  } else if (config::IsDuration(field)) {
    const auto& duration =
        static_cast<const google::protobuf::Duration&>(reflection.GetMessage(message, field));
    const std::string text = absl::FormatDuration(FromProto(duration));
    keys.push_back(
        fmt::format("{}={}", key, among == Among::kNothing ? text : message::QuoteJson(text)));
  } else if (field->message_type() != nullptr) {
    const size_t before = keys.size();
    WriteKeys(reflection.GetMessage(message, field), key + ".", among, keys);
    // That it is there says something, as `reset = {}` does.
    if (keys.size() == before) keys.push_back(key + "={}");
  } else {
    keys.push_back(fmt::format("{}={}", key, Value(message, field, -1, among)));
  }
}

void WriteKeys(const Message& message, const std::string& prefix, Among among,
               std::vector<std::string>& keys) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (config::InfoOf(field).flatten()) {
      WriteKeys(message.GetReflection()->GetMessage(message, field), prefix, among, keys);
    } else {
      WriteField(message, field, prefix + config::KeyOf(field), among, keys);
    }
  }
}

}  // namespace

std::string InlineText(const v1::Rule& rule) {
  std::vector<std::string> keys;
  // Several faults stand where the name of one would.
  v1::Rule several;
  *several.mutable_one_of() = rule.one_of();
  *several.mutable_by_attempt() = rule.by_attempt();
  WriteKeys(several, "", Among::kNothing, keys);
  // The keys of rule, trigger and fault are one set (the language keeps them disjoint).
  v1::Rule bare = rule;
  bare.clear_one_of();
  bare.clear_by_attempt();
  bare.clear_id();
  bare.clear_when();
  bare.clear_fault();
  WriteKeys(bare, "", Among::kNothing, keys);
  WriteKeys(rule.when(), "", Among::kNothing, keys);
  std::vector<const FieldDescriptor*> kind;
  rule.fault().GetReflection()->ListFields(rule.fault(), &kind);
  for (const FieldDescriptor* field : kind) {
    WriteKeys(rule.fault().GetReflection()->GetMessage(rule.fault(), field), "", Among::kNothing,
              keys);
  }
  if (rule.has_fault()) keys.insert(keys.begin(), std::string(FaultName(rule.fault())));
  return fmt::format("{}", fmt::join(keys, ","));
}

}  // namespace murphy::experiments
