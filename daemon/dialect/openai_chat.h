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

// Chat completions, as OpenAI and many others speak them; legacy completions and embeddings too.
class OpenAiChatDialect final : public message::Dialect {
 public:
  std::string_view name() const override { return "openai_chat"; }

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

// As many choices as the API offers; each edit of one reads the whole body, so their number is
// bounded.
inline constexpr size_t kMaxChoices = 128;

inline constexpr FinishName kChatFinishes[] = {
    {"stop", message::FinishReason::kStop},
    {"length", message::FinishReason::kLength},
    {"tool_calls", message::FinishReason::kToolCalls},
    {"function_call", message::FinishReason::kToolCalls},
    {"content_filter", message::FinishReason::kFiltered},
};

}  // namespace murphy::dialect
