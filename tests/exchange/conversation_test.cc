// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <zlib.h>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/exchange/stage.h"

// Conversations as transcripts: what each leg asks for, and what is put on record.
namespace murphy::exchange {
namespace {

using Lines = std::vector<std::string>;

std::string RuleOf(const std::string& fault, const std::string& id = "r") {
  return absl::StrCat("rule { id: \"", id, "\" fault { ", fault, " } }");
}

Scene Of(const std::string& fault) { return {.rules = RuleOf(fault)}; }

Scene Streaming(const std::string& fault) {
  Scene scene = Of(fault);
  scene.head.headers = {{"Content-Type", "text/event-stream"}};
  scene.body = {"data: {\"n\":1}\n\n", "data: {\"n\":2}\n\n", "data: [DONE]\n\n"};
  return scene;
}

v1::InjectionState StateOf(const Played& played) {
  return played.injections.empty() ? v1::INJECTION_STATE_UNSPECIFIED
                                   : played.injections.rbegin()->second.state();
}

TEST(Conversation, PassesWhatNoFaultTouchesOnAsItTravels) {
  const Played played = Play(Of("status { code: 500 } } when { nth: 9"));
  EXPECT_EQ(played.effects,
            (Lines{"<< ReadBody", "<< Forward", "<< NextHead", "<< SendHead as received",
                   "<< NextBytes", "<< SendPart {\\\"choices\\\":[]}", "<< Finish"}));
  EXPECT_EQ(played.exchange->end(), v1::END_STATE_COMPLETE);
  EXPECT_EQ(played.exchange->status(), 200u);
}

TEST(Conversation, PutsOnRecordWhatTheUpstreamSaidItself) {
  Scene scene = Of("status { code: 503 after_commit: true }");
  scene.request.headers.push_back({"User-Agent", "ai-sdk/5.0"});
  scene.request.headers.push_back({"Last-Event-ID", "7"});
  const Played played = Play(scene);
  EXPECT_EQ(played.exchange->status(), 503u);
  EXPECT_EQ(played.exchange->upstream_status(), 200u);
  EXPECT_FALSE(played.exchange->upstream_failed()) << "its answer was lost, and was good";
  EXPECT_EQ(played.exchange->client(), "ai-sdk");
  EXPECT_TRUE(played.exchange->resumed());
  scene.head.status = 500;
  EXPECT_TRUE(Play(scene).exchange->upstream_failed());
  EXPECT_FALSE(Play(Of("status { code: 503 }")).exchange->upstream_failed());
}

TEST(Conversation, EstimatesWhatAStreamHadNotCountedYetWhenItWasCut) {
  Scene scene = Streaming("latency { fixed {} }");
  scene.provider = "anthropic";
  scene.request.path = "/v1/messages";
  scene.request.body = R"({"model":"claude-sonnet-4-6","stream":true,"messages":[]})";
  scene.body = {
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"role\":\"assistant\","
      "\"usage\":{\"input_tokens\":17,\"output_tokens\":1}}}\n\n",
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"text_delta\",\"text\":\"forty bytes of text are ten tokens, roughly\"}}\n\n"};
  const v1::Usage usage = Play(scene).exchange->usage();
  EXPECT_EQ(usage.input_tokens(), 17u);
  EXPECT_EQ(usage.output_tokens(), 10u);
  EXPECT_TRUE(usage.estimated());
}

TEST(Conversation, AnswersInsteadOfTheUpstream) {
  const Played played = Play(Of("status { code: 503 body: \"no\" }"));
  EXPECT_EQ(played.effects, (Lines{"<< ReadBody", "<< Author 503"}));
  EXPECT_EQ(played.agent, "no");
  EXPECT_EQ(played.exchange->origin(), v1::ORIGIN_INJECTED);
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_DELIVERED);
  EXPECT_TRUE(played.upstream.empty());
  EXPECT_EQ(played.exchange->altered_by_size(), 0) << "it is no answer of the upstream's";
}

TEST(Conversation, WaitsBeforeItForwards) {
  const Played played = Play(Of("latency { fixed { seconds: 2 } }"));
  EXPECT_EQ((Lines{played.effects.begin(), played.effects.begin() + 3}),
            (Lines{"<< ReadBody", "<< Hold 2s", "<< Forward"}));
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_DELIVERED);
}

