// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/outcome/story.h"

namespace murphy::outcome {
namespace {

TEST(BelievedAnswer, ThatWasCutWasNeverServed) {
  Story story;
  story.Call("tool");
  story.Falsify("truncate_body");
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_SILENT);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT);
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_ABSORBED) << "what is missing did not matter";
}

TEST(BelievedAnswer, ThatNobodyButMurphyGaveWasNeverServed) {
  for (const char* fault : {"status", "length_stop", "malformed_tool_call"}) {
    Story story;
    v1::Exchange& call = story.Call("tool");
    if (fault == std::string("status")) {
      call.set_origin(v1::ORIGIN_INJECTED);
      call.set_upstream_status(0);
    }
    story.Falsify(fault);
    story.evidence.exit_code = 0;
    EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_SILENT) << fault;
    EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT) << fault;
    EXPECT_TRUE(story.Outcome().unverified()) << fault;
  }
}

}  // namespace
}  // namespace murphy::outcome
