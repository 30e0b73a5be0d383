// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/tokens.h"

#include <string_view>

namespace murphy::dialect {
namespace {

using message::JsonKind;
using message::JsonValue;

// Members that hold media or ids: their length says nothing about tokens.
bool IsText(JsonValue key) {
  for (const std::string_view other :
       {"type", "role", "id", "call_id", "tool_call_id", "tool_use_id", "image_url", "source",
        "file", "file_data", "input_audio", "signature", "encrypted_content", "cache_control"}) {
    if (key.Says(other)) return false;
  }
  return true;
}

// Characters of all texts in a value.
uint64_t TextLength(JsonValue value) {
  uint64_t length = value.Characters();
  for (JsonValue child = value.first(); child; child = child.next()) {
    if (!child.key() || IsText(child.key())) length += TextLength(child);
  }
  return length;
}

// Length of a value that is written without blanks.
uint64_t CompactLength(JsonValue value) {
  if (!value.Is(JsonKind::kObject) && !value.Is(JsonKind::kList)) return value.literal().size();
  // Brackets, a comma between two children, a colon behind each key.
  uint64_t length = value.empty() ? 2 : 1;
  for (JsonValue child = value.first(); child; child = child.next()) {
    length += 1 + CompactLength(child);
    if (child.key()) length += 1 + child.key().literal().size();
  }
  return length;
}

uint64_t ToolsLength(JsonValue body) {
  const JsonValue tools = body["tools"];
  return tools.Is(JsonKind::kList) && !tools.empty() ? CompactLength(tools) : 0;
}

size_t ElementsOf(JsonValue list) { return list.Is(JsonKind::kList) ? list.size() : 0; }

}  // namespace

uint64_t EstimateOpenAiTokens(JsonValue body) {
  uint64_t length = 0;
  for (const std::string_view key : {"messages", "input", "instructions", "prompt"}) {
    length += TextLength(body[key]);
  }
  const auto messages =
      static_cast<double>(ElementsOf(body["messages"]) + ElementsOf(body["input"]));
  return static_cast<uint64_t>(0.21 * static_cast<double>(length) +
                               0.18 * static_cast<double>(ToolsLength(body)) + 4.7 * messages +
                               3.4);
}

uint64_t EstimateAnthropicTokens(JsonValue body) {
  const uint64_t tools = ToolsLength(body);
  const uint64_t length = TextLength(body["messages"]) + TextLength(body["system"]) + tools;
  // With tools, the provider puts a prompt of its own before the user's.
  return static_cast<uint64_t>(0.29 * static_cast<double>(length)) + (tools > 0 ? 350 : 0);
}

}  // namespace murphy::dialect
