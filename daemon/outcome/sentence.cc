// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/sentence.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Quoted(const std::string& text) {
  return fmt::format("\"{}\"", absl::Utf8SafeCEscape(text));
}

// `"exponential"`
std::string Word(const google::protobuf::EnumValueDescriptor* value) {
  const std::string& unspecified = value->type()->value(0)->name();
  const size_t prefix = unspecified.size() - std::string_view("UNSPECIFIED").size();
  return Quoted(absl::AsciiStrToLower(value->name().substr(prefix)));
}

std::string Value(const Message& message, const FieldDescriptor* field) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  if (field->is_repeated()) {
    std::vector<std::string> values;
    for (int i = 0; i < reflection->FieldSize(message, field); ++i)
      values.push_back(field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM
                           ? Word(reflection->GetRepeatedEnum(message, field, i))
                           : Quoted(reflection->GetRepeatedString(message, field, i)));
    return fmt::format("[{}]", fmt::join(values, ", "));
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return Quoted(reflection->GetString(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return fmt::format("{}", reflection->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return fmt::format("{}", reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return fmt::format("{:g}", reflection->GetDouble(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return Word(reflection->GetEnum(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      google::protobuf::Duration duration;
      duration.CopyFrom(reflection->GetMessage(message, field));
      return fmt::format("\"{}\"", Seconds(duration));
    }
    default:  // of protobuf's enumeration: expectations have no other fields
      return "…";
  }
}

std::string Table(std::string_view key, const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::string text;
  for (const FieldDescriptor* field : fields) {
    text +=
        fmt::format("{} {} = {}", text.empty() ? "" : ",", field->name(), Value(message, field));
  }
  return fmt::format("{} = {{{}{}}}", key, text, text.empty() ? "" : " ");
}

std::string_view TaskText(v1::TaskState state) {
  switch (state) {
    case v1::TASK_STATE_CORRECT:
      return "the task is correct";
    case v1::TASK_STATE_PARTIAL:
      return "the task is done in part";
    case v1::TASK_STATE_WRONG:
      return "the task is wrong";
    case v1::TASK_STATE_NONE:
      return "the task has no result";
    case v1::TASK_STATE_UNSPECIFIED:
    case v1::TaskState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::TaskState_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "nobody reported how the task went";
}

}  // namespace

std::string Counted(uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string Percent(double rate) { return fmt::format("{:.1f} %", 100 * rate); }

std::string Seconds(absl::Duration duration) {
  const absl::Duration rounded = absl::Trunc(duration, absl::Milliseconds(1));
  return rounded == absl::ZeroDuration() ? "0s" : absl::FormatDuration(rounded);
}

std::string Seconds(const google::protobuf::Duration& duration) {
  return Seconds(FromProto(duration));
}

std::string Exchanges(const std::vector<uint64_t>& sequences) {
  constexpr size_t kMostNamed = 8;
  std::string text = sequences.size() == 1 ? "exchange" : "exchanges";
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (i == kMostNamed) return text + " and more";
    const bool last = i + 1 == sequences.size();
    text += fmt::format("{} {}", i == 0 ? "" : last ? " and" : ",", sequences[i]);
  }
  return text;
}

std::string AsWritten(const v1::Expect& expect) {
  const FieldDescriptor* kind = expect.GetReflection()->GetOneofFieldDescriptor(
      expect, v1::Expect::descriptor()->oneof_decl(0));
  if (kind == nullptr) return "";
  return Table(kind->name(), expect.GetReflection()->GetMessage(expect, kind));
}

std::string AsWritten(const v1::Probe& probe) {
  v1::Probe said;
  said.set_name(probe.name());
  if (probe.has_equals()) said.set_equals(probe.equals());
  if (probe.has_matches()) said.set_matches(probe.matches());
  if (probe.has_at_least()) said.set_at_least(probe.at_least());
  if (probe.has_at_most()) said.set_at_most(probe.at_most());
  return Table("probe", said);
}

std::string Contradiction(const Evidence& evidence) {
  if (!evidence.report) return "";
  const v1::Report& report = *evidence.report;
  const v1::TaskState said = report.agent_task();
  if (report.reporter() == v1::REPORTER_AGENT && said != v1::TASK_STATE_UNSPECIFIED)
    return fmt::format("the agent says of itself that {}, and what was seen speaks against it",
                       TaskText(said));
  if (report.reporter() != v1::REPORTER_CHECKER) return "";
  if (said != v1::TASK_STATE_UNSPECIFIED && said != report.task()) {
    return fmt::format("the agent says of itself that {}, and the checker that {}", TaskText(said),
                       TaskText(report.task()));
  }
  if (report.task() == v1::TASK_STATE_CORRECT && evidence.exit_code.value_or(0) != 0) {
    return fmt::format("the agent ended with exit code {}, and the checker finds the task correct",
                       *evidence.exit_code);
  }
  return "";
}

std::string HowItEnded(const Evidence& evidence) {
  const v1::Report report = evidence.report.value_or(v1::Report());
  std::string text(TaskText(report.task()));
  if (report.escalated()) text += ", it was handed over";
  if (report.disclosed()) text += ", what is missing was admitted";
  if (evidence.exit_code) text += fmt::format(", exit code {}", *evidence.exit_code);
  if (const std::string against = Contradiction(evidence); !against.empty())
    text += fmt::format("; {}", against);
  return text;
}

}  // namespace murphy::outcome
