// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/edit.h"
#include "daemon/dialect/json.h"
#include "daemon/dialect/openai_responses.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

using boost::json::value;
using message::Document;
using message::Part;

// Ends an output item behind the stop.
void EndItem(Part& part, const value& root, const std::string& item, const Stop& stop) {
  const std::string contents = item + "/content";
  KeepElements(part, contents, stop.inner + 1, ListAt(root, contents).size());
  PutJson(part, item + "/status", "\"incomplete\"");
}

// Ends the response object at `pointer`.
void EndResponse(Part& part, const std::string& pointer, const Stop& stop) {
  const auto root = ParseJson(part.data);
  if (!root) return;
  const std::string output = pointer + "/output";
  KeepElements(part, output, stop.outer + 1, ListAt(*root, output).size());
  EndItem(part, *root, Concat(output, "/", stop.outer), stop);
  PutJson(part, pointer + "/status", "\"incomplete\"");
  PutJson(part, pointer + "/completed_at", "null");
  PutJson(part, pointer + "/incomplete_details", "{\"reason\":\"max_output_tokens\"}");
}

// Fits one event to the stop. Returns whether it would not have been sent.
bool EndEvent(Part& part, const Stop& stop, bool blanked) {
  const auto root = ParseJson(part.data);
  if (!root) return false;
  const std::string_view type = TextAt(*root, "/type");
  if (type == "response.completed") {
    EndResponse(part, "/response", stop);
    PutJson(part, "/type", "\"response.incomplete\"");
    RenameEvent(part, "response.incomplete");
    return false;
  }
  const auto output = CountAt(*root, "/output_index");
  if (!output || *output < stop.outer) return false;
  if (*output > stop.outer) return true;
  if (CountAt(*root, "/content_index").value_or(0) > stop.inner) return true;
  if (type == "response.output_item.done") EndItem(part, *root, "/item", stop);
  return blanked && type == "response.output_text.delta";
}

// Closes the gaps that dropped events left in the numbering.
void Renumber(Document& document) {
  std::optional<uint64_t> last;
  for (Part& part : document.parts) {
    const auto root = ParseJson(part.data);
    const auto number = root ? CountAt(*root, "/sequence_number") : std::nullopt;
    if (!number) continue;
    const uint64_t next = last ? *last + 1 : *number;
    if (next != *number) PutJson(part, "/sequence_number", Concat(next));
    last = next;
  }
}

}  // namespace

bool StopResponseForLength(Document& document, double fraction) {
  std::vector<bool> blanked(document.parts.size());
  const std::optional<Stop> stop = CutTexts(document, ResponseValues(document), fraction, blanked);
  if (!stop) return false;
  if (!document.stream) {
    for (Part& part : document.parts) EndResponse(part, "", *stop);
    return true;
  }
  std::vector<bool> drop(document.parts.size());
  for (size_t i = 0; i < document.parts.size(); ++i) {
    drop[i] = EndEvent(document.parts[i], *stop, blanked[i]);
  }
  DropParts(document, drop);
  Renumber(document);
  return true;
}

}  // namespace murphy::dialect
