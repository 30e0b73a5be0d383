// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/dialect/known.h"
#include "daemon/dialect/limits.h"
#include "tests/dialect/streams.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

using dialect::AnthropicMessages;
using dialect::HttpTool;
using dialect::Mcp;
using dialect::OpenAiChat;
using dialect::OpenAiResponses;
using message::ErrorSpec;
using message::FindHeader;

const Draw kDraw(42, 0, "rule", "*/llm:gpt-4o#1@1");

message::Call Model() {
  message::Call call;
  call.kind = v1::TARGET_KIND_MODEL;
  call.name = "gpt-4o";
  call.estimated_tokens = 1200;
  return call;
}

ErrorSpec Spec(v1::ErrorKind kind) {
  ErrorSpec error;
  error.kind = kind;
  error.wall = absl::FromUnixSeconds(1'792'000'000);  // 2026-10-14T17:46:40Z
  return error;
}

TEST(OpenAiError, LaysTheGatewaysErrorsOutInFours) {
  const auto response = OpenAiChat().Error(Spec(v1::ERROR_KIND_MODEL_NOT_FOUND), Model(), kDraw);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({
    "error": {
        "message": "The model `gpt-4o` does not exist or you do not have access to it.",
        "type": "invalid_request_error",
        "param": null,
        "code": "model_not_found"
    }
}
)");
  EXPECT_EQ(FindHeader(response.headers, "content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(FindHeader(response.headers, "openai-version"), "");
  const std::string_view id = FindHeader(response.headers, "x-request-id");
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id.substr(0, 4), "req_");
  EXPECT_EQ(id.substr(4).find_first_not_of(kHexDigits), std::string_view::npos);
}

TEST(OpenAiError, LaysTheApplicationsErrorsOutInTwos) {
  const auto response =
      OpenAiResponses().Error(Spec(v1::ERROR_KIND_MODEL_NOT_FOUND), Model(), kDraw);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({
  "error": {
    "message": "The requested model 'gpt-4o' does not exist.",
    "type": "invalid_request_error",
    "param": "model",
    "code": "model_not_found"
  }
})");
  EXPECT_EQ(FindHeader(response.headers, "content-type"), "application/json");
  EXPECT_EQ(FindHeader(response.headers, "openai-version"), "2020-10-01");
  EXPECT_NE(FindHeader(response.headers, "openai-processing-ms"), "");
}

TEST(OpenAiError, HasTheLengthThatWasRecorded) {
  // `Content-Length: 318` of a recorded answer.
  const auto response = OpenAiChat().Error(Spec(v1::ERROR_KIND_CONTENT_FILTERED), Model(), kDraw);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body.size(), 318u);
}

TEST(OpenAiError, ChallengesOnlyInTheResponsesApi) {
  const auto spec = Spec(v1::ERROR_KIND_UNAUTHENTICATED);
  EXPECT_EQ(FindHeader(OpenAiResponses().Error(spec, Model(), kDraw).headers, "www-authenticate"),
            "Bearer realm=\"OpenAI API\"");
  EXPECT_EQ(FindHeader(OpenAiChat().Error(spec, Model(), kDraw).headers, "www-authenticate"), "");
}

TEST(OpenAiError, StatesTheLimitThatWasHit) {
  auto spec = Spec(v1::ERROR_KIND_RATE_LIMITED);
  spec.requests = {60, 12, absl::Seconds(1)};
  spec.tokens = {30000, 0, absl::Milliseconds(2400)};
  spec.retry_after = absl::Milliseconds(2400);
  const auto response = OpenAiChat().Error(spec, Model(), kDraw);
  EXPECT_EQ(response.status, 429);
  const std::string body = response.body;
  ASSERT_TRUE(message::JsonTree(body).root());
  EXPECT_EQ(TextIn(body, "/error/type"), "tokens");
  EXPECT_EQ(TextIn(body, "/error/code"), "rate_limit_exceeded");
  const std::string text(TextIn(body, "/error/message"));
  EXPECT_NE(text.find("on tokens per min (TPM): Limit 30000, Used 30000, Requested 1200. Please "
                      "try again in 2.4s. Visit "),
            std::string::npos)
      << text;
  EXPECT_EQ(FindHeader(response.headers, "retry-after"), "3");
  EXPECT_EQ(FindHeader(response.headers, "x-ratelimit-limit-requests"), "60");
  EXPECT_EQ(FindHeader(response.headers, "x-ratelimit-remaining-requests"), "12");
  EXPECT_EQ(FindHeader(response.headers, "x-ratelimit-reset-requests"), "1s");
  EXPECT_EQ(FindHeader(response.headers, "x-ratelimit-reset-tokens"), "2.4s");
}

TEST(OpenAiError, ShowsNoLimitsInTheResponsesApi) {
  auto spec = Spec(v1::ERROR_KIND_RATE_LIMITED);
  spec.requests = {60, 0, absl::Seconds(1)};
  const auto response = OpenAiResponses().Error(spec, Model(), kDraw);
  EXPECT_EQ(FindHeader(response.headers, "x-ratelimit-limit-requests"), "");
  EXPECT_EQ(OpenAiResponses().LimitHeaders(spec).size(), 3u);
  spec.streamed = true;
  EXPECT_TRUE(OpenAiResponses().LimitHeaders(spec).empty());
}

TEST(RetryAfter, TakesEveryForm) {
  auto spec = Spec(v1::ERROR_KIND_RATE_LIMITED);
  spec.retry_after = absl::Milliseconds(1500);
  const auto stated = [&](v1::RetryAfterForm form, std::string_view header) {
    spec.retry_after_form = form;
    const auto response = OpenAiChat().Error(spec, Model(), kDraw);
    return std::string(FindHeader(response.headers, header));
  };
  EXPECT_EQ(stated(v1::RETRY_AFTER_FORM_SECONDS, "retry-after"), "2");
  EXPECT_EQ(stated(v1::RETRY_AFTER_FORM_UNSPECIFIED, "retry-after"), "2");
  EXPECT_EQ(stated(v1::RETRY_AFTER_FORM_DATE, "retry-after"), "Wed, 14 Oct 2026 17:46:42 GMT");
  EXPECT_EQ(stated(v1::RETRY_AFTER_FORM_MILLISECONDS, "retry-after-ms"), "1500");
  EXPECT_EQ(stated(v1::RETRY_AFTER_FORM_MILLISECONDS, "retry-after"), "");
  EXPECT_EQ(stated(v1::RETRY_AFTER_FORM_BODY, "retry-after"), "");
  EXPECT_EQ(stated(v1::RETRY_AFTER_FORM_ABSENT, "retry-after"), "");
}

TEST(RetryAfter, IsInTheTextWhereNothingElseStatesIt) {
  auto spec = Spec(v1::ERROR_KIND_RATE_LIMITED);
  spec.retry_after = absl::Milliseconds(1500);
  spec.retry_after_form = v1::RETRY_AFTER_FORM_BODY;
  for (const message::Dialect* dialect :
       {&OpenAiChat(), &OpenAiResponses(), &AnthropicMessages(), &Mcp(), &HttpTool()}) {
    const auto response = dialect->Error(spec, Model(), kDraw);
    EXPECT_EQ(Occurrences(response.body, "Please try again in 1.5s."), 1u) << dialect->name();
    EXPECT_EQ(FindHeader(response.headers, "retry-after"), "") << dialect->name();
  }
  spec.retry_after_form = v1::RETRY_AFTER_FORM_ABSENT;
  EXPECT_EQ(Occurrences(OpenAiChat().Error(spec, Model(), kDraw).body, "try again in"), 0u);
}

TEST(AnthropicError, IsCompactWithItsRequestId) {
  const auto overloaded =
      AnthropicMessages().Error(Spec(v1::ERROR_KIND_OVERLOADED), Model(), kDraw);
  EXPECT_EQ(overloaded.status, 529);
  const std::string id(FindHeader(overloaded.headers, "request-id"));
  EXPECT_EQ(id.size(), 28u);
  EXPECT_EQ(id.substr(0, 8), "req_011C");
  EXPECT_EQ(
      overloaded.body,
      R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":")" +
          id + "\"}");
  // Recorded: 75 without the request id.
  EXPECT_EQ(overloaded.body.size() - id.size() - std::string_view(R"(,"request_id":"")").size(),
            75u);
  EXPECT_EQ(FindHeader(overloaded.headers, "x-should-retry"), "true");
  EXPECT_EQ(FindHeader(overloaded.headers, "content-type"), "application/json");
  EXPECT_EQ(FindHeader(overloaded.headers, "cache-control"), "no-store, no-cache");
}

