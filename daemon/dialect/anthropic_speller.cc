// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/anthropic.h"
#include "daemon/dialect/anthropic_errors.h"
#include "daemon/dialect/edit.h"
#include "daemon/dialect/limits.h"
#include "faults/message/json_string.h"
#include "faults/message/json_tree.h"
#include "faults/message/sse.h"

namespace murphy::dialect {
namespace {

using message::JsonValue;
using message::Part;

void SayReason(Part& part, const std::string& pointer, std::string_view reason) {
  PutJson(part, pointer + "/stop_reason", message::QuoteJson(reason));
  PutJson(part, pointer + "/stop_sequence", "null");
}

void EndPlain(Part& part, uint64_t block, std::string_view reason) {
  const message::JsonTree tree(part.data);
  if (!tree.root()) return;
  KeepElements(part, "/content", block + 1, tree.root()["content"].size());
  SayReason(part, "", reason);
}

// Fits one event to the end of a block. Returns whether it would not have been sent: everything of
// later blocks is gone, and so are citations and further text of this one. `passed` becomes true
// where the text is over.
bool EndEvent(Part& part, uint64_t block, bool blanked, std::string_view reason, bool& passed) {
  const std::string data = part.data;
  const message::JsonTree tree(data);
  const JsonValue root = tree.root();
  if (root["type"].Says("message_delta")) {
    SayReason(part, "/delta", reason);
    return false;
  }
  const auto index = root["index"].Count();
  if (!index || *index < block) return false;
  if (*index > block) return true;
  if (!root["type"].Says("content_block_delta")) return false;
  passed = passed || blanked;
  return passed;
}

}  // namespace

bool AnthropicDialect::EndEarly(message::Document& document,
                                const std::vector<message::Stop>& stops,
                                message::FinishReason reason) const {
  const std::string_view name = NameOf(kAnthropicFinishes, reason);
  if (stops.empty() || name.empty()) return false;
  const message::Stop& stop = stops.front();
  std::vector<bool> blanked(document.parts.size());
  CutValue(document, stop, blanked);
  std::vector<bool> drop(document.parts.size());
  bool passed = false;
  for (size_t i = 0; i < document.parts.size(); ++i) {
    Part& part = document.parts[i];
    if (document.stream) {
      drop[i] = EndEvent(part, stop.field.slot.item, blanked[i], name, passed);
    } else {
      EndPlain(part, stop.field.slot.item, name);
    }
  }
  DropParts(document, drop);
  return true;
}

message::Response AnthropicDialect::Error(const message::ErrorSpec& error,
                                          const message::Call& call, const Draw& draw) const {
  return AnthropicResponse(error, call, draw);
}

std::string AnthropicDialect::ErrorEvents(const message::ErrorSpec& error,
                                          const message::Call& call, const std::vector<Part>&,
                                          const Draw& draw) const {
  return message::FormatEvent("error", AnthropicErrorData(error, call, draw));
}

std::vector<message::Header> AnthropicDialect::LimitHeaders(
    const message::ErrorSpec& limits) const {
  return AnthropicLimits(limits);
}

}  // namespace murphy::dialect
