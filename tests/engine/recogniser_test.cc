// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/recogniser.h"

#include <gtest/gtest.h>

#include "daemon/engine/address.h"
#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

constexpr std::string_view kTargets = R"(
  target { key: 'fallback' value { model: 'claude-*' fallback_for: 'primary' } }
  target { key: 'pay' value { name: 'shop.pay' idempotency_key: 'header:Idempotency-Key' } }
  target { key: 'primary' value { model: 'gpt-*' } }
  target { key: 'refund' value { name: 'shop.refund' idempotency_key: 'json:/meta/key' } })";

Shot WithHeader(const char* name, const char* value, Shot shot = {}) {
  shot.headers.push_back({name, value});
  return shot;
}
Shot SdkRetry(int count, Shot shot = {}) {
  return WithHeader("X-Stainless-Retry-Count", std::to_string(count).c_str(), std::move(shot));
}

// Ordinal, attempt and layer: `#1@2 SDK`.
std::string Place(const Begun& begun) {
  constexpr const char* kLayers[] = {"", " SDK", " APP"};
  return begun.address.substr(begun.address.find('#')) + kLayers[begun.layer] +
         (begun.repeat ? " repeat" : "");
}

TEST(Address, NamesAgentTargetShapeOrdinalAndAttempt) {
  World world("");
  EXPECT_EQ(world.Begin({.kind = v1::TARGET_KIND_MODEL, .name = "gpt-5", .shape = "9f2c"}).address,
            "-/llm:gpt-5/9f2c#1@1");
  EXPECT_EQ(world.Begin({.name = "crm.search", .shape = "{q:str}", .agent = "planner"}).address,
            "planner/tool:crm.search/{q:str}#1@1");
  EXPECT_EQ(world.Begin({.kind = v1::TARGET_KIND_MCP, .name = "tools/list", .shape = "{}"}).address,
            "-/mcp:tools/list/{}#1@1");
  EXPECT_EQ(
      world.Begin({.kind = v1::TARGET_KIND_HTTP, .name = "api.users", .shape = "GET"}).address,
      "-/http:api.users/GET#1@1");
}

TEST(Address, StaysShortAndLegibleWhateverItIsGiven) {
  message::Call call = CallOf({.name = "a\nb\x1b", .shape = "s"});
  EXPECT_EQ(AddressPrefix("", call), "-/tool:a?b?/s");
  call.name = std::string(127, 'x') + "äöü";
  const std::string cut = AddressPrefix("", call);
  EXPECT_EQ(cut.substr(0, 7 + 127), "-/tool:" + std::string(127, 'x'));
  EXPECT_EQ(cut.size(), 7 + 127 + 17 + 2u) << "no half character";
  call.name += "!";
  EXPECT_NE(AddressPrefix("", call), cut);
}

TEST(Recogniser, CountByAgentNameAndShape) {
  World world("");
  EXPECT_EQ(Place(world.Succeed({.arguments = "[1]"})), "#1@1");
  EXPECT_EQ(Place(world.Succeed({.arguments = "[2]"})), "#2@1");
  EXPECT_EQ(Place(world.Succeed({.arguments = "[3]", .shape = "other"})), "#1@1");
  EXPECT_EQ(Place(world.Succeed({.arguments = "[4]", .agent = "a"})), "#1@1");
  EXPECT_EQ(Place(world.Succeed({.name = "x", .arguments = "[5]"})), "#1@1");
}

TEST(RuleA1, TakesTheRetryHeaderForAnAttemptOfTheSdk) {
  World world("");
  EXPECT_EQ(Place(world.SendAndFail(SdkRetry(0))), "#1@1");
  EXPECT_EQ(Place(world.SendAndFail(SdkRetry(1))), "#1@2 SDK");
  const Begun third = world.Begin(SdkRetry(2));
  EXPECT_EQ(Place(third), "#1@3 SDK");
  EXPECT_EQ(third.operation, 1u);
  EXPECT_EQ(Place(world.Begin(SdkRetry(1, {.arguments = "[2]"}))), "#2@1") << "another digest";
}

TEST(RuleA1, ReadsTheHeaderOfAmazonSdks) {
  World world("");
  EXPECT_EQ(Place(world.SendAndFail(WithHeader("amz-sdk-request", "attempt=1; max=3"))), "#1@1");
  EXPECT_EQ(Place(world.SendAndFail(WithHeader("amz-sdk-request", "attempt=2; max=3"))),
            "#1@2 SDK");
}

