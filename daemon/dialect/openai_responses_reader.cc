// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/fields.h"
#include "daemon/dialect/json_answer.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/model_call.h"
#include "daemon/dialect/openai_responses.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/tokens.h"

namespace murphy::dialect {
namespace {

using message::FieldKind;
using message::JsonKind;
using message::JsonValue;
using message::Piece;

bool IsTerminal(JsonValue type) {
  return type.Says("response.completed") || type.Says("response.incomplete") ||
         type.Says("response.failed");
}

// Events that hold a piece or a copy of one value in a member.
struct ValueEvent {
  std::string_view type;
  FieldKind kind;
  std::string_view member;
  bool copy;
};

constexpr ValueEvent kValueEvents[] = {
    {"response.output_text.delta", FieldKind::kText, "delta", false},
    {"response.function_call_arguments.delta", FieldKind::kArguments, "delta", false},
    {"response.custom_tool_call_input.delta", FieldKind::kArguments, "delta", false},
    {"response.output_text.done", FieldKind::kText, "text", true},
    {"response.function_call_arguments.done", FieldKind::kArguments, "arguments", true},
    {"response.custom_tool_call_input.done", FieldKind::kArguments, "input", true},
};

const ValueEvent* ValueEventOf(JsonValue type) {
  for (const ValueEvent& event : kValueEvents) {
    if (type.Says(event.type)) return &event;
  }
  return nullptr;
}

// The slot of a value: the output item, and the content part of it.
class ResponseFinder : public Finder {
 public:
  explicit ResponseFinder(bool stream) : stream_(stream) {}

  void Find(JsonValue root, Findings& findings) override {
    if (stream_) {
      FindInEvent(root, findings);
    } else {
      FindInOutput(root["output"], /*copy=*/false, findings);
    }
  }

 private:
  // An output item: a message's texts, or a call's arguments.
  static void FindInItem(JsonValue item, uint64_t output, bool copy, Findings& findings) {
    const JsonValue type = item["type"];
    if (type.Says("function_call") || type.Says("custom_tool_call")) {
      findings.Add({.kind = FieldKind::kArguments,
                    .slot = {.item = output},
                    .value = item[type.Says("function_call") ? "arguments" : "input"],
                    .tool = item["name"],
                    .id = item["call_id"],
                    .copy = copy});
      return;
    }
    const JsonValue contents = item["content"];
    if (!type.Says("message") || !contents.Is(JsonKind::kList)) return;
    uint64_t part = 0;
    for (JsonValue content = contents.first(); content; content = content.next(), ++part) {
      if (!content["type"].Says("output_text")) continue;
      findings.Add({.kind = FieldKind::kText,
                    .slot = {.item = output, .part = part},
                    .value = content["text"],
                    .copy = copy});
    }
  }

  static void FindInOutput(JsonValue output, bool copy, Findings& findings) {
    if (!output.Is(JsonKind::kList)) return;
    uint64_t index = 0;
    for (JsonValue item = output.first(); item; item = item.next(), ++index) {
      FindInItem(item, index, copy, findings);
    }
  }

  static void FindInEvent(JsonValue root, Findings& findings) {
    const JsonValue type = root["type"];
    const message::Slot slot{.item = root["output_index"].Count().value_or(0),
                             .part = root["content_index"].Count().value_or(0)};
    if (const ValueEvent* event = ValueEventOf(type)) {
      if (const JsonValue value = root[event->member]) {
        findings.Add({.kind = event->kind, .slot = slot, .value = value, .copy = event->copy});
      }
    } else if (type.Says("response.content_part.done")) {
      const JsonValue part = root["part"];
      if (!part["type"].Says("output_text")) return;
      findings.Add({.kind = FieldKind::kText, .slot = slot, .value = part["text"], .copy = true});
    } else if (type.Says("response.output_item.added")) {
      const JsonValue item = root["item"];
      if (!item["name"].given()) return;
      findings.Add({.kind = FieldKind::kArguments,
                    .slot = slot,
                    .tool = item["name"],
                    .id = item["call_id"]});
    } else if (type.Says("response.output_item.done")) {
      FindInItem(root["item"], slot.item, /*copy=*/true, findings);
    } else if (IsTerminal(type)) {
      FindInOutput(root["response"]["output"], /*copy=*/true, findings);
    }
  }

