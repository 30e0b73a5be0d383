// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/openai_responses.h"

#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/json.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/model_call.h"
#include "daemon/dialect/openai_errors.h"
#include "daemon/dialect/pieces.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/text.h"
#include "daemon/dialect/tokens.h"

namespace murphy::dialect {
namespace {

using boost::json::value;
using message::Answer;
using message::Call;
using message::Document;
using message::FieldKind;
using message::Part;

// An output item: a message's texts, or a call's arguments.
void AddItem(const value& item, uint64_t output, size_t part, const std::string& base, bool copy,
             Collector& values) {
  const std::string_view type = TextAt(item, "/type");
  Fragment piece;
  piece.outer = output;
  piece.copy = copy;
  if (type == "function_call" || type == "custom_tool_call") {
    const std::string_view pointer = type == "function_call" ? "/arguments" : "/input";
    piece.kind = FieldKind::kArguments;
    piece.tool = TextAt(item, "/name");
    piece.place = {part, Concat(base, pointer)};
    piece.text = TextAt(item, pointer);
    values.Add(piece);
    return;
  }
  const auto& contents = ListAt(item, "/content");
  for (size_t i = 0; type == "message" && i < contents.size(); ++i) {
    if (TextAt(contents[i], "/type") != "output_text") continue;
    piece.inner = i;
    piece.place = {part, Concat(base, "/content/", i, "/text")};
    piece.text = TextAt(contents[i], "/text");
    values.Add(piece);
  }
}

void AddOutput(const value& root, size_t part, std::string_view pointer, bool copy,
               Collector& values) {
  const auto& output = ListAt(root, pointer);
  for (size_t i = 0; i < output.size(); ++i) {
    AddItem(output[i], i, part, Concat(pointer, "/", i), copy, values);
  }
}

// Events that hold a piece or a copy of one value at a fixed pointer.
struct ValueEvent {
  std::string_view type;
  FieldKind kind;
  std::string_view pointer;
  bool copy;
};

constexpr ValueEvent kValueEvents[] = {
    {"response.output_text.delta", FieldKind::kText, "/delta", false},
    {"response.output_text.done", FieldKind::kText, "/text", true},
    {"response.function_call_arguments.delta", FieldKind::kArguments, "/delta", false},
    {"response.function_call_arguments.done", FieldKind::kArguments, "/arguments", true},
    {"response.custom_tool_call_input.delta", FieldKind::kArguments, "/delta", false},
    {"response.custom_tool_call_input.done", FieldKind::kArguments, "/input", true},
};

void AddEvent(const value& root, size_t part, Collector& values) {
  const std::string_view type = TextAt(root, "/type");
  const uint64_t output = CountAt(root, "/output_index").value_or(0);
  Fragment piece;
  piece.outer = output;
  piece.inner = CountAt(root, "/content_index").value_or(0);
  for (const ValueEvent& event : kValueEvents) {
    if (event.type != type || At(root, event.pointer) == nullptr) continue;
    piece.kind = event.kind;
    piece.copy = event.copy;
    piece.place = {part, std::string(event.pointer)};
    piece.text = TextAt(root, event.pointer);
    values.Add(piece);
    return;
  }
  if (type == "response.content_part.done" && TextAt(root, "/part/type") == "output_text") {
    piece.copy = true;
    piece.place = {part, "/part/text"};
    piece.text = TextAt(root, "/part/text");
    values.Add(piece);
  } else if (type == "response.output_item.added" && HasAt(root, "/item/name")) {
    piece.kind = FieldKind::kArguments;
    piece.tool = TextAt(root, "/item/name");
    values.Add(piece);
  } else if (type == "response.output_item.done") {
    if (const value* item = At(root, "/item")) {
      AddItem(*item, output, part, "/item", /*copy=*/true, values);
    }
  } else if (IsTerminal(type)) {
    AddOutput(root, part, "/response/output", /*copy=*/true, values);
  }
}

// Reads state and usage off a response object at `pointer`, empty for the body itself.
void ReadResponse(const value& root, const std::string& pointer, Answer& answer) {
  if (HasAt(root, pointer + "/error") || TextAt(root, pointer + "/status") == "failed") {
    answer.failed = true;
  }
  const auto input = CountAt(root, pointer + "/usage/input_tokens");
  const auto output = CountAt(root, pointer + "/usage/output_tokens");
  if (input) answer.input_tokens = input;
  if (output) answer.output_tokens = output;
}

class OpenAiResponsesDialect : public message::Dialect {
 public:
  std::string_view name() const override { return "openai_responses"; }

