// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "faults/message/dialect.h"

namespace murphy::test {

// A protocol small enough to read in a test. A plain answer is one JSON object, a stream one per
// event, with any of
//   {"text":"…"}  {"tool":"NAME"}  {"args":"…"}  {"end":true}  {"error":"…"}  {"result":"…"}
//   {"structured":…}
// `text` and `args` are spread over events; `args` of a plain answer may be a JSON object. Any
// other body is a result as a whole.
class FakeDialect final : public message::Dialect {
 public:
  // Whether the protocol can say errors, limits and failures of tools at all.
  bool speaks = true;

  std::string_view name() const override { return "fake"; }
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
  std::optional<message::Response> Failure(const message::ToolError& error,
                                           const message::Call& call) const override;
};

}  // namespace murphy::test
