// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/language.h"

#include "absl/strings/ascii.h"
#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::config {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

namespace {

// `ERROR_KIND_OVERLOADED` of `ErrorKind` is `overloaded`: the prefix is that of the unspecified
// enumerator.
std::string ShortName(const EnumValueDescriptor* value) {
  const std::string& zero = value->type()->value(0)->name();
  const size_t prefix = zero.size() - std::string_view("UNSPECIFIED").size();
  return absl::AsciiStrToLower(value->name().substr(prefix));
}

std::string ScalarTypeName(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "number";
    case FieldDescriptor::CPPTYPE_STRING:
      return "text";
    case FieldDescriptor::CPPTYPE_ENUM:
      return fmt::format("one of {}", fmt::join(NamesOf(field->enum_type()), ", "));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsDuration(field) ? "duration" : "table";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return "integer";
  }
  return "";
}

}  // namespace

const v1::FieldInfo& InfoOf(const FieldDescriptor* field) {
  return field->options().GetExtension(v1::field_info);
}

const std::string& KeyOf(const FieldDescriptor* field) {
  const std::string& key = InfoOf(field).key();
  return key.empty() ? field->name() : key;
}

std::optional<Key> FindKey(const Descriptor* message, std::string_view name) {
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (InfoOf(field).flatten()) {
      const auto* inner = field->message_type()->FindFieldByName(std::string(name));
      if (inner != nullptr) return Key{inner, field};
    } else if (KeyOf(field) == name) {
      return Key{field, nullptr};
    }
  }
  return std::nullopt;
}

std::vector<std::string> KeysOf(const Descriptor* message) {
  std::vector<std::string> keys;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (InfoOf(field).flatten()) {
      const Descriptor* inner = field->message_type();
      for (int j = 0; j < inner->field_count(); ++j) keys.push_back(inner->field(j)->name());
    } else {
      keys.push_back(KeyOf(field));
    }
  }
  return keys;
}

std::vector<std::string> NamesOf(const EnumDescriptor* enumeration) {
  std::vector<std::string> names;
  for (int i = 1; i < enumeration->value_count(); ++i) {
    names.push_back(ShortName(enumeration->value(i)));
  }
  return names;
}

const EnumValueDescriptor* FindName(const EnumDescriptor* enumeration, std::string_view name) {
  for (int i = 1; i < enumeration->value_count(); ++i) {
    if (ShortName(enumeration->value(i)) == name) return enumeration->value(i);
  }
  return nullptr;
}

bool IsDuration(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->full_name() == "google.protobuf.Duration";
}

std::string TypeName(const FieldDescriptor* field) {
  if (field->is_map()) {
    const std::string value = ScalarTypeName(field->message_type()->map_value());
    return fmt::format("table of {}{}", value, value == "table" ? "s" : "");
  }
  const std::string one = ScalarTypeName(field);
  if (!field->is_repeated()) return one;
  if (InfoOf(field).single()) return fmt::format("{0} or list of {0}s", one);
  const uint32_t length = InfoOf(field).length();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return fmt::format("list, each {}", one);
  return length > 0 ? fmt::format("list of {} {}s", length, one) : fmt::format("list of {}s", one);
}

std::string Quoted(const std::vector<std::string>& names) {
  return names.empty() ? "" : fmt::format("`{}`", fmt::join(names, "`, `"));
}

std::string Suggestion(std::string_view wrong, const std::vector<std::string>& accepted) {
  const std::string_view nearest = NearestName(wrong, accepted);
  return nearest.empty() ? "" : fmt::format("; did you mean `{}`?", nearest);
}

}  // namespace murphy::config