  const bool stream_;
};

class ResponseAnswer : public JsonAnswer {
 public:
  ResponseAnswer(int status, bool stream) : JsonAnswer(status, stream), finder_(stream) {}

 private:
  void TakeJson(JsonValue root) override {
    finder_.Find(root, said_);
    if (!stream()) {
      TakeResponse(root);
      ended_ = true;
      return;
    }
    const JsonValue type = root["type"];
    if (type.Says("response.refusal.delta")) NoteRefusal(root["delta"]);
    if (type.Says("response.created")) {
      NoteName(root["response"]["id"], answer_.id);
      NoteName(root["response"]["model"], answer_.model);
    }
    // Real traffic nests the error; the specification has it flat. A failed response follows.
    if (type.Says("error")) Fail();
    if (IsTerminal(type)) {
      TakeResponse(root["response"]);
      ended_ = over_ = true;
    }
  }

  // The response object itself.
  void TakeResponse(JsonValue response) {
    const JsonValue status = response["status"];
    if (response["error"].given() || status.Says("failed")) answer_.failed = true;
    if (status.Says("completed")) answer_.finish = message::FinishReason::kStop;
    if (status.Says("incomplete")) {
      answer_.finish = ReasonOf(kIncompleteReasons, response["incomplete_details"]["reason"]);
    }
    NoteName(response["id"], answer_.id);
    NoteName(response["model"], answer_.model);
    TakeUsage(response["usage"]);
  }

  void TakeUsage(JsonValue usage) override {
    if (const auto input = usage["input_tokens"].Count()) answer_.input_tokens = input;
    if (const auto output = usage["output_tokens"].Count()) answer_.output_tokens = output;
  }

  bool Ended() const override { return ended_; }

  ResponseFinder finder_;
  bool ended_ = false;
};

}  // namespace

message::Call OpenAiResponsesDialect::Describe(const message::Request& request,
                                               std::string_view) const {
  message::JsonTree tree;
  message::Call call = DescribeModelCall(request, "openai", tree);
  const JsonValue body = tree.root();
  if (!body) return call;
  call.estimated_tokens = EstimateOpenAiTokens(body);
  std::string instructions;
  AppendText(body["instructions"], instructions);
  const JsonValue input = body["input"];
  for (JsonValue item = input.first(); item; item = item.next()) {
    const JsonValue role = item["role"];
    if (role.Says("system") || role.Says("developer")) AppendText(item["content"], instructions);
  }
  call.shape = PurposeShape(instructions, ToolNames(body), body["text"]["format"]["type"].Text());
  return call;
}

std::unique_ptr<message::AnswerReader> OpenAiResponsesDialect::NewAnswer(
    int status, bool stream, const message::Call&) const {
  return std::make_unique<ResponseAnswer>(status, stream);
}

std::vector<message::Field> OpenAiResponsesDialect::Fields(
    const message::Document& document) const {
  ResponseFinder finder(document.stream);
  return FieldsOf(document, finder);
}

Piece OpenAiResponsesDialect::Classify(const message::Part& part) const {
  const message::JsonTree tree(part.data);
  const JsonValue root = tree.root();
  const JsonValue type = root["type"];
  if (IsTerminal(type)) return Piece::kEnd;
  if (type.Says("response.output_item.added")) {
    const JsonValue item = root["item"]["type"];
    const bool call = item.Says("function_call") || item.Says("custom_tool_call");
    return call ? Piece::kToolCall : Piece::kOther;
  }
  const ValueEvent* event = ValueEventOf(type);
  if (event == nullptr || event->copy || !root["delta"].SaysSomething()) return Piece::kOther;
  return event->kind == FieldKind::kText ? Piece::kText : Piece::kArguments;
}

const message::Dialect& OpenAiResponses() {
  static const OpenAiResponsesDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
