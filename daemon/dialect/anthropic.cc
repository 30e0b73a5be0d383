// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boost/json/serialize.hpp"
#include "daemon/dialect/anthropic_errors.h"
#include "daemon/dialect/edit.h"
#include "daemon/dialect/json.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/model_call.h"
#include "daemon/dialect/pieces.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/text.h"
#include "daemon/dialect/tokens.h"
#include "faults/message/sse.h"

namespace murphy::dialect {
namespace {

using boost::json::value;
using message::Answer;
using message::Call;
using message::Document;
using message::FieldKind;
using message::Part;

// A whole content block of a plain answer.
void AddBlock(const value& block, size_t index, size_t part, Collector& values) {
  const std::string_view type = TextAt(block, "/type");
  Fragment piece;
  piece.outer = index;
  std::string input;
  if (type == "text") {
    piece.place = {part, Concat("/content/", index, "/text")};
    piece.text = TextAt(block, "/text");
  } else if (type == "tool_use" && At(block, "/input") != nullptr) {
    input = boost::json::serialize(*At(block, "/input"));
    piece.kind = FieldKind::kArguments;
    piece.tool = TextAt(block, "/name");
    piece.place = {part, Concat("/content/", index, "/input")};
    piece.text = input;
    piece.json = true;
  } else {
    return;
  }
  values.Add(piece);
}

void AddBlockEvent(const value& root, size_t part, Collector& values) {
  const std::string_view type = TextAt(root, "/type");
  Fragment piece;
  piece.outer = CountAt(root, "/index").value_or(0);
  if (type == "content_block_start") {
    const std::string_view block = TextAt(root, "/content_block/type");
    if (block == "tool_use") {
      piece.kind = FieldKind::kArguments;
      piece.tool = TextAt(root, "/content_block/name");
    } else if (block == "text") {
      piece.place = {part, "/content_block/text"};
      piece.text = TextAt(root, "/content_block/text");
    } else {
      return;
    }
    values.Add(piece);
  } else if (type == "content_block_delta") {
    const bool text = TextAt(root, "/delta/type") == "text_delta";
    if (!text && TextAt(root, "/delta/type") != "input_json_delta") return;
    const std::string pointer = text ? "/delta/text" : "/delta/partial_json";
    piece.kind = text ? FieldKind::kText : FieldKind::kArguments;
    piece.place = {part, pointer};
    piece.text = TextAt(root, pointer);
    values.Add(piece);
  }
}

void AddPart(const value& root, size_t part, bool stream, Collector& values) {
  if (stream) {
    AddBlockEvent(root, part, values);
    return;
  }
  const auto& blocks = ListAt(root, "/content");
  for (size_t i = 0; i < blocks.size(); ++i) AddBlock(blocks[i], i, part, values);
}

std::vector<Value> Values(const Document& document) {
  Collector values;
  for (size_t i = 0; i < document.parts.size(); ++i) {
    const auto root = ParseJson(document.parts[i].data);
    if (root) AddPart(*root, i, document.stream, values);
  }
  return values.Take();
}

// Usage as it accumulates over the events of a stream: the latest figure of each kind holds.
struct Usage {
  std::optional<uint64_t> input, cache_creation, cache_read, output;

  void Update(const value& root, const std::string& pointer) {
    const auto take = [&](const char* key, std::optional<uint64_t>& into) {
      if (const auto count = CountAt(root, pointer + key)) into = count;
    };
    take("/input_tokens", input);
    take("/cache_creation_input_tokens", cache_creation);
    take("/cache_read_input_tokens", cache_read);
    take("/output_tokens", output);
  }
};

// Where a text ends early: everything of later blocks is gone.
bool EndEvent(Part& part, uint64_t stop, bool blanked, bool& passed) {
  const auto root = ParseJson(part.data);
  if (!root) return false;
  const std::string_view type = TextAt(*root, "/type");
  if (type == "message_delta") {
    PutJson(part, "/delta/stop_reason", "\"max_tokens\"");
    PutJson(part, "/delta/stop_sequence", "null");
    return false;
  }
  const auto index = CountAt(*root, "/index");
  if (!index || *index < stop) return false;
  if (*index > stop) return true;
  if (type != "content_block_delta") return false;
  passed = passed || blanked;
  // Citations and further text of the block come after its end.
  return passed;
}

class AnthropicDialect : public message::Dialect {
 public:
  std::string_view name() const override { return "anthropic_messages"; }

