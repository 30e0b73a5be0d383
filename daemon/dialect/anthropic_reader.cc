// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/anthropic.h"
#include "daemon/dialect/fields.h"
#include "daemon/dialect/json_answer.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/model_call.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/tokens.h"

namespace murphy::dialect {
namespace {

using message::FieldKind;
using message::JsonKind;
using message::JsonValue;
using message::Piece;

class AnthropicFinder : public Finder {
 public:
  explicit AnthropicFinder(bool stream) : stream_(stream) {}

  void Find(JsonValue root, Findings& findings) override {
    if (stream_) {
      FindInEvent(root, findings);
      return;
    }
    const JsonValue blocks = root["content"];
    if (!blocks.Is(JsonKind::kList)) return;
    uint64_t index = 0;
    for (JsonValue block = blocks.first(); block; block = block.next(), ++index) {
      FindInBlock(block, index, findings);
    }
  }

 private:
  // Blocks of other kinds that are remembered. Numbers begin at 0 and are small.
  static constexpr size_t kMostBlocks = 1024;

  // A whole content block of a plain answer.
  static void FindInBlock(JsonValue block, uint64_t index, Findings& findings) {
    const JsonValue type = block["type"];
    const message::Slot slot{.item = index};
    if (type.Says("text")) {
      findings.Add({.kind = FieldKind::kText, .slot = slot, .value = block["text"]});
    } else if (type.Says("tool_use") && block["input"]) {
      findings.Add({.kind = FieldKind::kArguments,
                    .slot = slot,
                    .value = block["input"],
                    .tool = block["name"],
                    .id = block["id"],
                    .json = true});
    }
  }

  void FindInEvent(JsonValue root, Findings& findings) {
    const JsonValue type = root["type"];
    const uint64_t index = root["index"].Count().value_or(0);
    const message::Slot slot{.item = index};
    if (type.Says("content_block_start")) {
      const JsonValue block = root["content_block"];
      if (block["type"].Says("tool_use")) {
        findings.Add({.kind = FieldKind::kArguments,
                      .slot = slot,
                      .tool = block["name"],
                      .id = block["id"]});
      } else if (block["type"].Says("text")) {
        findings.Add({.kind = FieldKind::kText, .slot = slot, .value = block["text"]});
      } else if (others_.size() < kMostBlocks) {
        others_.push_back(index);
      }
    } else if (type.Says("content_block_delta") && !IsOther(index)) {
      const JsonValue delta = root["delta"];
      if (delta["type"].Says("text_delta")) {
        findings.Add({.kind = FieldKind::kText, .slot = slot, .value = delta["text"]});
      } else if (delta["type"].Says("input_json_delta")) {
        findings.Add({.kind = FieldKind::kArguments, .slot = slot, .value = delta["partial_json"]});
      }
    }
  }

  bool IsOther(uint64_t index) const {
    return std::find(others_.begin(), others_.end(), index) != others_.end();
  }

  const bool stream_;
  // Numbers of blocks that are nothing to the agent: what the provider's own tools are asked, and
  // what they answer, looks like calls of the agent's tools from its second event on.
  std::vector<uint64_t> others_;
};

class AnthropicAnswer : public JsonAnswer {
 public:
  AnthropicAnswer(int status, bool stream) : JsonAnswer(status, stream), finder_(stream) {}

 private:
  void TakeJson(JsonValue root) override {
    const JsonValue type = root["type"];
    if (type.Says("error") || root["error"].given()) Fail();
    const JsonValue message = type.Says("message_start") ? root["message"] : root;
    if (type.Says("message_start") || !stream()) {
      NoteName(message["id"], answer_.id);
      NoteName(message["model"], answer_.model);
    }
    TakeUsage(message["usage"]);
    finder_.Find(root, said_);
    const JsonValue reason = stream() ? root["delta"]["stop_reason"] : root["stop_reason"];
    if (reason.SaysSomething()) {
      answer_.finish = ReasonOf(kAnthropicFinishes, reason);
      ended_ = true;
    }
    if (type.Says("message_stop")) ended_ = over_ = true;
    if (!stream()) ended_ = true;
  }

  // Usage accumulates over the events of a stream: the latest figure of each kind holds. The
  // provider's `input_tokens` leaves cached tokens out.
  void TakeUsage(JsonValue usage) override {
    if (!usage) return;
    const auto take = [usage](std::string_view key, std::optional<uint64_t>& into) {
      if (const auto count = usage[key].Count()) into = count;
    };
    take("input_tokens", input_);
    take("cache_creation_input_tokens", cache_creation_);
    take("cache_read_input_tokens", cache_read_);
    take("output_tokens", answer_.output_tokens);
    if (input_) {
      answer_.input_tokens = *input_ + cache_creation_.value_or(0) + cache_read_.value_or(0);
    }
  }

  bool Ended() const override { return ended_; }

  AnthropicFinder finder_;
  bool ended_ = false;
  std::optional<uint64_t> input_, cache_creation_, cache_read_;
};

}  // namespace

message::Call AnthropicDialect::Describe(const message::Request& request, std::string_view) const {
  message::JsonTree tree;
  message::Call call = DescribeModelCall(request, "anthropic", tree);
  const JsonValue body = tree.root();
  if (!body) return call;
  call.estimated_tokens = EstimateAnthropicTokens(body);
  std::string instructions;
  AppendText(body["system"], instructions);
  call.shape = PurposeShape(instructions, ToolNames(body), "");
  return call;
}

std::unique_ptr<message::AnswerReader> AnthropicDialect::NewAnswer(int status, bool stream,
                                                                   const message::Call&) const {
  return std::make_unique<AnthropicAnswer>(status, stream);
}

std::vector<message::Field> AnthropicDialect::Fields(const message::Document& document) const {
  AnthropicFinder finder(document.stream);
  return FieldsOf(document, finder);
}

Piece AnthropicDialect::Classify(const message::Part& part) const {
  const message::JsonTree tree(part.data);
  const JsonValue root = tree.root();
  const JsonValue type = root["type"];
  if (type.Says("message_stop")) return Piece::kEnd;
  if (type.Says("content_block_start") && root["content_block"]["type"].Says("tool_use")) {
    return Piece::kToolCall;
  }
  if (!type.Says("content_block_delta")) return Piece::kOther;
  const JsonValue delta = root["delta"];
  if (delta["type"].Says("text_delta") && delta["text"].SaysSomething()) return Piece::kText;
  return delta["partial_json"].SaysSomething() ? Piece::kArguments : Piece::kOther;
}

const message::Dialect& AnthropicMessages() {
  static const AnthropicDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
