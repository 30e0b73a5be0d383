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

// Anthropic's Messages API.
class AnthropicDialect final : public message::Dialect {
 public:
  std::string_view name() const override { return "anthropic_messages"; }

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

inline constexpr FinishName kAnthropicFinishes[] = {
    {"end_turn", message::FinishReason::kStop},
    {"stop_sequence", message::FinishReason::kStop},
    {"max_tokens", message::FinishReason::kLength},
    {"model_context_window_exceeded", message::FinishReason::kLength},
    {"tool_use", message::FinishReason::kToolCalls},
    {"refusal", message::FinishReason::kFiltered},
};

}  // namespace murphy::dialect
