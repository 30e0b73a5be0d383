// SPDX-License-Identifier: Apache-2.0
// Whatever bytes arrive in whatever text of a record, it can be written, read, and shown as JSON.
#include "daemon/journal/clean.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/safety_service.pb.h"
#include "murphy/v1/schedule_service.pb.h"
#include "tests/journal/temporary_journal.h"

namespace murphy::journal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string RandomBytes(std::mt19937& random) {
  std::string bytes(std::uniform_int_distribution<size_t>(0, 12)(random), '\0');
  // Whole and broken sequences, and much that is plain.
  for (char& byte : bytes)
    byte = static_cast<char>(random() % 2 == 0 ? 'a' + random() % 26 : random() % 256);
  return bytes;
}

// Gives every text of a message random bytes, down to a depth: types may hold themselves.
void Fill(Message& message, std::mt19937& random, int depth) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    if (text && field->is_repeated()) {
      reflection.AddString(&message, field, RandomBytes(random));
    } else if (text) {
      reflection.SetString(&message, field, RandomBytes(random));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth > 0) {
      Fill(field->is_repeated() ? *reflection.AddMessage(&message, field)
                                : *reflection.MutableMessage(&message, field),
           random, depth - 1);
    }
  }
}

void ExpectReadable(const Message& record) {
  const std::string bytes = record.SerializeAsString();
  const std::unique_ptr<Message> again(record.New());
  ASSERT_TRUE(again->ParseFromString(bytes)) << record.ShortDebugString();
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(*again, &json).ok());
}

TEST(Clean, LeavesAProbeThatNamesItsSecretAsItIs) {
  v1::Experiment experiment;
  auto& headers =
      *experiment.mutable_scenario()->add_probe()->mutable_http()->mutable_headers();
  headers["Authorization"] = "Bearer $TOKEN";
  headers["x-api-key"] = "abc";
  v1::ProbeResult result;
  result.set_answer("token=$TOKEN");
  Clean(experiment);
  Clean(result);
  // Asked for anew: a map that was changed by reflection does not show in an old reference.
  const auto& kept = experiment.scenario().probe(0).http().headers();
  EXPECT_EQ(kept.at("Authorization"), "Bearer $TOKEN");
  EXPECT_EQ(kept.at("x-api-key"), "[redacted]");
  EXPECT_EQ(result.answer(), "token=[redacted]");
}

TEST(Clean, MakesARecordOfAnyBytesReadable) {
  std::mt19937 random(7);
  const Message* const records[] = {&v1::Run::default_instance(),
                                    &v1::Exchange::default_instance(),
                                    &v1::Injection::default_instance(),
                                    &v1::EngineStep::default_instance(),
                                    &v1::Experiment::default_instance(),
                                    &v1::HaltState::default_instance(),
                                    &v1::ScheduleStatus::default_instance(),
                                    &v1::ScheduleStart::default_instance()};
  for (int round = 0; round < 200; ++round) {
    for (const Message* type : records) {
      const std::unique_ptr<Message> record(type->New());
      Fill(*record, random, 4);
      if (record->GetDescriptor() == v1::Exchange::descriptor()) {
        v1::Event event;
        event.mutable_exchange()->CopyFrom(*record);
        Clean(event);
        ExpectReadable(event);
      }
      Escape(*record);
      ExpectReadable(*record);
    }
  }
}

