// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "murphy/v1/options.pb.h"

namespace murphy::config {

// The language of scenario files, as the descriptors have it: nothing is listed here.

// Metadata of a field.
const v1::FieldInfo& InfoOf(const google::protobuf::FieldDescriptor* field);

// How a field is written as a key.
const std::string& KeyOf(const google::protobuf::FieldDescriptor* field);

// A key that a table accepts: the field, and the flattened field of the table's message that it
// belongs to, if any.
struct Key {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const google::protobuf::FieldDescriptor* flattened = nullptr;
};

// The field that a key means, or nullopt.
std::optional<Key> FindKey(const google::protobuf::Descriptor* message, std::string_view name);

// Every key that a table accepts, in the order of the descriptor.
std::vector<std::string> KeysOf(const google::protobuf::Descriptor* message);

// Enumerators as users write them: lower case, without the prefix. The unspecified one is not among
// them.
std::vector<std::string> NamesOf(const google::protobuf::EnumDescriptor* enumeration);

// The enumerator of a name, or null.
const google::protobuf::EnumValueDescriptor* FindName(
    const google::protobuf::EnumDescriptor* enumeration, std::string_view name);

bool IsDuration(const google::protobuf::FieldDescriptor* field);

// The type of a field (of one entry, for lists), as a user would say it: `duration`, `integer`,
// `one of a, b, c`.
std::string TypeName(const google::protobuf::FieldDescriptor* field);

// `a, b, c`, each in backquotes.
std::string Quoted(const std::vector<std::string>& names);

// `; did you mean X?`, or nothing.
std::string Suggestion(std::string_view wrong, const std::vector<std::string>& accepted);

}  // namespace murphy::config
