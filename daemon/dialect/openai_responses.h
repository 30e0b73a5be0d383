// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/finish_names.h"
#include "faults/message/dialect.h"

namespace murphy::dialect {

// OpenAI's Responses API.
class OpenAiResponsesDialect final : public message::Dialect {
 public:
  std::string_view name() const override { return "openai_responses"; }

  message::Call Describe(const message::Request& request, std::string_view route) const override;
  std::unique_ptr<message::AnswerReader> NewAnswer(int status, bool stream,
                                                   const message::Call& call) const override;
  std::vector<message::Field> Fields(const message::Document& document) const override;
  message::Piece Classify(const message::Part& part) const override;

  bool EndEarly(message::Document& document, const std::vector<message::Stop>& stops,
                message::FinishReason reason) const override;
  message::Response Error(const message::ErrorSpec& error, const message::Call& call,
                          const Draw& draw) const override;
  std::string ErrorEvents(const message::ErrorSpec& error, const message::Call& call,
                          const std::vector<message::Part>& sent, const Draw& draw) const override;
  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override;
  std::optional<message::Response> Failure(const message::ToolError&,
                                           const message::Call&) const override {
    return std::nullopt;
  }
};

// Why a response is incomplete.
inline constexpr FinishName kIncompleteReasons[] = {
    {"max_output_tokens", message::FinishReason::kLength},
    {"content_filter", message::FinishReason::kFiltered},
};

// `error` and `response.failed`, numbered on from what was sent.
std::string ResponseErrorEvents(const message::ErrorSpec& error, const message::Call& call,
                                const std::vector<message::Part>& sent, const Draw& draw);

// Errors that the provider reports under status 200 when a stream was asked for, so that no SDK
// retries them.
bool ComesInsideStream(v1::ErrorKind kind);

// Such an answer: the response begins, fails and ends.
message::Response StreamedError(const message::ErrorSpec& error, const message::Call& call,
                                const Draw& draw);

}  // namespace murphy::dialect
