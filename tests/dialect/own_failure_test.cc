// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/own_failure.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "daemon/dialect/known.h"

namespace murphy {
namespace {

namespace json = boost::json;

constexpr std::string_view kSentence = "The name of the upstream x could not be resolved";

message::Response Spelt(const message::Dialect& dialect, const message::Call& call = {}) {
  return dialect::OwnFailure(dialect, call, 502, v1::ORIGIN_UPSTREAM, kSentence);
}

TEST(OwnFailure, SpeaksTheProtocolOfTheAgent) {
  const std::string said = "murphy: " + std::string(kSentence);
  message::Call streamed;
  streamed.stream = true;
  for (const auto* dialect : {&dialect::OpenAiChat(), &dialect::OpenAiResponses(),
                              &dialect::AnthropicMessages(), &dialect::Mcp()}) {
    for (const message::Call& call : {message::Call(), streamed}) {
      const message::Response response = Spelt(*dialect, call);
      EXPECT_EQ(response.status, 502);
      EXPECT_EQ(message::FindHeader(response.headers, "content-type"), "application/json");
      const json::object error = json::parse(response.body).at("error").as_object();
      EXPECT_NE(error.at("message").as_string().find(said), json::string::npos) << response.body;
    }
  }
}

TEST(OwnFailure, AnswersTheRpcCallThatFailed) {
  message::Call call;
  call.rpc_id = "7";
  EXPECT_EQ(json::parse(Spelt(dialect::Mcp(), call).body).at("id").as_int64(), 7);
}

TEST(OwnFailure, SaysWhoseItIsAndIsTextWhereNobodyKnowsBetter) {
  const message::Response response = Spelt(dialect::HttpTool());
  EXPECT_EQ(response.body, "murphy: " + std::string(kSentence) + "\n");
  EXPECT_EQ(message::FindHeader(response.headers, "x-murphy-origin"), "upstream");
}

}  // namespace
}  // namespace murphy
