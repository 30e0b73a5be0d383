// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/edit.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/openai_chat.h"
#include "daemon/dialect/openai_errors.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_string.h"
#include "faults/message/json_tree.h"

namespace murphy::dialect {
namespace {

using message::JsonValue;
using message::Part;

// Everything behind a stop is gone, and every choice that was ended says why. Returns whether
// nothing is left of the chunk.
bool FinishChunk(Part& part, const std::vector<message::Stop>& stops, bool stream, bool blanked,
                 std::string_view reason) {
  const std::string data = part.data;
  const message::JsonTree tree(data);
  const JsonValue choices = tree.root()["choices"];
  if (!choices) return false;
  const std::string_view body = stream ? "/delta" : "/message";
  bool hollow = choices.size() == 1 && stream && !tree.root()["usage"].given();
  size_t position = 0;
  for (JsonValue choice = choices.first(); choice && position < kMaxChoices;
       choice = choice.next(), ++position) {
    const uint64_t index = choice["index"].Count().value_or(position);
    if (std::none_of(stops.begin(), stops.end(), [index](const message::Stop& stop) {
          return stop.field.slot.choice == index;
        })) {
      hollow = false;
      continue;
    }
    const bool calls = RemoveMember(part, Concat("/choices/", position, body, "/tool_calls"));
    const bool finished = choice["finish_reason"].given();
    if (finished) {
      PutJson(part, Concat("/choices/", position, "/finish_reason"), message::QuoteJson(reason));
    }
    hollow = hollow && !finished && (calls || blanked);
  }
  return hollow;
}

}  // namespace

bool OpenAiChatDialect::EndEarly(message::Document& document,
                                 const std::vector<message::Stop>& stops,
                                 message::FinishReason reason) const {
  const std::string_view name = NameOf(kChatFinishes, reason);
  if (stops.empty() || name.empty()) return false;
  std::vector<bool> blanked(document.parts.size());
  for (const message::Stop& stop : stops) CutValue(document, stop, blanked);
  std::vector<bool> drop(document.parts.size());
  for (size_t i = 0; i < document.parts.size(); ++i) {
    drop[i] = FinishChunk(document.parts[i], stops, document.stream, blanked[i], name);
  }
  DropParts(document, drop);
  return true;
}

message::Response OpenAiChatDialect::Error(const message::ErrorSpec& error,
                                           const message::Call& call, const Draw& draw) const {
  return OpenAiResponse(OpenAiApi::kChat, error, call, draw);
}

std::string OpenAiChatDialect::ErrorEvents(const message::ErrorSpec& error,
                                           const message::Call& call, const std::vector<Part>&,
                                           const Draw& draw) const {
  const OpenAiError made = MakeOpenAiError(OpenAiApi::kChat, error, call, draw);
  return Concat("data: {\"error\":{\"message\":", message::QuoteJson(made.message),
                ",\"type\":", message::QuoteJson(made.type), ",\"param\":", QuoteOrNull(made.param),
                ",\"code\":", QuoteOrNull(made.code), "}}\n\n");
}

std::vector<message::Header> OpenAiChatDialect::LimitHeaders(
    const message::ErrorSpec& limits) const {
  return OpenAiLimits(limits);
}

}  // namespace murphy::dialect