TEST(Clean, WritesBytesThatAreNoTextAsTheirNumbersAndLeavesTheRest) {
  const std::pair<std::string, std::string> cases[] = {
      {"/plain", "/plain"},
      {"/caf\xc3\xa9/\xe2\x82\xac/\xf0\x9f\x98\x80", "/caf\xc3\xa9/\xe2\x82\xac/\xf0\x9f\x98\x80"},
      {"/a\xff", "/a\\xff"},
      {"\xc3", "\\xc3"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xc0\xafz", "\\xc0\\xafz"},
      {"", ""},
  };
  for (const auto& [bytes, text] : cases) {
    v1::Event event;
    event.mutable_exchange()->set_path(bytes);
    Clean(event);
    EXPECT_EQ(event.exchange().path(), text);
  }
}

TEST(Clean, LooksIntoTextsOfRepeatedFieldsAndMaps) {
  v1::Event event;
  event.mutable_exchange()->add_targets("fine");
  event.mutable_exchange()->add_targets("\xfe");
  Clean(event);
  EXPECT_EQ(event.exchange().targets(0), "fine");
  EXPECT_EQ(event.exchange().targets(1), "\\xfe");
  (*event.mutable_run()->mutable_own_routes())["\xfe"] = "\xff";
  Clean(event);
  EXPECT_EQ(event.run().own_routes().at("\\xfe"), "\\xff");
}

class CleanJournal : public TemporaryJournal {};

TEST_F(CleanJournal, ReadsBackWhatAnAgentSentInAnyText) {
  auto journal = OpenJournal();
  std::mt19937 random(11);
  for (uint64_t i = 1; i <= 100; ++i) {
    v1::Event event = ExchangeEvent("a", i);
    Fill(*event.mutable_exchange(), random, 3);
    event.mutable_exchange()->set_run("a");
    ASSERT_TRUE(journal->Append(std::move(event)));
  }
  v1::Experiment experiment;
  Fill(experiment, random, 3);
  experiment.set_id("e");
  // An old one would be removed at any moment.
  experiment.mutable_begin_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
  experiment.mutable_begin_time()->set_nanos(0);
  ASSERT_TRUE(journal->PutExperiment(experiment).ok());
  EXPECT_EQ(journal->Exchanges("a", 0, 1000)->size(), 100u);
  EXPECT_EQ(journal->EventsAfter(0, 1000)->size(), 100u);
  EXPECT_TRUE(journal->FindExperiment("e")->has_value());
  EXPECT_EQ(journal->damage(), "");
}

// Gives every text of a message the same one.
void Plant(Message& message, const std::string& text, int depth) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      if (field->is_repeated()) {
        reflection.AddString(&message, field, text);
      } else {
        reflection.SetString(&message, field, text);
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth > 0) {
      Plant(field->is_repeated() ? *reflection.AddMessage(&message, field)
                                 : *reflection.MutableMessage(&message, field),
            text, depth - 1);
    }
  }
}

TEST(Clean, LeavesNoSecretInAnyTextOfAnyRecord) {
  for (const std::string secret :
       {"token=hunter2hunter2", "sk-proj-hunter2hunter2", "http://hunter2hunter2@host/"}) {
    for (const Message* type : std::initializer_list<const Message*>{
             &v1::Event::default_instance(), &v1::Experiment::default_instance(),
             &v1::HaltState::default_instance(), &v1::ScheduleStatus::default_instance(),
             &v1::ScheduleStart::default_instance(), &v1::GetStatusResponse::default_instance(),
             &v1::CreateExperimentResponse::default_instance()}) {
      const std::unique_ptr<Message> record(type->New());
      Plant(*record, secret, 6);
      Clean(*record);
      if (auto* status = dynamic_cast<v1::ScheduleStatus*>(record.get())) {
        // Kept as they were written: schedules that hold secrets are refused.
        status->mutable_schedule()->clear_scenario();
        status->mutable_schedule()->clear_faults();
      }
      EXPECT_EQ(record->SerializeAsString().find("hunter2"), std::string::npos)
          << record->ShortDebugString();
    }
  }
}

TEST(Clean, TakesTheValueOfASecretsNameForASecret) {
  v1::Experiment experiment;
  auto& headers = *experiment.mutable_scenario()
                       ->add_rule()
                       ->mutable_fault()
                       ->mutable_edit_headers()
                       ->mutable_set();
  headers["X-Api-Key"] = "plain";
  headers["x-ratelimit-remaining-tokens"] = "0";
  Clean(experiment);
  const auto& cleaned = experiment.scenario().rule(0).fault().edit_headers().set();
  EXPECT_EQ(cleaned.at("X-Api-Key"), "[redacted]");
  EXPECT_EQ(cleaned.at("x-ratelimit-remaining-tokens"), "0");
}

}  // namespace
}  // namespace murphy::journal
