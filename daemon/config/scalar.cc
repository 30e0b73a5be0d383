// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/scalar.h"

#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "daemon/config/language.h"
#include "fmt/format.h"
#include "google/protobuf/duration.pb.h"
#include "proto/time.h"

namespace murphy::config {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

// Longest duration of google.protobuf.Duration: 10,000 years.
constexpr absl::Duration kLongest = absl::Seconds(315'576'000'000);

std::string Number(double number) { return fmt::format("{}", number); }

struct Range {
  double min;
  double max;
};

Range RangeOf(const FieldDescriptor* field) {
  const v1::FieldInfo& info = InfoOf(field);
  if (info.bounded()) return {info.min(), info.max()};
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {0, std::numeric_limits<uint32_t>::max()};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {0, std::numeric_limits<double>::infinity()};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return {0, absl::ToDoubleSeconds(kLongest)};
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_STRING:
      break;
  }
  return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
}

std::string RangeText(const FieldDescriptor* field) {
  const Range range = RangeOf(field);
  const auto bound = [field](double value) {
    if (!IsDuration(field)) return Number(value);
    return value == 0 ? "0s" : absl::FormatDuration(absl::Seconds(value));
  };
  const bool unbounded_above =
      std::isinf(range.max) || (IsDuration(field) && !InfoOf(field).bounded());
  if (std::isinf(range.min)) return "";
  if (unbounded_above) return fmt::format(" of {} or more", bound(range.min));
  return fmt::format(" from {} to {}", bound(range.min), bound(range.max));
}

std::string Expected(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return fmt::format("one of {}", Quoted(NamesOf(field->enum_type())));
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_STRING:
      return TypeName(field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return fmt::format("a number{}", RangeText(field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fmt::format("a duration{}", RangeText(field));
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return fmt::format("an integer{}", RangeText(field));
  }
  return "";
}

std::string Refusal(const Value& value, const FieldDescriptor* field, std::string_view hint = "") {
  return fmt::format(" must be {}, not {}{}", Expected(field), Shown(value), hint);
}

// Sets a field, or adds to a repeated one.
template <typename Set, typename Add, typename Scalar>
void Put(Set set, Add add, const FieldDescriptor* field, Message& message, const Scalar& scalar) {
  const Reflection* reflection = message.GetReflection();
  (reflection->*(field->is_repeated() ? add : set))(&message, field, scalar);
}

std::string ReadInteger(const Value& value, const FieldDescriptor* field, Message& message) {
  const Range range = RangeOf(field);
  if (value.kind != Value::Kind::kInteger || static_cast<double>(value.integer) < range.min ||
      static_cast<double>(value.integer) > range.max) {
    return Refusal(value, field);
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      Put(&Reflection::SetInt32, &Reflection::AddInt32, field, message,
          static_cast<int32_t>(value.integer));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      Put(&Reflection::SetUInt32, &Reflection::AddUInt32, field, message,
          static_cast<uint32_t>(value.integer));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      Put(&Reflection::SetUInt64, &Reflection::AddUInt64, field, message,
          static_cast<uint64_t>(value.integer));
      break;
    default:  // of protobuf's enumeration; the caller has sorted out the others
      Put(&Reflection::SetInt64, &Reflection::AddInt64, field, message, value.integer);
  }
  return "";
}

std::string ReadNumber(const Value& value, const FieldDescriptor* field, Message& message) {
  double number = value.number;
  if (value.kind == Value::Kind::kInteger) {
    number = static_cast<double>(value.integer);
  } else if (value.kind != Value::Kind::kNumber) {
    return Refusal(value, field);
  }
  const Range range = RangeOf(field);
  if (!std::isfinite(number) || number < range.min || number > range.max)
    return Refusal(value, field);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT) {
    Put(&Reflection::SetFloat, &Reflection::AddFloat, field, message, static_cast<float>(number));
  } else {
    Put(&Reflection::SetDouble, &Reflection::AddDouble, field, message, number);
  }
  return "";
}

std::string ReadDuration(const Value& value, const FieldDescriptor* field, Message& message) {
  constexpr std::string_view kForm = ": write it as \"250ms\", \"2s\" or \"1m30s\"";
  if (value.kind == Value::Kind::kInteger || value.kind == Value::Kind::kNumber) {
    return Refusal(value, field, fmt::format(": add a unit, as in \"{}s\"", Shown(value)));
  }
  absl::Duration duration;
  if (value.kind != Value::Kind::kText || !absl::ParseDuration(value.text, &duration)) {
    return Refusal(value, field, kForm);
  }
  const Range range = RangeOf(field);
  if (duration > kLongest || duration < absl::Seconds(range.min) ||
      duration > absl::Seconds(range.max)) {
    return Refusal(value, field);
  }
  Message* target = field->is_repeated() ? message.GetReflection()->AddMessage(&message, field)
                                         : message.GetReflection()->MutableMessage(&message, field);
  target->CopyFrom(ToProto(duration));
  return "";
}

std::string ReadEnum(const Value& value, const FieldDescriptor* field, Message& message) {
  const EnumValueDescriptor* enumerator =
      value.kind == Value::Kind::kText ? FindName(field->enum_type(), value.text) : nullptr;
  if (enumerator == nullptr) {
    return Refusal(value, field, Suggestion(value.text, NamesOf(field->enum_type())));
  }
  Put(&Reflection::SetEnum, &Reflection::AddEnum, field, message, enumerator);
  return "";
}

std::string ReadText(const Value& value, const FieldDescriptor* field, Message& message) {
  if (value.kind != Value::Kind::kText && !value.bare) {
    const bool quotable = value.kind == Value::Kind::kBool || value.kind == Value::Kind::kInteger ||
                          value.kind == Value::Kind::kNumber;
    return quotable ? Refusal(value, field, fmt::format(": write it as \"{}\"", Shown(value)))
                    : Refusal(value, field);
  }
  Put(&Reflection::SetString, &Reflection::AddString, field, message, value.text);
  return "";
}

std::string ReadBool(const Value& value, const FieldDescriptor* field, Message& message) {
  if (value.kind != Value::Kind::kBool) return Refusal(value, field);
  Put(&Reflection::SetBool, &Reflection::AddBool, field, message, value.boolean);
  return "";
}

}  // namespace

namespace {

std::string ShownAlone(const Value& value) {
  constexpr size_t kLongestShown = 60;
  switch (value.kind) {
    case Value::Kind::kBool:
      return value.boolean ? "true" : "false";
    case Value::Kind::kInteger:
      return fmt::format("{}", value.integer);
    case Value::Kind::kNumber:
      return Number(value.number);
    case Value::Kind::kText: {
      const std::string text = absl::Utf8SafeCEscape(value.text);
      if (text.size() <= kLongestShown) return fmt::format("\"{}\"", text);
      return fmt::format("a text of {} bytes", value.text.size());
    }
    case Value::Kind::kList:
      return "a list";
    case Value::Kind::kTable:
      return "a table";
    case Value::Kind::kDate:
      return "a date or time";
  }
  return "";
}

}  // namespace

std::string Shown(const Value& value) {
  const std::string shown = ShownAlone(value);
  if (value.parameter.empty()) return shown;
  return fmt::format("{} (by the parameter `{}`)", shown, value.parameter);
}

std::string ReadScalar(const Value& value, const FieldDescriptor* field, Message& message) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return ReadBool(value, field, message);
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return ReadNumber(value, field, message);
    case FieldDescriptor::CPPTYPE_STRING:
      return ReadText(value, field, message);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadEnum(value, field, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ReadDuration(value, field, message);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return ReadInteger(value, field, message);
  }
  return "";
}

}  // namespace murphy::config
