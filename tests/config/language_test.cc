// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/language.h"

#include <gtest/gtest.h>

#include <set>

#include "murphy/v1/config.pb.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Keys of a rule that are its own, and those of its trigger.
std::set<std::string> RuleKeys() {
  std::set<std::string> keys;
  for (const std::string& key : KeysOf(v1::Rule::descriptor())) {
    if (FindKey(v1::Rule::descriptor(), key)->flattened == nullptr) keys.insert(key);
  }
  return keys;
}

TEST(Language, KeysOfRulesTriggersAndFaultsAreDisjoint) {
  std::set<std::string> taken = RuleKeys();
  for (const std::string& key : KeysOf(v1::Trigger::descriptor())) {
    EXPECT_TRUE(taken.insert(key).second) << key;
  }
  for (int i = 0; i < v1::Fault::descriptor()->field_count(); ++i) {
    const FieldDescriptor* fault = v1::Fault::descriptor()->field(i);
    EXPECT_FALSE(taken.contains(fault->name())) << fault->name();
    for (const std::string& key : KeysOf(fault->message_type())) {
      EXPECT_FALSE(taken.contains(key)) << fault->name() << "." << key;
    }
  }
}

// Every message that can be written in a file.
void Collect(const Descriptor* message, std::set<const Descriptor*>& found) {
  if (!found.insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDuration(field)) {
      Collect(field->message_type(), found);
    }
  }
}

TEST(Language, EveryScalarKnowsWhetherItIsThere) {
  std::set<const Descriptor*> messages;
  Collect(v1::Scenario::descriptor(), messages);
  Collect(v1::DaemonConfig::descriptor(), messages);
  for (const Descriptor* message : messages) {
    if (message->options().map_entry()) continue;
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor* field = message->field(i);
      EXPECT_TRUE(field->is_repeated() || field->has_presence()) << field->full_name();
    }
  }
}

TEST(Language, EnumeratorsAreNamedWithoutTheirPrefix) {
  EXPECT_EQ(NamesOf(v1::TargetRole_descriptor()),
            (std::vector<std::string>{"side_effect", "read", "verify", "escalation"}));
  EXPECT_EQ(FindName(v1::TargetRole_descriptor(), "read")->number(), v1::TARGET_ROLE_READ);
  EXPECT_EQ(FindName(v1::TargetRole_descriptor(), "unspecified"), nullptr);
  EXPECT_EQ(FindName(v1::TargetRole_descriptor(), "READ"), nullptr);
}

TEST(Language, AFlattenedFieldLendsItsKeys) {
  const std::optional<Key> key = FindKey(v1::Rule::descriptor(), "latency");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->field->full_name(), "murphy.v1.Fault.latency");
  EXPECT_EQ(key->flattened->full_name(), "murphy.v1.Rule.fault");
  EXPECT_FALSE(FindKey(v1::Rule::descriptor(), "fault").has_value());
}

}  // namespace
}  // namespace murphy::config
