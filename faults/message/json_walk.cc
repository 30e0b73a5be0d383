// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_walk.h"

#include <utility>

namespace murphy::message {
namespace {

constexpr size_t kMaxNodes = 10'000;

void AddNodes(JsonValue value, std::string pointer, std::vector<JsonNode>& nodes) {
  if (nodes.size() >= kMaxNodes) {
    return;
  }
  nodes.push_back({pointer, value.kind(), value.span()});
  size_t index = 0;
  for (JsonValue child = value.first(); child && nodes.size() < kMaxNodes; child = child.next()) {
    std::string inner = pointer + "/";
    if (child.key()) {
      AppendToken(inner, child.key().Text());
    } else {
      inner += std::to_string(index++);
    }
    AddNodes(child, std::move(inner), nodes);
  }
}

void AddKeys(JsonValue value, std::vector<Span>& keys) {
  for (JsonValue child = value.first(); child && keys.size() < kMaxNodes; child = child.next()) {
    if (child.key()) {
      keys.push_back(child.key().span());
    }
    AddKeys(child, keys);
  }
}

}  // namespace

bool IsJson(std::string_view text) { return JsonTree().Parse(text); }

std::optional<std::vector<JsonNode>> WalkJson(std::string_view json) {
  const JsonTree tree(json);
  if (!tree.root()) {
    return std::nullopt;
  }
  std::vector<JsonNode> nodes;
  AddNodes(tree.root(), "", nodes);
  return nodes;
}

std::vector<Span> FindKeys(std::string_view json) {
  const JsonTree tree(json);
  std::vector<Span> keys;
  AddKeys(tree.root(), keys);
  return keys;
}

}  // namespace murphy::message
