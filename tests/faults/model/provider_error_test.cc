// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(ProviderErrorTest, AnswersWithTheProvidersError) {
  FaultScript script(
      R"(provider_error { kind: ERROR_KIND_OVERLOADED message: "busy" retry_after { seconds: 3 } })");
  EXPECT_EQ(script.Request(),
            (Transcript{"Respond 403 [retry-after: 3s] overloaded for route.tool: busy"}));
  EXPECT_EQ(script.Parameters(), R"({"kind":"overloaded","retry_after":"3s"})");
  EXPECT_EQ(script.fault().stage(), Stage::kPreCommit);
  EXPECT_TRUE(script.fault().terminal());
}

TEST(ProviderErrorTest, DoesNothingWhereTheProtocolHasNoSuchError) {
  FaultScript script("provider_error { kind: ERROR_KIND_OVERLOADED }");
  script.dialect.speaks = false;
  EXPECT_EQ(script.Request(), (Transcript{"no_op: this protocol has no such error"}));
}

}  // namespace
}  // namespace murphy::test