  Call Describe(const message::Request& request, std::string_view) const override {
    Call call = DescribeModelCall(request, "anthropic");
    const auto body = ParseModelBody(request, call);
    if (!body) return call;
    call.estimated_tokens = EstimateAnthropicTokens(*body);
    std::string instructions;
    AppendText(*body, "/system", instructions);
    call.shape = PurposeShape(instructions, ToolNames(*body), "");
    return call;
  }

  Answer Read(int status, const Document& document) const override {
    Answer answer;
    answer.failed = status >= 400;
    answer.complete = answer.failed || !document.stream;
    Collector values;
    Usage usage;
    for (size_t i = 0; i < document.parts.size(); ++i) {
      const auto root = ParseJson(document.parts[i].data);
      if (!root) {
        if (!document.stream && !answer.failed) answer.complete = false;
        continue;
      }
      const std::string_view type = TextAt(*root, "/type");
      if (type == "error" || HasAt(*root, "/error")) answer.failed = true;
      if (type == "message_stop") answer.complete = true;
      AddPart(*root, i, document.stream, values);
      usage.Update(*root, type == "message_start" ? "/message/usage" : "/usage");
    }
    if (usage.input) {
      // The provider's `input_tokens` leaves cached tokens out.
      answer.input_tokens =
          *usage.input + usage.cache_creation.value_or(0) + usage.cache_read.value_or(0);
    }
    answer.output_tokens = usage.output;
    FillAnswer(values.Take(), answer);
    return answer;
  }

  std::vector<message::Field> Fields(const Document& document) const override {
    return FieldsOf(Values(document));
  }

  message::Piece Classify(const Part& part) const override {
    const std::string_view data = part.data;
    const std::string_view type =
        part.event.empty() ? ScanText(data, "type").value_or("") : part.event;
    const auto says = [data](std::string_view quoted) {
      return data.find(quoted) != std::string_view::npos;
    };
    if (type == "message_stop") return message::Piece::kEnd;
    if (type == "content_block_start" && says("\"tool_use\"")) return message::Piece::kToolCall;
    if (type == "content_block_delta") {
      if (says("\"text_delta\"") && ScanNonEmpty(data, "text")) return message::Piece::kText;
      if (ScanNonEmpty(data, "partial_json")) return message::Piece::kArguments;
    }
    return message::Piece::kOther;
  }

  bool StopForLength(Document& document, double fraction) const override {
    std::vector<bool> blanked(document.parts.size());
    const std::optional<Stop> stop = CutTexts(document, Values(document), fraction, blanked);
    if (!stop) return false;
    if (!document.stream) {
      for (Part& part : document.parts) {
        const auto root = ParseJson(part.data);
        if (!root) continue;
        KeepElements(part, "/content", stop->outer + 1, ListAt(*root, "/content").size());
        PutJson(part, "/stop_reason", "\"max_tokens\"");
        PutJson(part, "/stop_sequence", "null");
      }
      return true;
    }
    std::vector<bool> drop(document.parts.size());
    bool passed = false;
    for (size_t i = 0; i < document.parts.size(); ++i) {
      drop[i] = EndEvent(document.parts[i], stop->outer, blanked[i], passed);
    }
    DropParts(document, drop);
    return true;
  }

  message::Response Error(const message::ErrorSpec& error, const Call& call,
                          const Draw& draw) const override {
    return AnthropicResponse(error, call, draw);
  }

  std::string ErrorEvents(const message::ErrorSpec& error, const Call& call,
                          const std::vector<Part>&, const Draw& draw) const override {
    return message::FormatEvent("error", AnthropicErrorData(error, call, draw));
  }

  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override {
    return AnthropicLimits(limits);
  }

  std::optional<message::Response> ToolFailure(const v1::ToolErrorFault&,
                                               const Call&) const override {
    return std::nullopt;
  }
};

}  // namespace

const message::Dialect& AnthropicMessages() {
  static const AnthropicDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
