// SPDX-License-Identifier: Apache-2.0
#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/chat_calls.h"
#include "daemon/dialect/fields.h"
#include "daemon/dialect/json_answer.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/model_call.h"
#include "daemon/dialect/openai_chat.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/tokens.h"

namespace murphy::dialect {
namespace {

using message::FieldKind;
using message::JsonKind;
using message::JsonValue;
using message::Piece;

class ChatFinder : public Finder {
 public:
  explicit ChatFinder(bool stream) : stream_(stream) {}

  void Find(JsonValue root, Findings& findings) override {
    const JsonValue choices = root["choices"];
    if (!choices.Is(JsonKind::kList)) return;
    size_t position = 0;
    for (JsonValue choice = choices.first(); choice && position < kMaxChoices;
         choice = choice.next(), ++position) {
      FindIn(choice, choice["index"].Count().value_or(position), findings);
    }
  }

 private:
  void FindIn(JsonValue choice, uint64_t index, Findings& findings) {
    const JsonValue body = choice[stream_ ? "delta" : "message"];
    for (const JsonValue text : {body["content"], choice["text"]}) {
      if (text.Is(JsonKind::kString)) {
        findings.Add({.kind = FieldKind::kText, .slot = {.choice = index}, .value = text});
      }
    }
    const JsonValue calls = body["tool_calls"];
    if (!calls.Is(JsonKind::kList)) return;
    size_t position = 0;
    for (JsonValue call = calls.first(); call; call = call.next(), ++position) {
      const JsonValue custom = call["custom"];
      const JsonValue function = custom.given() ? custom : call["function"];
      findings.Add({.kind = FieldKind::kArguments,
                    .slot = {index, stream_ ? calls_.SlotOf(index, call) : position},
                    .value = function[custom.given() ? "input" : "arguments"],
                    .tool = function["name"],
                    .id = call["id"]});
    }
  }

  const bool stream_;
  ChatCalls calls_;
};

class ChatAnswer : public JsonAnswer {
 public:
  ChatAnswer(int status, bool stream) : JsonAnswer(status, stream), finder_(stream) {}

 private:
  void TakeJson(JsonValue root) override {
    if (root["error"].given()) Fail();
    NoteName(root["id"], answer_.id);
    NoteName(root["model"], answer_.model);
    TakeUsage(root["usage"]);
    finder_.Find(root, said_);
    NoteChoices(root["choices"]);
    read_ = true;
  }

  void TakeOther(std::string_view data) override {
    if (stream() && data.starts_with("[DONE]")) done_ = over_ = true;
  }

  void TakeUsage(JsonValue usage) override {
    if (const auto input = usage["prompt_tokens"].Count()) answer_.input_tokens = input;
    if (const auto output = usage["completion_tokens"].Count()) answer_.output_tokens = output;
  }

  void NoteChoices(JsonValue choices) {
    if (!choices.Is(JsonKind::kList)) return;
    size_t position = 0;
    for (JsonValue choice = choices.first(); choice && position < kMaxChoices;
         choice = choice.next(), ++position) {
      const uint64_t index = choice["index"].Count().value_or(position) % kMaxChoices;
      begun_.set(index);
      NoteRefusal(choice[stream() ? "delta" : "message"]["refusal"]);
      if (const JsonValue reason = choice["finish_reason"]; reason.SaysSomething()) {
        finished_.set(index);
        answer_.finish = ReasonOf(kChatFinishes, reason);
      }
    }
  }

  // Not every server says `[DONE]`; a reason to stop in every choice is as good.
  bool Ended() const override {
    if (!stream()) return read_;
    return done_ || (begun_.any() && begun_ == finished_);
  }

  ChatFinder finder_;
  bool read_ = false;
  bool done_ = false;
  std::bitset<kMaxChoices> begun_;
  std::bitset<kMaxChoices> finished_;
};

// The most telling piece that a part holds.
class ChatPiece : public Findings {
 public:
  void Add(const Fragment& piece) override {
    if (piece.kind == FieldKind::kText) {
      if (piece.value.SaysSomething() && found == Piece::kOther) found = Piece::kText;
    } else if (piece.tool.SaysSomething()) {
      found = Piece::kToolCall;
    } else if (piece.value.SaysSomething() && found != Piece::kToolCall) {
      found = Piece::kArguments;
    }
  }

  Piece found = Piece::kOther;
};

}  // namespace

message::Call OpenAiChatDialect::Describe(const message::Request& request, std::string_view) const {
  message::JsonTree tree;
  message::Call call = DescribeModelCall(request, "openai", tree);
  const JsonValue body = tree.root();
  if (!body) return call;
  call.estimated_tokens = EstimateOpenAiTokens(body);
  std::string instructions;
  const JsonValue messages = body["messages"];
  for (JsonValue message = messages.first(); message; message = message.next()) {
    const JsonValue role = message["role"];
    if (role.Says("system") || role.Says("developer")) {
      AppendText(message["content"], instructions);
    }
  }
  call.shape = PurposeShape(instructions, ToolNames(body), body["response_format"]["type"].Text());
  return call;
}

std::unique_ptr<message::AnswerReader> OpenAiChatDialect::NewAnswer(int status, bool stream,
                                                                    const message::Call&) const {
  return std::make_unique<ChatAnswer>(status, stream);
}

std::vector<message::Field> OpenAiChatDialect::Fields(const message::Document& document) const {
  ChatFinder finder(document.stream);
  return FieldsOf(document, finder);
}

Piece OpenAiChatDialect::Classify(const message::Part& part) const {
  if (part.data.starts_with("[DONE]")) return Piece::kEnd;
  const message::JsonTree tree(part.data);
  ChatPiece piece;
  ChatFinder(/*stream=*/true).Find(tree.root(), piece);
  return piece.found;
}

const message::Dialect& OpenAiChat() {
  static const OpenAiChatDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