TEST(AnthropicError, HasTheLengthThatWasRecorded) {
  const auto response =
      AnthropicMessages().Error(Spec(v1::ERROR_KIND_UNAUTHENTICATED), Model(), kDraw);
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body.size(), 130u);
  EXPECT_EQ(FindHeader(response.headers, "x-should-retry"), "false");
}

TEST(AnthropicError, LeavesTheEnvelopeOutAtTheEdge) {
  const auto response = AnthropicMessages().Error(Spec(v1::ERROR_KIND_TOO_LARGE), Model(), kDraw);
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(
      response.body,
      R"({"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})");
  EXPECT_EQ(FindHeader(response.headers, "request-id"), "");
}

TEST(AnthropicError, CountsItsLimitsDown) {
  auto spec = Spec(v1::ERROR_KIND_RATE_LIMITED);
  spec.requests = {50, 0, absl::Seconds(12)};
  spec.tokens = {30000, 12600, absl::Seconds(3)};
  spec.retry_after = absl::Seconds(12);
  const auto response = AnthropicMessages().Error(spec, Model(), kDraw);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(FindHeader(response.headers, "retry-after"), "12");
  EXPECT_EQ(FindHeader(response.headers, "anthropic-ratelimit-requests-limit"), "50");
  EXPECT_EQ(FindHeader(response.headers, "anthropic-ratelimit-requests-remaining"), "0");
  EXPECT_EQ(FindHeader(response.headers, "anthropic-ratelimit-requests-reset"),
            "2026-10-14T17:46:52Z");
  EXPECT_EQ(FindHeader(response.headers, "anthropic-ratelimit-tokens-remaining"), "13000");
  EXPECT_EQ(FindHeader(response.headers, "anthropic-ratelimit-input-tokens-limit"), "30000");
  EXPECT_NE(response.body.find("rate limit of 50 requests per minute"), std::string::npos);
  spec.requests.reset();
  EXPECT_NE(AnthropicMessages()
                .Error(spec, Model(), kDraw)
                .body.find("of 30,000 input tokens per minute"),
            std::string::npos);
}

