// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(EditHeadersTest, EditsTheAnswersHeadersInAnOrderThatIsAlwaysTheSame) {
  FaultScript script(
      "edit_headers { set { key: 'x-b' value: '2' } set { key: 'x-a' value: '1' } remove: 'x-gone' }");
  EXPECT_EQ(script.Request(), Transcript{});
  EXPECT_EQ(script.Answer("{}").actions, (Transcript{"EditHead [-x-gone] [x-a: 1] [x-b: 2]"}));
  EXPECT_EQ(script.Parameters(), R"({"at":"answer","set":{"x-a":"1","x-b":"2"},"remove":["x-gone"]})");
}

TEST(EditHeadersTest, EditsTheRequestsHeadersBeforeTheUpstreamSeesThem) {
  FaultScript script("edit_headers { at: HEADER_POINT_REQUEST set { key: 'x-a' value: '1' } }");
  EXPECT_EQ(script.Request(), (Transcript{"EditHead [x-a: 1]"}));
  EXPECT_EQ(script.Answer("{}").actions, Transcript{});
}

TEST(EditHeadersTest, LeavesOutWhatWouldEndTheLine) {
  FaultScript script("edit_headers { set { key: 'x-a' value: '1\\r\\nx-b: 2' } }");
  EXPECT_EQ(script.Answer("{}").actions, (Transcript{"EditHead [x-a: 1x-b: 2]"}));
}

TEST(EditHeadersTest, DoesNothingWhenNothingIsNamed) {
  FaultScript script("edit_headers { }");
  EXPECT_EQ(script.Answer("{}").actions, (Transcript{"no_op: no header is named"}));
}

}  // namespace
}  // namespace murphy::test