TEST(RuleA1, HoldsWhileTheEarlierAttemptIsStillOpenAndAfterASuccess) {
  World world("");
  const Begun open = world.Begin();
  EXPECT_EQ(Place(world.Begin(SdkRetry(1))), "#1@2 SDK");
  world.Finish(open.sequence);
  EXPECT_EQ(Place(world.Begin(SdkRetry(2))), "#1@3 SDK");
}

TEST(RuleA1, TellsParallelTwinsApart) {
  World world("");
  const Begun first = world.Begin();
  const Begun second = world.Begin();
  EXPECT_EQ(Place(second), "#2@1");
  world.Fail(first.sequence);
  world.Fail(second.sequence);
  EXPECT_EQ(Place(world.Begin(SdkRetry(1))), "#1@2 SDK");
  EXPECT_EQ(Place(world.Begin(SdkRetry(1))), "#2@2 SDK");
}

TEST(RuleA1, IsANewOperationWhereTheFirstAttemptWasNotSeen) {
  World world("");
  EXPECT_EQ(Place(world.Begin(SdkRetry(2))), "#1@1");
}

TEST(RuleA1, IgnoresHeadersThatAreNoNumbers) {
  World world("");
  world.Succeed();
  for (const char* value : {"", "-1", "x", "99999999999", "0"}) {
    EXPECT_EQ(world.Succeed(WithHeader("x-stainless-retry-count", value)).attempt, 1u) << value;
  }
}

TEST(RuleA2, KnowsAnOpenOperationByItsIdempotencyKey) {
  World world(kTargets);
  const Begun first = world.SendAndFail(WithHeader("idempotency-key", "k1", {.arguments = "[1]"}));
  EXPECT_EQ(Place(first), "#1@1");
  const Begun second = world.Begin(WithHeader("idempotency-key", "k1", {.arguments = "[2]"}));
  EXPECT_EQ(Place(second), "#1@2 APP");
  EXPECT_EQ(second.idempotency_digest, first.idempotency_digest);
  EXPECT_EQ(Place(world.Begin(WithHeader("idempotency-key", "k2", {.arguments = "[3]"}))), "#2@1");
  world.Finish(second.sequence);
  EXPECT_EQ(Place(world.Begin(WithHeader("idempotency-key", "k1", {.arguments = "[4]"}))), "#3@1")
      << "it has succeeded";
}