TEST(Conversation, LosesAnAnswerAfterTheUpstreamHasActed) {
  const Played played = Play(Of("lose_response { how: LOSS_MODE_RESET }"));
  EXPECT_EQ(played.effects.back(), "<< Reset");
  EXPECT_EQ(played.upstream.size(), 1u);
  EXPECT_EQ(played.agent, "");
  EXPECT_EQ(played.exchange->upstream_status(), 200u);
  EXPECT_EQ(played.exchange->status(), 0u);
}

TEST(Conversation, SendsLateCopiesBehindTheAgentsBack) {
  const Played played = Play(Of("duplicate_request { copies: 3 gap { seconds: 1 } }"));
  const Lines tail(played.effects.end() - 5, played.effects.end());
  EXPECT_EQ(tail, (Lines{"<< Background", "<< Hold 1s", "<< Transmit", "<< Hold 1s",
                         "<< Transmit"}));
  EXPECT_EQ(played.exchange->upstream_requests(), 3u);
  EXPECT_EQ(played.ended, 1);
}

TEST(Conversation, SendsEarlyCopiesAndPassesOnTheAnswerThatWasAskedFor) {
  const Played played = Play(Of("duplicate_request { copies: 2 gap { seconds: 1 } answer: 2 }"));
  EXPECT_EQ((Lines{played.effects.begin(), played.effects.begin() + 4}),
            (Lines{"<< ReadBody", "<< Transmit", "<< Hold 1s", "<< Forward"}));
}

TEST(Conversation, CutsABodyWithAnHonestLength) {
  Scene scene = Of("truncate_body { bytes: 4 }");
  scene.body = {"{\"a\":", "12345}"};
  const Played played = Play(scene);
  EXPECT_EQ(played.agent, "{\"a\"");
  EXPECT_NE(std::find(played.effects.begin(), played.effects.end(), "<< SendHead length 4"),
            played.effects.end());
  EXPECT_EQ(played.effects.back(), "<< Finish");
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_DELIVERED);
  EXPECT_EQ(played.exchange->altered_by(0), "truncate_body");
}

TEST(Conversation, PromisesMoreThanItSendsAndCloses) {
  Scene scene = Of("truncate_body { bytes: 4 how: TRUNCATE_MODE_DIRTY }");
  scene.body = {"{\"a\":12345}"};
  const Played played = Play(scene);
  EXPECT_EQ(played.agent, "{\"a\"");
  EXPECT_EQ(played.effects.back(), "<< Close");
  EXPECT_EQ(played.exchange->end(), v1::END_STATE_BROKEN);
}

TEST(Conversation, ResetsInsideABodyWithoutHoldingOrDecodingIt) {
  Scene scene = Of("reset { point: RESET_POINT_BODY bytes: 7 }");
  scene.head.headers = {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}};
  scene.body = {"12345", "67890", "abc"};
  const Played played = Play(scene);
  EXPECT_EQ(played.agent, "1234567");
  EXPECT_EQ(played.effects.back(), "<< Reset");
  EXPECT_NE(std::find(played.effects.begin(), played.effects.end(), "<< SendHead again"),
            played.effects.end());
}

TEST(Conversation, GivesEachCutterItsOwnCredit) {
  Scene scene;
  scene.rules = RuleOf("truncate_body { bytes: 8 }", "later") +
                RuleOf("reset { point: RESET_POINT_BODY bytes: 3 }", "first");
  scene.body = {"0123456789"};
  const Played played = Play(scene);
  EXPECT_EQ(played.agent, "012");
  std::map<std::string, v1::InjectionState> states;
  for (const auto& [id, injection] : played.injections) states[injection.rule()] = injection.state();
  EXPECT_EQ(states["first"], v1::INJECTION_STATE_DELIVERED);
  EXPECT_EQ(states["later"], v1::INJECTION_STATE_MASKED);
}

