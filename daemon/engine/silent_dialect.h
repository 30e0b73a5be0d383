// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/dialect.h"

namespace murphy::engine {

// For exchanges of which nothing is read or written any more: engines hand a dialect on, and ask it
// nothing.
class SilentDialect final : public message::Dialect {
 public:
  std::string_view name() const override { return "silent"; }
  message::Call Describe(const message::Request&, std::string_view) const override { return {}; }
  std::unique_ptr<message::AnswerReader> NewAnswer(int, bool, const message::Call&) const override {
    return nullptr;
  }
  std::vector<message::Field> Fields(const message::Document&) const override { return {}; }
  message::Piece Classify(const message::Part&) const override { return message::Piece::kOther; }
  bool EndEarly(message::Document&, const std::vector<message::Stop>&,
                message::FinishReason) const override {
    return false;
  }
  message::Response Error(const message::ErrorSpec&, const message::Call&,
                          const Draw&) const override {
    return {};
  }
  std::string ErrorEvents(const message::ErrorSpec&, const message::Call&,
                          const std::vector<message::Part>&, const Draw&) const override {
    return {};
  }
  std::vector<message::Header> LimitHeaders(const message::ErrorSpec&) const override { return {}; }
  std::optional<message::Response> Failure(const message::ToolError&,
                                           const message::Call&) const override {
    return std::nullopt;
  }
};

}  // namespace murphy::engine
