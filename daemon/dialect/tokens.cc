// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/tokens.h"

#include <string_view>

#include "boost/json/serialize.hpp"
#include "daemon/dialect/json.h"

namespace murphy::dialect {
namespace {

using boost::json::value;

// Members that hold media or ids: their length says nothing about tokens.
bool IsText(std::string_view key) {
  for (const std::string_view other :
       {"type", "role", "id", "call_id", "tool_call_id", "tool_use_id", "image_url", "source",
        "file", "file_data", "input_audio", "signature", "encrypted_content", "cache_control"}) {
    if (key == other) return false;
  }
  return true;
}

// Code points of all texts in a value.
uint64_t TextLength(const value& json) {
  uint64_t length = 0;
  if (const auto* text = json.if_string()) {
    for (const char c : *text) length += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  } else if (const auto* list = json.if_array()) {
    for (const value& element : *list) length += TextLength(element);
  } else if (const auto* object = json.if_object()) {
    for (const auto& member : *object) {
      if (IsText({member.key().data(), member.key().size()})) length += TextLength(member.value());
    }
  }
  return length;
}

uint64_t TextLengthAt(const value& body, std::string_view pointer) {
  const value* json = At(body, pointer);
  return json == nullptr ? 0 : TextLength(*json);
}

uint64_t ToolsLength(const value& body) {
  const auto& tools = ListAt(body, "/tools");
  return tools.empty() ? 0 : boost::json::serialize(tools).size();
}

}  // namespace

uint64_t EstimateOpenAiTokens(const value& body) {
  uint64_t length = 0;
  for (const std::string_view key : {"/messages", "/input", "/instructions", "/prompt"}) {
    length += TextLengthAt(body, key);
  }
  const double messages =
      static_cast<double>(ListAt(body, "/messages").size() + ListAt(body, "/input").size());
  return static_cast<uint64_t>(0.21 * static_cast<double>(length) +
                               0.18 * static_cast<double>(ToolsLength(body)) + 4.7 * messages +
                               3.4);
}

uint64_t EstimateAnthropicTokens(const value& body) {
  const uint64_t tools = ToolsLength(body);
  const uint64_t length = TextLengthAt(body, "/messages") + TextLengthAt(body, "/system") + tools;
  // With tools, the provider puts a prompt of its own before the user's.
  return static_cast<uint64_t>(0.29 * static_cast<double>(length)) + (tools > 0 ? 350 : 0);
}

}  // namespace murphy::dialect