TEST(Conversation, EditsTheHeadersOfARequestAndKeepsDigestsOfBoth) {
  const Played played = Play(
      Of("edit_headers { at: HEADER_POINT_REQUEST set { key: 'x-a' value: '1' } remove: 'content-type' }"));
  EXPECT_EQ(played.effects[1], "<< Forward -content-type x-a: 1");
  const v1::Injection& injection = played.injections.begin()->second;
  EXPECT_EQ(injection.state(), v1::INJECTION_STATE_DELIVERED);
  EXPECT_NE(injection.digest_before(), injection.digest_after());
}

TEST(Conversation, LeavesAloneWhatFramesARequest) {
  const Played played = Play(
      Of("edit_headers { at: HEADER_POINT_REQUEST set { key: 'Content-Length' value: '1' } }"));
  EXPECT_EQ(played.effects[1], "<< Forward");
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_NO_OP);
}

TEST(Conversation, SendsAnotherBodyUp) {
  Scene scene = Of("scramble_prompt { find: 'red' replacement: 'blue' }");
  scene.request.body = R"({"model":"gpt-4o","messages":[{"role":"user","content":"red"}]})";
  const Played played = Play(scene);
  EXPECT_EQ(played.effects[1], "<< Forward body");
  EXPECT_EQ(played.upstream,
            (Lines{R"({"model":"gpt-4o","messages":[{"role":"user","content":"blue"}]})"}));
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_DELIVERED);
}

TEST(Conversation, EditsTheHeadersOfAnAnswerThatItPassesOn) {
  const Played played = Play(Of("edit_headers { set { key: 'x-a' value: '1' } }"));
  EXPECT_EQ(played.effects[3], "<< SendHead as received x-a: 1");
  EXPECT_EQ(played.exchange->altered_by(0), "edit_headers");
}

TEST(Conversation, PassesEventsOneByOneThroughTheFaults) {
  const Played played = Play(Streaming("cut_stream { position { events: 1 } }"));
  EXPECT_EQ(played.agent, "data: {\"n\":1}\n\n");
  EXPECT_EQ(played.effects.back(), "<< Finish");
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_DELIVERED);
  EXPECT_EQ(played.exchange->origin(), v1::ORIGIN_INJECTED);
}

TEST(Conversation, LetsALaterFaultSeeWhatAnEarlierOneHasMadeOfTheStream) {
  Scene scene = Streaming("");
  // The first stalls with a comment of its own; the second counts events, and a comment is none.
  scene.rules = RuleOf("stall_stream { position { events: 1 } duration { seconds: 12 } "
                       "keep_alive: true }", "stall") +
                RuleOf("cut_stream { position { events: 2 } }", "cut");
  const Played played = Play(scene);
  EXPECT_EQ(played.agent, "data: {\"n\":1}\n\n: keep-alive\n\n: keep-alive\n\ndata: {\"n\":2}\n\n");
}

TEST(Conversation, SparesWhatPrimesAStreamFromACutBeforeTheFirstEvent) {
  Scene scene = Streaming("cut_stream { position { events: 0 } }");
  scene.body.insert(scene.body.begin(), "id: 1\nretry: 100\ndata: \n\n");
  EXPECT_EQ(Play(scene).agent, "id: 1\nretry: 100\ndata: \n\n");
}

TEST(Conversation, TellsTheEngineOfTheEndBeforeTheAgentSeesIt) {
  const Played played = Play(Streaming("slow_events { delay { seconds: 1 } }"));
  const auto done = std::find(played.effects.begin(), played.effects.end(),
                              "<< SendPart data: [DONE]\\n\\n");
  ASSERT_NE(done, played.effects.end());
  const auto at = static_cast<size_t>(done - played.effects.begin());
  // Whoever leaves once it has the last event has had its answer.
  const Played left = Play(Streaming("slow_events { delay { seconds: 1 } }"),
                           {at + 1, Trouble::Kind::kAgentLeft});
  EXPECT_EQ(left.exchange->end(), v1::END_STATE_COMPLETE);
  EXPECT_FALSE(left.exchange->failed());
  EXPECT_EQ(left.ending.end, v1::END_STATE_COMPLETE);
}

