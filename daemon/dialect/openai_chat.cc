// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/edit.h"
#include "daemon/dialect/json.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/model_call.h"
#include "daemon/dialect/openai_errors.h"
#include "daemon/dialect/pieces.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/text.h"
#include "daemon/dialect/tokens.h"
#include "faults/message/json_edit.h"

namespace murphy::dialect {
namespace {

using boost::json::value;
using message::Answer;
using message::Call;
using message::Document;
using message::FieldKind;
using message::Part;

// As many as the API offers; each edit of one reads the whole body, so their number is bounded.
constexpr size_t kMaxChoices = 128;

size_t ChoiceCount(const boost::json::array& choices) {
  return std::min(choices.size(), kMaxChoices);
}

// A tool call in full, or a piece of one: functions and custom tools.
void AddToolCall(const value& call, uint64_t choice, uint64_t position, size_t part,
                 const std::string& base, Collector& values) {
  const bool custom = HasAt(call, "/custom");
  Fragment piece;
  piece.kind = FieldKind::kArguments;
  piece.outer = choice;
  piece.inner = CountAt(call, "/index").value_or(position);
  piece.tool = TextAt(call, custom ? "/custom/name" : "/function/name");
  const std::string_view pointer = custom ? "/custom/input" : "/function/arguments";
  if (At(call, pointer) != nullptr) piece.place = {part, Concat(base, pointer)};
  piece.text = TextAt(call, pointer);
  values.Add(piece);
}

void AddChoice(const value& choice, size_t position, size_t part, std::string_view body,
               Collector& values) {
  const uint64_t index = CountAt(choice, "/index").value_or(position);
  const std::string base = Concat("/choices/", position, body);
  const std::string content = Concat(body, "/content");
  if (const value* text = At(choice, content); text != nullptr && text->is_string()) {
    Fragment piece;
    piece.outer = index;
    piece.place = {part, Concat(base, "/content")};
    piece.text = TextAt(choice, content);
    values.Add(piece);
  }
  const auto& calls = ListAt(choice, Concat(body, "/tool_calls"));
  for (size_t i = 0; i < calls.size(); ++i) {
    AddToolCall(calls[i], index, i, part, Concat(base, "/tool_calls/", i), values);
  }
}

void AddChoices(const value& root, size_t part, bool stream, Collector& values) {
  const auto& choices = ListAt(root, "/choices");
  for (size_t i = 0; i < ChoiceCount(choices); ++i) {
    AddChoice(choices[i], i, part, stream ? "/delta" : "/message", values);
  }
}

std::vector<Value> Values(const Document& document) {
  Collector values;
  for (size_t i = 0; i < document.parts.size(); ++i) {
    const auto root = ParseJson(document.parts[i].data);
    if (root) AddChoices(*root, i, document.stream, values);
  }
  return values.Take();
}

// Everything behind a cut is gone, and every choice that was cut says why. Returns whether nothing
// is left of the chunk.
bool FinishChunk(Part& part, const std::vector<uint64_t>& cut, bool stream, bool blanked) {
  const auto root = ParseJson(part.data);
  if (!root) return false;
  const auto& choices = ListAt(*root, "/choices");
  const std::string_view body = stream ? "/delta" : "/message";
  bool hollow = choices.size() == 1 && stream && !HasAt(*root, "/usage");
  for (size_t i = 0; i < ChoiceCount(choices); ++i) {
    const uint64_t index = CountAt(choices[i], "/index").value_or(i);
    if (std::find(cut.begin(), cut.end(), index) == cut.end()) {
      hollow = false;
      continue;
    }
    const bool calls = RemoveMember(part, Concat("/choices/", i, body, "/tool_calls"));
    const bool finished = HasAt(choices[i], "/finish_reason");
    if (finished) PutJson(part, Concat("/choices/", i, "/finish_reason"), "\"length\"");
    hollow = hollow && !finished && (calls || blanked);
  }
  return hollow;
}

class OpenAiChatDialect : public message::Dialect {
 public:
  std::string_view name() const override { return "openai_chat"; }