TEST(RuleA2, HashesTheKey) {
  World world(kTargets);
  EXPECT_EQ(world.Begin(WithHeader("Idempotency-Key", "abc")).idempotency_digest,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(world.Begin().idempotency_digest, "");
  EXPECT_EQ(
      world.Begin(WithHeader("Idempotency-Key", "abc", {.name = "shop.see"})).idempotency_digest,
      "")
      << "not declared";
}

TEST(RuleA2, FindsTheKeyInTheBody) {
  World world(kTargets);
  const auto digest = [&](std::string body) {
    return world.Begin({.name = "shop.refund", .arguments = std::move(body)}).idempotency_digest;
  };
  EXPECT_EQ(digest(R"({"meta":{"key":"abc"}})"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_NE(digest(R"({"meta":{"key":7}})"), "");
  for (const char* none : {"", "{", "[]", "{}", R"({"meta":{"key":null}})", R"({"meta":1})",
                           R"({"meta":{"key":""}})", "\xff\xfe"}) {
    EXPECT_EQ(digest(none), "") << none;
  }
  EXPECT_EQ(digest(std::string(100'000, '[')), "") << "too deep";
}

TEST(RuleA3, LooksAtWhatACallSaysBesidesItsIdempotencyKey) {
  World world(kTargets);
  const auto refund = [](std::string_view key, int amount) {
    return Shot{.name = "shop.refund",
                .arguments = fmt::format(R"({{"meta":{{"key":"{}"}},"amount":{}}})", key, amount)};
  };
  const Begun first = world.SendAndFail(refund("a", 5));
  const Begun again = world.SendAndFail(refund("b", 5));
  EXPECT_EQ(Place(again), "#1@2 APP") << "a fresh key makes no other call";
  EXPECT_NE(again.idempotency_digest, first.idempotency_digest);
  const Shot swapped{.name = "shop.refund", .arguments = R"({"amount":5,"meta":{"key":"c"}})"};
  EXPECT_EQ(Place(world.Begin(swapped)), "#1@3 APP") << "nor does another order";
  EXPECT_EQ(world.Begin(refund("d", 6)).attempt, 1u) << "another amount does";
}

TEST(RuleA3, LeavesOutWhatATargetIgnores) {
  World world(
      "target { key: 'order' value { name: 'shop.order' ignore: ['/request_id', '/sent/at', "
      "'header:x-request-id'] } }");
  const auto order = [](const char* arguments) {
    return Shot{.name = "shop.order", .arguments = arguments};
  };
  world.SendAndFail(order(R"({"request_id":"a","sent":{"at":1,"by":"x"},"n":5})"));
  EXPECT_EQ(Place(world.SendAndFail(order(R"({"n":5,"request_id":"b","sent":{"at":2,"by":"x"}})"))),
            "#1@2 APP");
  EXPECT_EQ(Place(world.SendAndFail(order(R"({"n":5,"sent":{"by":"x"}})"))), "#1@3 APP")
      << "whether it is there or not";
  EXPECT_EQ(world.Begin(order(R"({"request_id":"b","sent":{"at":2,"by":"y"},"n":5})")).attempt, 1u);
  EXPECT_EQ(world.Begin(order(R"({"request_id":"b","sent":{"at":2,"by":"x"},"n":6})")).attempt, 1u);
}

TEST(RuleA3, TakesTheSameCallAfterAFailureForAnAttempt) {
  for (const Ending& ending :
       std::vector<Ending>{{.failed = true},
                           {.end = v1::END_STATE_BROKEN},
                           {.end = v1::END_STATE_AGENT_LEFT},
                           {.end = v1::END_STATE_NO_ANSWER, .failed = true}}) {
    World world("");
    world.Finish(world.Begin().sequence, ending);
    EXPECT_EQ(Place(world.Begin()), "#1@2 APP");
  }
}

TEST(RuleA3, LooksAtTheLatestAttempt) {
  World world("");
  const Begun first = world.Begin();
  const Begun second = world.Begin(SdkRetry(1));
  world.Fail(first.sequence);
  EXPECT_EQ(Place(world.Begin()), "#2@1") << "the second attempt is still open";
  world.Fail(second.sequence);
  EXPECT_EQ(Place(world.Begin()), "#1@3 APP");
}

TEST(RuleA3, DoesNotTrustDigestsOfBodiesThatWereNotRead) {
  World world("");
  world.SendAndFail({.unclassified = true});
  EXPECT_EQ(Place(world.SendAndFail({.unclassified = true})), "#2@1");
}

TEST(RuleA4, FlagsTheSameCallAfterASuccess) {
  World world("");
  EXPECT_EQ(Place(world.Succeed()), "#1@1");
  EXPECT_EQ(Place(world.Succeed()), "#2@1 repeat");
  EXPECT_EQ(Place(world.SendAndFail()), "#3@1 repeat");
  EXPECT_EQ(Place(world.Succeed()), "#3@2 APP repeat");
}

TEST(RuleA4, StaysCheapInALoop) {
  World world("");
  for (int n = 0; n < 20'000; ++n) world.Succeed();
  EXPECT_EQ(Place(world.Succeed()), "#20001@1 repeat");
}

TEST(OpenTwins, AreParallelCallsUnlessAFaultHoldsTheFirst) {
  World free(""), held("rule { when { first: 1 } fault { hang {} } }");
  free.Begin();
  free.now = absl::Seconds(5);
  EXPECT_EQ(Place(free.Begin()), "#2@1");

  held.Begin();
  held.now = absl::Milliseconds(99);
  EXPECT_EQ(Place(held.Begin()), "#2@1") << "too soon for a client that gave up";
  held.now = absl::Seconds(5);
  EXPECT_EQ(Place(held.Begin()), "#1@2 APP");
}

TEST(OpenTwins, StayAttemptsWhenTheDisconnectOfTheFirstIsSeenLate) {
  World world("rule { when { first: 1 } fault { hang {} } }");
  const Begun first = world.Begin();
  world.now = absl::Seconds(5);
  const Begun second = world.Begin();
  world.Finish(first.sequence, {.end = v1::END_STATE_AGENT_LEFT});
  world.Finish(second.sequence);
  EXPECT_EQ(Place(world.Begin()), "#2@1 repeat") << "the second attempt succeeded";
}

TEST(OpenTwins, AreAttemptsOnceTheAgentOfTheFirstIsGone) {
  World world("");
  const Begun first = world.Begin();
  EXPECT_EQ(Place(world.Begin()), "#2@1") << "a parallel call";
  world.Leave(first.sequence);
  const Begun again = world.Begin();
  EXPECT_EQ(Place(again), "#1@2 APP") << "whenever it comes";
  world.Leave(first.sequence);
  EXPECT_EQ(Place(world.Begin()), "#3@1") << "the second attempt's agent is there";
  world.Finish(first.sequence, {.end = v1::END_STATE_AGENT_LEFT, .failed = true});
  world.Finish(again.sequence);
  EXPECT_EQ(Place(world.Begin()), "#4@1 repeat");
}

TEST(RuleA6, LinksADeclaredFallbackToTheOperationThatFailed) {
  World world(kTargets);
  world.SendAndFail(Model("gpt-5"));
  world.SendAndFail(SdkRetry(1, Model("gpt-5")));
  const Begun fallback = world.SendAndFail(Model("claude-4"));
  EXPECT_EQ(fallback.fallback_of, "-/llm:gpt-5/{}#1");
  EXPECT_EQ(Place(fallback), "#1@1");
  const Begun again = world.Begin(Model("claude-4"));
  EXPECT_EQ(Place(again), "#1@2 APP");
  EXPECT_EQ(again.fallback_of, "-/llm:gpt-5/{}#1") << "its attempts keep the link";
}

TEST(RuleA6, NeedsAFailureOfTheSameAgentThatIsRecentAndNotReplacedYet) {
  World world(kTargets);
  world.Succeed(Model("gpt-5", "[1]"));
  EXPECT_EQ(world.Succeed(Model("claude-4", "[2]")).fallback_of, "") << "nothing failed";

  world.SendAndFail(Model("gpt-5", "[3]"));
  Shot other = Model("claude-4", "[4]");
  other.agent = "somebody";
  EXPECT_EQ(world.Succeed(other).fallback_of, "");
  EXPECT_EQ(world.Succeed({.name = "shop.see"}).fallback_of, "") << "not declared";
  EXPECT_NE(world.Succeed(Model("claude-4", "[5]")).fallback_of, "");
  EXPECT_EQ(world.Succeed(Model("claude-4", "[6]")).fallback_of, "") << "replaced already";

  world.SendAndFail(Model("gpt-5", "[7]"));
  for (int n = 0; n < 6; ++n) world.Succeed({.arguments = fmt::format("[{}]", n)});
  EXPECT_EQ(world.Succeed(Model("claude-4", "[8]")).fallback_of, "") << "too long ago";
}

TEST(RuleA6, SeesAFailureThatRecovered) {
  World world(kTargets);
  world.SendAndFail(Model("gpt-5"));
  world.Succeed(Model("gpt-5"));
  EXPECT_EQ(world.Succeed(Model("claude-4")).fallback_of, "");
}

TEST(Recogniser, ForgetTheOldestThatIsOver) {
  Recogniser recogniser(3);
  uint64_t sequence = 0;
  const auto send = [&](const std::string& arguments) {
    const message::Request request{.method = "POST", .path = "/"};
    const message::Call call = CallOf({.arguments = arguments});
    const Marks marks{.digest = call.digest, .idempotency = {}};
    return recogniser.Begin(
        {.request = request, .call = call, .marks = marks, .sequence = ++sequence}, {});
  };
  const Identity open = send("[0]");
  for (int n = 1; n <= 5; ++n) {
    const Identity identity = send(fmt::format("[{}]", n));
    recogniser.End(identity.operation, sequence, Result::kFailed);
  }
  EXPECT_EQ(send("[1]").address, "-/tool:shop.pay/{}#7@1") << "forgotten: counted anew";
  EXPECT_EQ(send("[5]").address, "-/tool:shop.pay/{}#6@2") << "remembered";
  recogniser.End(open.operation, 1, Result::kFailed);
  EXPECT_EQ(send("[0]").address, "-/tool:shop.pay/{}#1@2")
      << "open ones outlive those that are over";
}

}  // namespace
}  // namespace murphy::engine
