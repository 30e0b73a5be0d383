// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/edit.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/openai_errors.h"
#include "daemon/dialect/openai_responses.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_tree.h"

namespace murphy::dialect {
namespace {

using message::Document;
using message::JsonTree;
using message::JsonValue;
using message::Part;
using message::Slot;

// Ends an output item behind a content part.
void EndItem(Part& part, size_t contents, const std::string& item, const Slot& last) {
  KeepElements(part, item + "/content", last.part + 1, contents);
  PutJson(part, item + "/status", "\"incomplete\"");
}

// Ends the response object at `pointer`.
void EndResponse(Part& part, const std::string& pointer, const Slot& last,
                 std::string_view reason) {
  const std::string data = part.data;
  const JsonTree tree(data);
  if (!tree.root()) return;
  const std::string output = pointer + "/output";
  const std::string item = Concat(output, "/", last.item);
  const size_t contents = tree.root().At(item + "/content").size();
  KeepElements(part, output, last.item + 1, tree.root().At(output).size());
  EndItem(part, contents, item, last);
  PutJson(part, pointer + "/status", "\"incomplete\"");
  PutJson(part, pointer + "/completed_at", "null");
  PutJson(part, pointer + "/incomplete_details", Concat("{\"reason\":\"", reason, "\"}"));
}

// Fits one event to the end. Returns whether it would not have been sent.
bool EndEvent(Part& part, const Slot& last, bool blanked, std::string_view reason) {
  const std::string data = part.data;
  const JsonTree tree(data);
  const JsonValue root = tree.root();
  const JsonValue type = root["type"];
  if (type.Says("response.completed")) {
    EndResponse(part, "/response", last, reason);
    PutJson(part, "/type", "\"response.incomplete\"");
    RenameEvent(part, "response.incomplete");
    return false;
  }
  const auto output = root["output_index"].Count();
  if (!output || *output < last.item) return false;
  if (*output > last.item) return true;
  if (root["content_index"].Count().value_or(0) > last.part) return true;
  if (type.Says("response.output_item.done")) {
    EndItem(part, root["item"]["content"].size(), "/item", last);
  }
  return blanked && type.Says("response.output_text.delta");
}

// Closes the gaps that dropped events left in the numbering.
void Renumber(Document& document) {
  std::optional<uint64_t> last;
  for (Part& part : document.parts) {
    const auto number = JsonTree(part.data).root()["sequence_number"].Count();
    if (!number) continue;
    const uint64_t next = last ? *last + 1 : *number;
    if (next != *number) PutJson(part, "/sequence_number", Concat(next));
    last = next;
  }
}

}  // namespace

bool OpenAiResponsesDialect::EndEarly(Document& document, const std::vector<message::Stop>& stops,
                                      message::FinishReason reason) const {
  const std::string_view name = NameOf(kIncompleteReasons, reason);
  if (stops.empty() || name.empty()) return false;
  const message::Stop& stop = stops.front();
  std::vector<bool> blanked(document.parts.size());
  CutValue(document, stop, blanked);
  if (!document.stream) {
    for (Part& part : document.parts) EndResponse(part, "", stop.field.slot, name);
    return true;
  }
  std::vector<bool> drop(document.parts.size());
  for (size_t i = 0; i < document.parts.size(); ++i) {
    drop[i] = EndEvent(document.parts[i], stop.field.slot, blanked[i], name);
  }
  DropParts(document, drop);
  Renumber(document);
  return true;
}

message::Response OpenAiResponsesDialect::Error(const message::ErrorSpec& error,
                                                const message::Call& call, const Draw& draw) const {
  if (call.stream && ComesInsideStream(error.kind)) return StreamedError(error, call, draw);
  return OpenAiResponse(OpenAiApi::kResponses, error, call, draw);
}

std::string OpenAiResponsesDialect::ErrorEvents(const message::ErrorSpec& error,
                                                const message::Call& call,
                                                const std::vector<Part>& sent,
                                                const Draw& draw) const {
  return ResponseErrorEvents(error, call, sent, draw);
}

std::vector<message::Header> OpenAiResponsesDialect::LimitHeaders(
    const message::ErrorSpec& limits) const {
  // A streamed Responses answer shows no limits.
  if (limits.streamed) return {};
  return OpenAiLimits(limits);
}

}  // namespace murphy::dialect
