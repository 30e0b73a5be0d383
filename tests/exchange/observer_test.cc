// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/observer.h"

#include <gtest/gtest.h>

#include "daemon/dialect/dialects.h"

namespace murphy::exchange {
namespace {

constexpr size_t kLarge = 300 << 10;

// How an observer takes an answer of kLarge bytes that come in parts, and what is held meanwhile.
struct Observed {
  message::Answer answer;
  uint64_t held = 0;
  uint64_t bytes = 0;
};

Observed Observe(HeldLimit& held, std::string content_type, std::string_view part) {
  const message::Call call;
  message::AnswerHead head{.status = 200, .headers = {{"Content-Type", std::move(content_type)}}};
  Observer observer(dialect::Recognise({}, "http"), head, call, held);
  while (observer.bytes() < kLarge) observer.Feed(part);
  Observed seen{.held = held.held(), .bytes = observer.bytes()};
  seen.answer = observer.Read();
  return seen;
}

constexpr std::string_view kPlain = "a line of an answer\n";
constexpr std::string_view kEvent = "data: a line of an answer\n\n";

TEST(Observer, TakesWhatItKeepsFromTheMemoryThatAllShare) {
  for (const auto& [type, part] : {std::pair("text/plain", kPlain), {"text/event-stream", kEvent}}) {
    HeldLimit held(8 << 20);
    const Observed seen = Observe(held, type, part);
    EXPECT_TRUE(seen.answer.whole) << type;
    EXPECT_GE(seen.held, kLarge) << type;
    EXPECT_EQ(held.held(), 0u) << type;
  }
}

TEST(Observer, HasNotSeenTheWholeOfAnAnswerForWhichThereIsNoMemory) {
  for (const auto& [type, part] : {std::pair("text/plain", kPlain), {"text/event-stream", kEvent}}) {
    HeldLimit held(150 << 10);
    const Observed seen = Observe(held, type, part);
    EXPECT_FALSE(seen.answer.whole) << type;
    EXPECT_LT(seen.answer.text.size(), 100u << 10) << type;
    EXPECT_LE(seen.held, 150u << 10) << type;
    EXPECT_GE(seen.bytes, kLarge) << "What is not kept is counted.";
    EXPECT_EQ(held.held(), 0u) << type;
  }
}

TEST(Observer, KeepsSmallAnswersWhateverTheRestHolds) {
  HeldLimit held(0);
  const message::Call call;
  const message::AnswerHead head{.status = 200, .headers = {{"Content-Type", "text/plain"}}};
  Observer observer(dialect::Recognise({}, "http"), head, call, held);
  observer.Feed(std::string_view("fine"));
  const message::Answer answer = observer.Read();
  EXPECT_TRUE(answer.whole);
  EXPECT_EQ(answer.text, "fine");
}

}  // namespace
}  // namespace murphy::exchange