  Call Describe(const message::Request& request, std::string_view) const override {
    Call call = DescribeModelCall(request, "openai");
    const auto body = ParseModelBody(request, call);
    if (!body) return call;
    call.estimated_tokens = EstimateOpenAiTokens(*body);
    std::string instructions;
    for (const value& message : ListAt(*body, "/messages")) {
      const std::string_view role = TextAt(message, "/role");
      if (role == "system" || role == "developer") AppendText(message, "/content", instructions);
    }
    call.shape =
        PurposeShape(instructions, ToolNames(*body), TextAt(*body, "/response_format/type"));
    return call;
  }

  Answer Read(int status, const Document& document) const override {
    Answer answer;
    answer.failed = status >= 400;
    answer.complete = answer.failed || !document.stream;
    Collector values;
    for (size_t i = 0; i < document.parts.size(); ++i) {
      const Part& part = document.parts[i];
      if (document.stream && part.data.starts_with("[DONE]")) answer.complete = true;
      const auto root = ParseJson(part.data);
      if (!root) {
        if (!document.stream && !answer.failed) answer.complete = false;
        continue;
      }
      if (HasAt(*root, "/error")) answer.failed = true;
      AddChoices(*root, i, document.stream, values);
      if (const auto input = CountAt(*root, "/usage/prompt_tokens")) answer.input_tokens = input;
      if (const auto output = CountAt(*root, "/usage/completion_tokens")) {
        answer.output_tokens = output;
      }
    }
    FillAnswer(values.Take(), answer);
    return answer;
  }

  std::vector<message::Field> Fields(const Document& document) const override {
    return FieldsOf(Values(document));
  }

  message::Piece Classify(const Part& part) const override {
    if (part.data.starts_with("[DONE]")) return message::Piece::kEnd;
    if (ScanKey(part.data, "tool_calls")) {
      if (ScanNonEmpty(part.data, "name")) return message::Piece::kToolCall;
      const bool arguments =
          ScanNonEmpty(part.data, "arguments") || ScanNonEmpty(part.data, "input");
      return arguments ? message::Piece::kArguments : message::Piece::kOther;
    }
    return ScanNonEmpty(part.data, "content") ? message::Piece::kText : message::Piece::kOther;
  }

  bool StopForLength(Document& document, double fraction) const override {
    std::vector<uint64_t> cut;
    std::vector<bool> blanked(document.parts.size());
    for (const Value& value : Values(document)) {
      if (value.field.kind != FieldKind::kText || value.text.empty()) continue;
      CutValue(document, value, KeptBytes(value.text, fraction), blanked);
      cut.push_back(value.outer);
    }
    if (cut.empty()) return false;
    std::vector<bool> drop(document.parts.size());
    for (size_t i = 0; i < document.parts.size(); ++i) {
      drop[i] = FinishChunk(document.parts[i], cut, document.stream, blanked[i]);
    }
    DropParts(document, drop);
    return true;
  }

  message::Response Error(const message::ErrorSpec& error, const Call& call,
                          const Draw& draw) const override {
    return OpenAiResponse(OpenAiApi::kChat, error, call, draw);
  }

  std::string ErrorEvents(const message::ErrorSpec& error, const Call& call,
                          const std::vector<Part>&, const Draw& draw) const override {
    const OpenAiError made = MakeOpenAiError(OpenAiApi::kChat, error, call, draw);
    return Concat("data: {\"error\":{\"message\":", message::QuoteJson(made.message),
                  ",\"type\":", message::QuoteJson(made.type),
                  ",\"param\":", QuoteOrNull(made.param), ",\"code\":", QuoteOrNull(made.code),
                  "}}\n\n");
  }

  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override {
    return OpenAiLimits(limits);
  }

  std::optional<message::Response> ToolFailure(const v1::ToolErrorFault&,
                                               const Call&) const override {
    return std::nullopt;
  }
};

}  // namespace

const message::Dialect& OpenAiChat() {
  static const OpenAiChatDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
