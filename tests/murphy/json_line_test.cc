// SPDX-License-Identifier: Apache-2.0
// The quick writer says what protobuf's own says, of every kind of field.
#include "tools/murphy/json_line.h"

#include <gtest/gtest.h>

#include <random>

#include "boost/json.hpp"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/schedule_service.pb.h"
#include "tools/murphy/json.h"

namespace murphy::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string RandomText(std::mt19937& random) {
  constexpr std::string_view kPieces[] = {"a",    "/v1",  "\"", "\\",  "\n",
                                          "\x01", "\x7f", "é",  "<&>", "😀"};
  std::string text;
  for (size_t i = random() % 6; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
  return text;
}

void FillField(Message& message, const FieldDescriptor* field, std::mt19937& random, int depth);

void Fill(Message& message, std::mt19937& random, int depth) {
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
    time->set_seconds(random() % 2'000'000'000);
    time->set_nanos(static_cast<int>(random() % 3) * 1'234'567);
  } else if (auto* span = dynamic_cast<google::protobuf::Duration*>(&message)) {
    span->set_seconds(random() % 1000);
    span->set_nanos(static_cast<int>(random() % 3) * 120'000'000);
  } else {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      if (random() % 3 > 0) FillField(message, message.GetDescriptor()->field(i), random, depth);
    }
  }
}

void FillField(Message& message, const FieldDescriptor* field, std::mt19937& random, int depth) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field->is_repeated() ? reflection.AddString(&message, field, RandomText(random))
                                  : reflection.SetString(&message, field, RandomText(random));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth == 0) return;
      return Fill(field->is_repeated() ? *reflection.AddMessage(&message, field)
                                       : *reflection.MutableMessage(&message, field),
                  random, depth - 1);
    case FieldDescriptor::CPPTYPE_UINT64:
      return field->is_repeated() ? reflection.AddUInt64(&message, field, random())
                                  : reflection.SetUInt64(&message, field, random());
    case FieldDescriptor::CPPTYPE_UINT32:
      return field->is_repeated() ? reflection.AddUInt32(&message, field, random())
                                  : reflection.SetUInt32(&message, field, random());
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(&message, field, -static_cast<int64_t>(random()));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.SetDouble(&message, field, static_cast<double>(random()) / 1e6);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&message, field, random() % 2 == 0);
    case FieldDescriptor::CPPTYPE_ENUM:
      if (!field->is_repeated())
        reflection.SetEnumValue(&message, field, static_cast<int>(random() % 9));
      return;
    default:
      return;
  }
}

TEST(AppendLine, SaysWhatProtobufsWriterSays) {
  std::mt19937 random(5);
  const Message* const types[] = {&v1::Exchange::default_instance(),
                                  &v1::Injection::default_instance(), &v1::Run::default_instance(),
                                  &v1::ScheduleStart::default_instance()};
  for (int round = 0; round < 300; ++round) {
    for (const Message* type : types) {
      const std::unique_ptr<Message> message(type->New());
      Fill(*message, random, 3);
      std::string line;
      AppendLine("s/v1", *message, line);
      ASSERT_EQ(boost::json::parse(line), boost::json::parse(Line("s/v1", ToJson(*message))))
          << line;
      EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    }
  }
}

TEST(AppendLine, PutsAMessageUnderItsKey) {
  v1::Run run;
  run.set_id("R");
  std::string line;
  AppendLine("s/v1", "run", run, line);
  EXPECT_EQ(boost::json::parse(line).at("run"), boost::json::value(ToJson(run)));
}

}  // namespace
}  // namespace murphy::cli
