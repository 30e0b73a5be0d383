// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/dialect.h"

namespace murphy::dialect {

// The Model Context Protocol over HTTP, of all revisions.
class McpDialect final : public message::Dialect {
 public:
  std::string_view name() const override { return "mcp"; }

  message::Call Describe(const message::Request& request, std::string_view route) const override;
  std::unique_ptr<message::AnswerReader> NewAnswer(int status, bool stream,
                                                   const message::Call& call) const override;
  std::vector<message::Field> Fields(const message::Document& document) const override;
  message::Piece Classify(const message::Part& part) const override;

  bool EndEarly(message::Document&, const std::vector<message::Stop>&,
                message::FinishReason) const override {
    return false;
  }
  message::Response Error(const message::ErrorSpec& error, const message::Call& call,
                          const Draw& draw) const override;
  std::string ErrorEvents(const message::ErrorSpec& error, const message::Call& call,
                          const std::vector<message::Part>& sent, const Draw& draw) const override;
  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override;
  std::optional<message::Response> Failure(const message::ToolError& error,
                                           const message::Call& call) const override;
};

}  // namespace murphy::dialect
