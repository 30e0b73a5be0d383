// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "daemon/outcome/history.h"
#include "google/protobuf/text_format.h"
#include "tests/outcome/story.h"

namespace murphy::outcome {

using Telling = std::function<void(Story&)>;

// An expectation, with a run that satisfies it, one that violates it, and others.
struct Assertion {
  std::string name;
  std::string expect;  // protobuf text
  std::string written;
  Telling satisfies;
  std::string satisfied_by;
  Telling violates;
  std::string violated_by;
  // Nobody knows.
  Telling open;
  std::string open_because;
  // It has no occasion.
  Telling idle = [](Story&) {};
  std::string idle_because;
};

// The first result of a run that was told, as its outcome has it.
inline v1::ExpectResult Judged(const Assertion& test, const Telling& tell) {
  Story story;
  story.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT);
  story.Target("lookup", v1::TARGET_ROLE_VERIFY);
  story.Target("desk", v1::TARGET_ROLE_ESCALATION);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      test.expect, story.evidence.scenario.add_expect()));
  tell(story);
  return story.Outcome().expects(0);
}

// The three tests of an assertion.
class AssertionTest : public testing::TestWithParam<Assertion> {
 protected:
  static void IsSatisfied() {
    const v1::ExpectResult result = Judged(GetParam(), GetParam().satisfies);
    EXPECT_EQ(result.expect(), GetParam().written);
    EXPECT_TRUE(result.held() && !result.vacuous()) << result.DebugString();
    EXPECT_EQ(result.evidence(), GetParam().satisfied_by);
  }
  static void IsViolated() {
    const v1::ExpectResult result = Judged(GetParam(), GetParam().violates);
    EXPECT_TRUE(!result.held() && !result.vacuous()) << result.DebugString();
    EXPECT_EQ(result.evidence(), GetParam().violated_by);
  }
  static void IsNotHeldWhereNobodyKnows() {
    // Of some, traffic always tells.
    if (!GetParam().open) return;
    const v1::ExpectResult result = Judged(GetParam(), GetParam().open);
    EXPECT_TRUE(!result.held() && result.vacuous()) << result.DebugString();
    EXPECT_EQ(result.evidence(), GetParam().open_because);
    EXPECT_FALSE(result.would_settle().empty());
  }
};

// So many calls that are refused, as attempts of one operation or as operations of their own.
inline void Fail(Story& story, const std::string& target, int times, uint64_t operation = 0) {
  for (int i = 0; i < times; ++i) {
    story.Call(target, operation);
    story.Refuse(503);
  }
}

// A call that could not be read.
inline v1::Exchange& Unread(Story& story) {
  v1::Exchange& exchange = story.Call("unknown");
  exchange.set_unclassified(true);
  return exchange;
}

}  // namespace murphy::outcome