TEST(Errors, HaveAStatusAndAMessageForEveryKind) {
  struct Status {
    v1::ErrorKind kind;
    int chat, responses, anthropic;
  };
  for (const Status& s : {
           Status{v1::ERROR_KIND_RATE_LIMITED, 429, 429, 429},
           Status{v1::ERROR_KIND_QUOTA_EXHAUSTED, 429, 429, 400},
           Status{v1::ERROR_KIND_OVERLOADED, 503, 503, 529},
           Status{v1::ERROR_KIND_UNAUTHENTICATED, 401, 401, 401},
           Status{v1::ERROR_KIND_KEY_EXPIRED, 401, 401, 401},
           Status{v1::ERROR_KIND_FORBIDDEN, 403, 403, 403},
           Status{v1::ERROR_KIND_MODEL_NOT_FOUND, 404, 400, 404},
           Status{v1::ERROR_KIND_CONTEXT_TOO_LONG, 400, 400, 400},
           Status{v1::ERROR_KIND_CONTENT_FILTERED, 400, 400, 400},
           Status{v1::ERROR_KIND_TOO_LARGE, 413, 413, 413},
           Status{v1::ERROR_KIND_INVALID_REQUEST, 400, 400, 400},
           Status{v1::ERROR_KIND_CONFLICT, 409, 409, 409},
           Status{v1::ERROR_KIND_TIMEOUT, 408, 408, 504},
           Status{v1::ERROR_KIND_SERVER_ERROR, 500, 500, 500},
           Status{v1::ERROR_KIND_UNSPECIFIED, 500, 500, 500},
           Status{v1::ERROR_KIND_UNAVAILABLE, 503, 503, 503},
       }) {
    const auto check = [&](const message::Dialect& dialect, int status) {
      const auto response = dialect.Error(Spec(s.kind), Model(), kDraw);
      EXPECT_EQ(response.status, status) << dialect.name() << " " << s.kind;
      const std::string body = response.body;
      ASSERT_TRUE(message::JsonTree(body).root()) << response.body;
      EXPECT_NE(TextIn(body, "/error/message"), "");
      EXPECT_EQ(response.body.find('{' + std::string("model")), std::string::npos);
      EXPECT_TRUE(dialect.Read(response.status, Plain(response.body)).failed);
    };
    check(OpenAiChat(), s.chat);
    check(OpenAiResponses(), s.responses);
    check(AnthropicMessages(), s.anthropic);
  }
}

TEST(Errors, SayWhatTheUserWantsThemToSay) {
  auto spec = Spec(v1::ERROR_KIND_OVERLOADED);
  spec.message = "a \"quoted\"\nline";
  for (const message::Dialect* dialect :
       {&OpenAiChat(), &OpenAiResponses(), &AnthropicMessages(), &Mcp(), &HttpTool()}) {
    const std::string body = dialect->Error(spec, Model(), kDraw).body;
    ASSERT_TRUE(message::JsonTree(body).root()) << dialect->name();
    EXPECT_EQ(TextIn(body, "/error/message"), *spec.message);
  }
}

