// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The number in a field, or nothing: times in seconds.
std::optional<double> NumberIn(const Message& message, const FieldDescriptor* field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field->has_presence() && !reflection.HasField(message, field)) return std::nullopt;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection.GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      google::protobuf::Duration duration;
      if (field->message_type() != duration.GetDescriptor()) return std::nullopt;
      duration.CopyFrom(reflection.GetMessage(message, field));
      return absl::ToDoubleSeconds(FromProto(duration));
    }
    default:  // of protobuf's enumeration: it is no number
      return std::nullopt;
  }
}

// The figure of a dotted name. Nullopt: it is not known of this run.
std::optional<double> Find(const Message& message, std::string_view name) {
  const size_t dot = name.find('.');
  const std::string key(name.substr(0, dot));
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(key);
  if (field == nullptr || field->is_repeated()) return std::nullopt;
  if (dot == std::string_view::npos) return NumberIn(message, field);
  if (field->message_type() == nullptr || !message.GetReflection()->HasField(message, field))
    return std::nullopt;
  return Find(message.GetReflection()->GetMessage(message, field), name.substr(dot + 1));
}

// From the first call to the end of the last.
double TimeOf(const History& history) {
  absl::Time begin = absl::InfiniteFuture();
  absl::Time end = absl::InfinitePast();
  for (const size_t position : history.all()) {
    begin = std::min(begin, BeginOf(history.at(position)));
    end = std::max(end, EndOf(history.at(position)));
  }
  return history.all().empty() ? 0 : absl::ToDoubleSeconds(end - begin);
}

bool IsMoney(std::string_view name) { return name == "cost" || name == "recovery_cost"; }

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::Outcome& outcome,
                       const v1::FigureExpect& expect) {
  const v1::Usage& usage = outcome.usage();
  const std::optional<double> value =
      expect.name() == "tokens"
          ? std::optional(static_cast<double>(usage.input_tokens() + usage.output_tokens()))
      : expect.name() == "time" ? std::optional(TimeOf(history))
                                : Find(outcome, expect.name());
  if (!value) return Unjudged(fmt::format("`{}` is not known of this run", expect.name()));
  const bool guessed = usage.estimated() && absl::StrContains(expect.name(), "tokens");
  const std::string seen =
      fmt::format("{} is {:g}{}", expect.name(), *value, guessed ? ", partly estimated" : "");
  if (expect.has_at_most() && *value > expect.at_most())
    return Violated(fmt::format("{}; at most {:g} is expected", seen, expect.at_most()));
  // What has no price is not in it: it can only be more.
  const bool partial = IsMoney(expect.name()) && !outcome.unpriced_models().empty();
  if (partial) {
    return Unjudged(fmt::format("{} without {}, of which no price is known", seen,
                                fmt::join(outcome.unpriced_models(), ", ")),
                    "its price in the daemon's configuration (`[price]`)");
  }
  if (expect.has_at_least() && *value < expect.at_least())
    return Violated(fmt::format("{}; at least {:g} is expected", seen, expect.at_least()));
  return Held(seen);
}

}  // namespace murphy::outcome
