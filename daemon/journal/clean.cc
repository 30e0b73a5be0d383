// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/clean.h"

#include <google/protobuf/descriptor.h>

#include <map>
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

const Texts& TextsOf(const Descriptor* type) {
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
  return known->at(type);
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

void EscapeOwn(const Reflection& reflection, const FieldDescriptor* field, Message& message) {
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection.GetStringReference(message, field, &scratch);
    if (!IsUtf8(text)) reflection.SetString(&message, field, Escaped(text));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const std::string& text = reflection.GetRepeatedStringReference(message, field, i, &scratch);
    if (!IsUtf8(text)) reflection.SetRepeatedString(&message, field, i, Escaped(text));
  }
}

void EscapeAll(const Texts& texts, Message& message) {
  const Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : texts.own) EscapeOwn(reflection, field, message);
  for (const auto& [field, below] : texts.below) {
    if (!field->is_repeated()) {
      if (reflection.HasField(message, field))
        EscapeAll(*below, *reflection.MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i)
      EscapeAll(*below, *reflection.MutableRepeatedMessage(&message, field, i));
  }
}

}  // namespace

void Escape(Message& record) { EscapeAll(TextsOf(record.GetDescriptor()), record); }

void Clean(v1::Event& event) {
  Escape(event);
  RedactEvent(event);
}

}  // namespace murphy::journal