TEST(Conversation, AStreamThatIsReleasedInsideAnEventGoesOnWithItsRest) {
  const std::string whole = Play(Streaming("status { code: 500 } } when { nth: 9")).agent;
  for (const char* stall : {"bytes: 1", "bytes: 5", "bytes: 20", "events: 1", "fraction: 0.4"}) {
    const Scene scene = Streaming(
        absl::StrCat("stall_stream { position { ", stall, " } duration { seconds: 20 } }"));
    const size_t effects = Play(scene).effects.size();
    size_t released = 0;
    for (size_t at = 0; at < effects; ++at) {
      const Played played = Play(scene, {at, Trouble::Kind::kReleased});
      if (StateOf(played) != v1::INJECTION_STATE_EXPIRED) continue;
      ++released;
      EXPECT_EQ(played.agent, whole) << stall << " at " << at;
    }
    EXPECT_GT(released, 0u) << stall;
  }
}

TEST(Conversation, SaysWhenThereIsNoMemoryToHoldAnAnswer) {
  Scene scene = Of("truncate_body { bytes: 4 }");
  scene.body = {std::string(1000, 'x'), std::string(1000, 'y')};
  scene.room = 2500;
  const Played played = Play(scene);
  EXPECT_EQ(played.agent.size(), 2000u);
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_NO_OP);
  EXPECT_EQ(played.effects.back(), "<< Finish");
}

TEST(Conversation, CountsWhatAnAnswerGrowsToWhenItIsDecoded) {
  const std::string text(60'000, 'x');
  std::string coded(text.size(), '\0');
  uLongf size = coded.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(coded.data()), &size,
                     reinterpret_cast<const Bytef*>(text.data()), text.size()),
            Z_OK);
  coded.resize(size);
  Scene scene = Of("truncate_body { bytes: 4 }");
  scene.head.headers = {{"Content-Type", "application/json"}, {"Content-Encoding", "deflate"}};
  scene.body = {coded};
  EXPECT_EQ(StateOf(Play(scene)), v1::INJECTION_STATE_DELIVERED);
  scene.room = 50'000;
  const Played played = Play(scene);
  EXPECT_EQ(played.agent, coded);
  EXPECT_EQ(StateOf(played), v1::INJECTION_STATE_NO_OP);
}

TEST(UpstreamsAnswer, IsToldAsItCameWhateverTheAgentGets) {
  Scene scene{.rules = R"(
    rule { fault { edit_headers { set { key: 'x-quota' value: '0' } } } }
    rule { fault { truncate_body { bytes: 3 } } }
    rule { id: 'waits' when { on { answer { pointer: '/left' } } } fault { reset {} } })"};
  scene.head.headers.push_back({"X-Quota", "9"});
  scene.body = {R"({"left":)", "3}"};
  const Played played = Play(scene);
  EXPECT_EQ(played.agent, R"({"l)");
  ASSERT_NE(played.ending.upstream, nullptr);
  EXPECT_EQ(played.ending.upstream->status, 200u);
  EXPECT_EQ(played.ending.upstream->headers.Find("x-quota"), "9");
  ASSERT_TRUE(played.ending.upstream->body.has_value());
  EXPECT_EQ(boost::json::serialize(*played.ending.upstream->body), R"({"left":3})");
}

TEST(UpstreamsAnswer, IsNotKeptForNobodyAndThereIsNoneToACallThatWasRefused) {
  EXPECT_EQ(Play({.rules = "rule { fault { latency { fixed {} } } }"}).ending.upstream, nullptr);
  const Played refused = Play({.rules = R"(
    rule { fault { status { code: 503 } } }
    rule { when { on { answer { status: [200, 299] } } } fault { reset {} } })"});
  EXPECT_EQ(refused.ending.upstream, nullptr);
}

}  // namespace
}  // namespace murphy::exchange