  Call Describe(const message::Request& request, std::string_view) const override {
    Call call = DescribeModelCall(request, "openai");
    const auto body = ParseModelBody(request, call);
    if (!body) return call;
    call.estimated_tokens = EstimateOpenAiTokens(*body);
    std::string instructions;
    AppendText(*body, "/instructions", instructions);
    for (const value& item : ListAt(*body, "/input")) {
      const std::string_view role = TextAt(item, "/role");
      if (role == "system" || role == "developer") AppendText(item, "/content", instructions);
    }
    call.shape = PurposeShape(instructions, ToolNames(*body), TextAt(*body, "/text/format/type"));
    return call;
  }

  Answer Read(int status, const Document& document) const override {
    Answer answer;
    answer.failed = status >= 400;
    answer.complete = answer.failed || !document.stream;
    Collector values;
    for (size_t i = 0; i < document.parts.size(); ++i) {
      const auto root = ParseJson(document.parts[i].data);
      if (!root) {
        if (!document.stream && !answer.failed) answer.complete = false;
        continue;
      }
      if (!document.stream) {
        AddOutput(*root, i, "/output", /*copy=*/false, values);
        ReadResponse(*root, "", answer);
        continue;
      }
      AddEvent(*root, i, values);
      const std::string_view type = TextAt(*root, "/type");
      // Real traffic nests the error; the specification has it flat.
      if (type == "error") answer.failed = true;
      if (IsTerminal(type)) {
        answer.complete = true;
        ReadResponse(*root, "/response", answer);
      }
    }
    FillAnswer(values.Take(), answer);
    return answer;
  }

  std::vector<message::Field> Fields(const Document& document) const override {
    return FieldsOf(ResponseValues(document));
  }

  message::Piece Classify(const Part& part) const override {
    const std::string_view type =
        part.event.empty() ? ScanText(part.data, "type").value_or("") : part.event;
    if (IsTerminal(type)) return message::Piece::kEnd;
    if (type == "response.output_item.added") {
      const std::string_view data = part.data;
      const bool call = data.find("\"function_call\"") != std::string_view::npos ||
                        data.find("\"custom_tool_call\"") != std::string_view::npos;
      return call ? message::Piece::kToolCall : message::Piece::kOther;
    }
    for (const ValueEvent& event : kValueEvents) {
      if (event.type != type || event.copy || !ScanNonEmpty(part.data, "delta")) continue;
      return event.kind == FieldKind::kText ? message::Piece::kText : message::Piece::kArguments;
    }
    return message::Piece::kOther;
  }

  bool StopForLength(Document& document, double fraction) const override {
    return StopResponseForLength(document, fraction);
  }

  message::Response Error(const message::ErrorSpec& error, const Call& call,
                          const Draw& draw) const override {
    if (call.stream && ComesInsideStream(error.kind)) return StreamedError(error, call, draw);
    return OpenAiResponse(OpenAiApi::kResponses, error, call, draw);
  }

  std::string ErrorEvents(const message::ErrorSpec& error, const Call& call,
                          const std::vector<Part>& sent, const Draw& draw) const override {
    return ResponseErrorEvents(error, call, sent, draw);
  }

  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override {
    // A streamed Responses answer shows no limits.
    if (limits.streamed) return {};
    return OpenAiLimits(limits);
  }

  std::optional<message::Response> ToolFailure(const v1::ToolErrorFault&,
                                               const Call&) const override {
    return std::nullopt;
  }
};

}  // namespace

bool IsTerminal(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" || type == "response.failed";
}

std::vector<Value> ResponseValues(const Document& document) {
  Collector values;
  for (size_t i = 0; i < document.parts.size(); ++i) {
    const auto root = ParseJson(document.parts[i].data);
    if (!root) continue;
    if (document.stream) {
      AddEvent(*root, i, values);
    } else {
      AddOutput(*root, i, "/output", /*copy=*/false, values);
    }
  }
  return values.Take();
}

const message::Dialect& OpenAiResponses() {
  static const OpenAiResponsesDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