TEST(Errors, AreAFunctionOfTheDraw) {
  const auto spec = Spec(v1::ERROR_KIND_OVERLOADED);
  const Draw other(42, 0, "rule", "*/llm:gpt-4o#1@2");
  EXPECT_EQ(OpenAiChat().Error(spec, Model(), kDraw), OpenAiChat().Error(spec, Model(), kDraw));
  EXPECT_NE(OpenAiChat().Error(spec, Model(), kDraw), OpenAiChat().Error(spec, Model(), other));
}

TEST(ErrorEvents, AreTheProvidersOwn) {
  const auto spec = Spec(v1::ERROR_KIND_OVERLOADED);
  EXPECT_EQ(
      OpenAiChat().ErrorEvents(spec, Model(), {}, kDraw),
      "data: {\"error\":{\"message\":\"Our servers are currently overloaded. Please try again "
      "later.\",\"type\":\"service_unavailable_error\",\"param\":null,\"code\":\"server_is_"
      "overloaded\"}}\n\n");
  EXPECT_EQ(AnthropicMessages().ErrorEvents(spec, Model(), {}, kDraw),
            "event: error\ndata: "
            "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
            "\"Overloaded\"}}\n\n");
  EXPECT_EQ(HttpTool().ErrorEvents(spec, Model(), {}, kDraw), "");
  auto tool = Model();
  EXPECT_EQ(Mcp().ErrorEvents(spec, tool, {}, kDraw), "");
  tool.rpc_id = "7";
  EXPECT_EQ(Mcp().ErrorEvents(spec, tool, {}, kDraw),
            "event: message\ndata: "
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32000,\"message\":\"Server is "
            "overloaded\"}}\n\n");
}

TEST(ErrorEvents, OfResponsesContinueNumberingAndResponse) {
  auto sent = Stream(streams::kResponsesText).parts;
  sent.resize(5);
  const std::string bytes =
      OpenAiResponses().ErrorEvents(Spec(v1::ERROR_KIND_QUOTA_EXHAUSTED), Model(), sent, kDraw);
  const auto events = Stream(bytes);
  ASSERT_EQ(events.parts.size(), 2u);
  EXPECT_EQ(events.parts[0].event, "error");
  EXPECT_EQ(events.parts[1].event, "response.failed");
  EXPECT_EQ(
      events.parts[0].data.find(
          R"({"type":"error","sequence_number":5,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"You exceeded)"),
      0u);
  const std::string failed = events.parts[1].data;
  ASSERT_TRUE(message::JsonTree(failed).root());
  EXPECT_EQ(CountIn(failed, "/sequence_number"), 6u);
  EXPECT_EQ(TextIn(failed, "/response/id"), "resp_68a1");
  EXPECT_EQ(TextIn(failed, "/response/status"), "failed");
  EXPECT_EQ(TextIn(failed, "/response/error/code"), "insufficient_quota");
  const auto answer = OpenAiResponses().Read(200, events);
  EXPECT_TRUE(answer.failed);
  EXPECT_TRUE(answer.complete);
}

TEST(ErrorEvents, OfResponsesStandAloneToo) {
  const auto events =
      Stream(OpenAiResponses().ErrorEvents(Spec(v1::ERROR_KIND_SERVER_ERROR), Model(), {}, kDraw));
  const std::string failed = events.parts[1].data;
  ASSERT_TRUE(message::JsonTree(failed).root());
  EXPECT_EQ(TextIn(failed, "/response/id").size(), 55u);
  EXPECT_EQ(TextIn(failed, "/response/model"), "gpt-4o");
  EXPECT_EQ(CountIn(failed, "/sequence_number"), 1u);
}

TEST(GoDuration, PrintsAsGoDoes) {
  EXPECT_EQ(dialect::GoDuration(absl::ZeroDuration()), "0s");
  EXPECT_EQ(dialect::GoDuration(absl::Microseconds(10)), "1ms");
  EXPECT_EQ(dialect::GoDuration(absl::Milliseconds(120)), "120ms");
  EXPECT_EQ(dialect::GoDuration(absl::Milliseconds(1500)), "1.5s");
  EXPECT_EQ(dialect::GoDuration(absl::Minutes(6)), "6m0s");
  EXPECT_EQ(dialect::GoDuration(absl::Seconds(432)), "7m12s");
  EXPECT_EQ(dialect::GoDuration(absl::Hours(114) + absl::Minutes(18)), "114h18m0s");
}

}  // namespace
}  // namespace murphy
