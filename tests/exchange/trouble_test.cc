// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/exchange/stage.h"

// Every conversation again: failing at every step, and let go of at every wait.
namespace murphy::exchange {
namespace {

struct Case {
  const char* name;
  const char* fault;
  bool streams = false;
};

const Case kCases[] = {
    {"Nothing", "status { code: 500 } } when { nth: 9"},
    {"Latency", "latency { fixed { seconds: 2 } }"},
    {"FirstByteLatency", "latency { fixed { seconds: 2 } at: LATENCY_POINT_FIRST_BYTE }"},
    {"Hang", "hang { }"},
    {"HangForAWhile", "hang { duration { seconds: 5 } }"},
    {"Reset", "reset { }"},
    {"ResetInBody", "reset { point: RESET_POINT_BODY bytes: 5 }"},
    {"Status", "status { code: 503 }"},
    {"StatusAfterCommit", "status { code: 503 after_commit: true }"},
    {"RateLimit", "rate_limit { }"},
    {"LimiterWithRoom", "rate_limit { requests_per_minute: 60 }"},
    {"LostByReset", "lose_response { how: LOSS_MODE_RESET }"},
    {"LostByHang", "lose_response { how: LOSS_MODE_HANG duration { seconds: 3 } }"},
    {"LostByStatus", "lose_response { how: LOSS_MODE_STATUS code: 502 }"},
    {"LateCopies", "duplicate_request { copies: 3 gap { seconds: 1 } }"},
    {"EarlyCopies", "duplicate_request { copies: 3 gap { seconds: 1 } answer: 3 }"},
    {"Truncate", "truncate_body { bytes: 3 }"},
    {"TruncateDirty", "truncate_body { bytes: 3 how: TRUNCATE_MODE_DIRTY }"},
    {"RequestHeaders", "edit_headers { at: HEADER_POINT_REQUEST remove: 'content-type' }"},
    {"AnswerHeaders", "edit_headers { set { key: 'x-a' value: '1' } }"},
    {"AnotherPrompt", "scramble_prompt { find: 'hi' replacement: 'ho' }"},
    {"SlowEvents", "slow_events { delay { seconds: 1 } }", true},
    {"Stall", "stall_stream { position { events: 1 } duration { seconds: 12 } keep_alive: true }",
     true},
    {"StallInsideAnEvent", "stall_stream { position { bytes: 5 } duration { seconds: 3 } }", true},
    {"CutClean", "cut_stream { position { events: 1 } }", true},
    {"CutByReset", "cut_stream { position { events: 1 } how: CUT_MODE_RESET }", true},
    {"CutAtAFraction", "cut_stream { position { fraction: 0.5 } }", true},
    {"ErrorEvent", "error_event { position { events: 1 } }", true},
    {"LengthStop", "length_stop { fraction: 0.5 }", true},
};

Scene SceneOf(const Case& of) {
  Scene scene{.rules = std::string("rule { id: \"r\" fault { ") + of.fault + " } }"};
  scene.request.body = R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]})";
  if (of.streams) {
    scene.head.headers = {{"Content-Type", "text/event-stream"}};
    scene.body = {"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello there\"}}]}\n\n",
                  "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
                  "data: [DONE]\n\n"};
  }
  return scene;
}

bool IsLast(v1::InjectionState state) {
  return state == v1::INJECTION_STATE_DELIVERED || state == v1::INJECTION_STATE_MASKED ||
         state == v1::INJECTION_STATE_EXPIRED || state == v1::INJECTION_STATE_NO_OP;
}

// What holds for every conversation, whatever becomes of it.
void ExpectSound(const Played& played, const std::string& what) {
  ASSERT_LT(played.effects.size(), 100u) << what << ": it does not end";
  EXPECT_EQ(played.begun, played.ended) << what;
  EXPECT_EQ(played.begun, played.concluded) << what << ": the engine is told once";
  EXPECT_NE(played.effects.back(), "memory was not given back") << what;
  // Behind the agent's back things may go on.
  const auto end = std::find(played.effects.begin(), played.effects.end(), "<< Background");
  for (auto effect = played.effects.begin(); effect + 1 < end; ++effect)
    EXPECT_TRUE(*effect != "<< Reset" && *effect != "<< Close") << what << ": goes on after the end";
  if (!played.exchange.has_value()) return;
  EXPECT_EQ(played.exchange->end(), played.ending.end)
      << what << ": the journal and the engine must say the same";
  for (const auto& [id, injection] : played.injections)
    EXPECT_TRUE(IsLast(injection.state())) << what << ": " << injection.ShortDebugString();
}

class EveryStep : public testing::TestWithParam<Case> {};

TEST_P(EveryStep, MayFailAndTheRecordIsTrue) {
  const Scene scene = SceneOf(GetParam());
  const Played smooth = Play(scene);
  ExpectSound(smooth, "smooth");
  for (const Trouble& trouble : smooth.troubles) {
    const std::string what = smooth.effects[trouble.at] +
                             (trouble.kind == Trouble::Kind::kFailed      ? " failed"
                              : trouble.kind == Trouble::Kind::kAgentLeft ? " met an agent that left"
                                                                          : " was released");
    const Played played = Play(scene, trouble);
    ExpectSound(played, what);
    if (!played.exchange.has_value()) continue;
    if (trouble.kind == Trouble::Kind::kFailed &&
        smooth.effects[trouble.at].rfind("<< Transmit", 0) != 0) {
      EXPECT_NE(played.exchange->end(), v1::END_STATE_COMPLETE) << what;
      EXPECT_NE(played.exchange->failure(), "") << what;
    }
  }
}

TEST_P(EveryStep, ReleasedGoesOnAsIfNothingHadBeenPlanned) {
  const Scene scene = SceneOf(GetParam());
  const Played smooth = Play(scene);
  for (const Trouble& trouble : smooth.troubles) {
    if (trouble.kind != Trouble::Kind::kReleased) continue;
    const Played played = Play(scene, trouble);
    const std::string what = smooth.effects[trouble.at];
    ASSERT_TRUE(played.exchange.has_value());
    EXPECT_EQ(played.exchange->end(), v1::END_STATE_COMPLETE) << what;
    EXPECT_EQ(played.exchange->status(), 200u) << what;
    const bool copies = std::string(GetParam().name).find("Copies") != std::string::npos;
    if (copies) continue;
    EXPECT_EQ(played.injections.rbegin()->second.state(), v1::INJECTION_STATE_EXPIRED) << what;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryStep, testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace murphy::exchange
