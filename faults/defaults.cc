// SPDX-License-Identifier: Apache-2.0
#include "faults/defaults.h"

#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "murphy/v1/options.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

using google::protobuf::Duration;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void Set(Message& message, const FieldDescriptor& field, const std::string& text);

void SetEnum(Message& message, const FieldDescriptor& field, std::string_view text) {
  const EnumDescriptor* type = field.enum_type();
  const std::string& zero = type->FindValueByNumber(0)->name();
  const std::string prefix = zero.substr(0, zero.size() - std::string_view("UNSPECIFIED").size());
  const EnumValueDescriptor* value = type->FindValueByName(
      absl::StrCat(prefix, absl::AsciiStrToUpper({text.data(), text.size()})));
  if (value != nullptr) {
    message.GetReflection()->SetEnum(&message, &field, value);
  }
}

void SetDuration(Message& message, const std::string& text) {
  absl::Duration parsed;
  if (absl::ParseDuration(text, &parsed)) static_cast<Duration&>(message) = ToProto(parsed);
}

// `{ name = value }`, a table of one key.
void SetTable(Message& message, std::string_view text) {
  const size_t equals = text.find('=');
  if (!text.starts_with('{') || !text.ends_with('}') || equals == std::string_view::npos) {
    return;
  }
  const auto trim = [](std::string_view part) {
    return std::string(absl::StripAsciiWhitespace({part.data(), part.size()}));
  };
  const FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByName(trim(text.substr(1, equals - 1)));
  if (field != nullptr) {
    Set(message, *field, trim(text.substr(equals + 1, text.size() - equals - 2)));
  }
}

bool IsDuration(const FieldDescriptor& field) {
  return field.message_type() == Duration::descriptor();
}

// Whether a default is a value. A duration's may be a rule.
bool IsValue(const FieldDescriptor& field, const std::string& text) {
  absl::Duration parsed;
  return !text.empty() && (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
                           !IsDuration(field) || absl::ParseDuration(text, &parsed));
}

void Set(Message& message, const FieldDescriptor& field, const std::string& text) {
  const Reflection& reflection = *message.GetReflection();
  uint64_t number = 0;
  double real = 0;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    SetEnum(message, field, text);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    reflection.SetBool(&message, &field, text == "true");
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection.SetString(&message, &field, text);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE && absl::SimpleAtod(text, &real)) {
    reflection.SetDouble(&message, &field, real);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 &&
             absl::SimpleAtoi(text, &number)) {
    reflection.SetUInt32(&message, &field, static_cast<uint32_t>(number));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64 &&
             absl::SimpleAtoi(text, &number)) {
    reflection.SetUInt64(&message, &field, number);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    Message& inner = *reflection.MutableMessage(&message, &field);
    IsDuration(field) ? SetDuration(inner, text) : SetTable(inner, text);
  }
}

// UNSPECIFIED means the same as absent.
bool Present(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.real_containing_oneof() != nullptr) {
    return reflection.HasOneof(message, field.real_containing_oneof());
  }
  return reflection.HasField(message, &field) &&
         (field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM ||
          reflection.GetEnumValue(message, &field) != 0);
}

}  // namespace

void FillDefaults(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.is_repeated()) {
      continue;
    }
    const std::string& text = field.options().GetExtension(v1::field_info).default_value();
    if (!Present(message, field) && IsValue(field, text)) {
      Set(message, field, text);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
               reflection.HasField(message, &field)) {
      FillDefaults(*reflection.MutableMessage(&message, &field));
    }
  }
}

}  // namespace murphy
