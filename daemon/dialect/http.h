// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/dialect.h"

namespace murphy::dialect {

// Plain HTTP: a path with arguments, and an answer that its status judges.
class HttpDialect final : public message::Dialect {
 public:
  explicit HttpDialect(v1::TargetKind kind) : kind_(kind) {}

  std::string_view name() const override { return "http"; }

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
  std::string ErrorEvents(const message::ErrorSpec&, const message::Call&,
                          const std::vector<message::Part>&, const Draw&) const override {
    return "";
  }
  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override;
  std::optional<message::Response> Failure(const message::ToolError& error,
                                           const message::Call& call) const override;

 private:
  v1::TargetKind kind_;
};

}  // namespace murphy::dialect
