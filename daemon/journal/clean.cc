// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/clean.h"

#include <google/protobuf/descriptor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "daemon/journal/redact.h"
#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/safety_service.pb.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::journal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Where a type of message has texts. Walks of the same types go on all the time, and asking the
// descriptors each time costs more than looking at the texts.
struct Texts {
  std::vector<const FieldDescriptor*> own;
  // Fields whose messages have some.
  std::vector<std::pair<const FieldDescriptor*, const Texts*>> below;
};

// Types refer to each other, so that each is entered before its fields are looked at.
const Texts* Enter(const Descriptor* type, std::map<const Descriptor*, Texts>& known) {
  const auto [at, fresh] = known.try_emplace(type);
  Texts& texts = at->second;
  if (!fresh) return &texts;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->type() == FieldDescriptor::TYPE_STRING) texts.own.push_back(field);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->message_type()->file()->package() == "google.protobuf") continue;
    texts.below.emplace_back(field, Enter(field->message_type(), known));
  }
  return &texts;
}

// Forgets fields of types without any text, until there is none.
void Prune(std::map<const Descriptor*, Texts>& known) {
  size_t forgotten = 1;
  while (forgotten > 0) {
    forgotten = 0;
    for (auto& [type, texts] : known) {
      forgotten += std::erase_if(texts.below, [](const auto& field) {
        return field.second->own.empty() && field.second->below.empty();
      });
    }
  }
}

// Of the records of the journal, which are many.
const std::map<const Descriptor*, Texts>& RecordTexts() {
  static const auto* const known = [] {
    auto* all = new std::map<const Descriptor*, Texts>;
    for (const Descriptor* root :
         {v1::Event::descriptor(), v1::Experiment::descriptor(), v1::HaltState::descriptor(),
          v1::ScheduleStatus::descriptor(), v1::ScheduleStart::descriptor()}) {
      Enter(root, *all);
    }
    Prune(*all);
    return all;
  }();
  return *known;
}

// Calls `act` with where a type of message has texts.
template <typename Act>
void WithTextsOf(const Descriptor* type, Act act) {
  const auto& known = RecordTexts();
  if (const auto found = known.find(type); found != known.end()) return act(found->second);
  std::map<const Descriptor*, Texts> own;
  Enter(type, own);
  Prune(own);
  act(own.at(type));
}

// The check that protobuf makes when it reads.
bool IsUtf8(const std::string& text) {
  return google::protobuf::internal::IsStructurallyValidUTF8(text);
}

std::string Escaped(const std::string& text) {
  std::string clean;
  google::protobuf::StringPiece rest = text;
  while (true) {
    const auto valid =
        static_cast<size_t>(google::protobuf::internal::UTF8SpnStructurallyValid(rest));
    clean.append(rest.data(), valid);
    if (valid == rest.size()) return clean;
    clean += absl::StrFormat("\\x%02x", static_cast<unsigned char>(rest[valid]));
    rest.remove_prefix(valid + 1);
  }
}

// What a text becomes; nothing where it stays as it is, as most do.
using Change = std::optional<std::string> (*)(const FieldDescriptor* field,
                                              const std::string& text);

std::optional<std::string> EscapeText(const FieldDescriptor*, const std::string& text) {
  if (IsUtf8(text)) return std::nullopt;
  return Escaped(text);
}

// What is read again as a scenario is kept as it was written: who takes it in refuses secrets.
bool IsProgram(const FieldDescriptor* field) {
  return field->containing_type() == v1::Schedule::descriptor() &&
         (field->name() == "scenario" || field->name() == "faults");
}

// What a probe asks, by whoever has the variables that it names.
bool IsQuestion(const Descriptor& type) {
  return type.file() == v1::Probe::descriptor()->file() && &type != v1::ProbeResult::descriptor();
}

std::optional<std::string> CleanText(const FieldDescriptor* field, const std::string& text) {
  std::optional<std::string> escaped = EscapeText(field, text);
  if (IsProgram(field)) return escaped;
  const bool path =
      field->containing_type() == v1::Exchange::descriptor() && field->name() == "path";
  const std::string& readable = escaped.has_value() ? *escaped : text;
  std::optional<std::string> redacted = path ? RedactedPath(readable)
                                        : IsQuestion(*field->containing_type())
                                            ? RedactedQuestion(readable)
                                            : Redacted(readable);
  return redacted.has_value() ? redacted : escaped;
}

void ChangeOwn(const Reflection& reflection, const FieldDescriptor* field, Message& message,
               Change change) {
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection.GetStringReference(message, field, &scratch);
    if (text.empty()) return;
    if (auto changed = change(field, text))
      reflection.SetString(&message, field, *std::move(changed));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const std::string& text = reflection.GetRepeatedStringReference(message, field, i, &scratch);
    if (auto changed = change(field, text))
      reflection.SetRepeatedString(&message, field, i, *std::move(changed));
  }
}

// The value of a secret's name, in a map of names and values.
void CleanPair(const Texts& texts, Message& pair) {
  const Reflection& reflection = *pair.GetReflection();
  const Descriptor& type = *pair.GetDescriptor();
  const bool named = texts.own.size() == 2 &&
                     NamesSecret(reflection.GetString(pair, type.map_key()));
  const bool elsewhere =
      named && IsQuestion(type) && IsVariable(reflection.GetString(pair, type.map_value()));
  if (named && !elsewhere) reflection.SetString(&pair, type.map_value(), "[redacted]");
}

void ChangeAll(const Texts& texts, Message& message, Change change) {
  const Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : texts.own) ChangeOwn(reflection, field, message, change);
  for (const auto& [field, below] : texts.below) {
    if (!field->is_repeated()) {
      if (reflection.HasField(message, field))
        ChangeAll(*below, *reflection.MutableMessage(&message, field), change);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Message& inner = *reflection.MutableRepeatedMessage(&message, field, i);
      if (field->is_map() && change == CleanText) CleanPair(*below, inner);
      ChangeAll(*below, inner, change);
    }
  }
}

}  // namespace

void Escape(Message& record) {
  WithTextsOf(record.GetDescriptor(),
              [&](const Texts& texts) { ChangeAll(texts, record, EscapeText); });
}

void Clean(Message& record) {
  WithTextsOf(record.GetDescriptor(),
              [&](const Texts& texts) { ChangeAll(texts, record, CleanText); });
}

}  // namespace murphy::journal
