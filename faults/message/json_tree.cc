// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_tree.h"

#include <charconv>

#include "faults/message/json_string.h"

namespace murphy::message {
namespace {

// One reference token of a pointer, unescaped; nullopt where an escape is none.
std::optional<std::string> UnescapeToken(std::string_view token) {
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out += token[i];
      continue;
    }
    if (++i == token.size() || (token[i] != '0' && token[i] != '1')) {
      return std::nullopt;
    }
    out += token[i] == '0' ? '~' : '/';
  }
  return out;
}

// RFC 6901 section 4: digits without a leading zero. nullopt for anything else, `-` included.
std::optional<size_t> ParseIndex(std::string_view token) {
  if (token.empty() || token.size() > 9 || (token.size() > 1 && token[0] == '0')) {
    return std::nullopt;
  }
  size_t index = 0;
  for (const char c : token) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    index = index * 10 + static_cast<size_t>(c - '0');
  }
  return index;
}

}  // namespace

void AppendToken(std::string& pointer, std::string_view token) {
  for (const char c : token) {
    c == '~' ? pointer += "~0" : c == '/' ? pointer += "~1" : pointer += c;
  }
}

JsonValue JsonTree::root() const {
  return nodes_.empty() ? JsonValue()
                        : JsonValue(this, 0, static_cast<uint32_t>(nodes_.size()), false);
}

size_t JsonValue::size() const {
  size_t size = 0;
  for (JsonValue element = first(); element; element = element.next()) {
    ++size;
  }
  return size;
}

JsonValue JsonValue::operator[](std::string_view name) const {
  JsonValue found;
  if (!Is(JsonKind::kObject)) {
    return found;
  }
  // The hottest loop of all readers: keys are compared where they stand.
  const JsonTree::Node* const nodes = tree_->first_;
  const uint32_t end = node().next;
  for (uint32_t i = index_ + 1; i < end; i = nodes[i + 1].next) {
    const JsonTree::Node& key = nodes[i];
    const bool same = key.escaped ? JsonValue(tree_, i, end, false).Says(name)
                                  : key.end - key.begin - 2 == name.size() &&
                                        tree_->text_.compare(key.begin + 1, name.size(), name) == 0;
    if (same) {
      found = {tree_, i + 1, end, true};
    }
  }
  return found;
}

JsonValue JsonValue::At(std::string_view pointer) const {
  JsonValue at = *this;
  while (at && !pointer.empty()) {
    if (pointer[0] != '/') {
      return {};
    }
    const size_t slash = pointer.find('/', 1);
    const std::optional<std::string> token = UnescapeToken(pointer.substr(1, slash - 1));
    pointer = slash == std::string_view::npos ? std::string_view() : pointer.substr(slash);
    if (!token) {
      return {};
    }
    if (at.Is(JsonKind::kList)) {
      const std::optional<size_t> index = ParseIndex(*token);
      at = index ? at.first() : JsonValue();
      for (size_t i = 0; at && i < *index; ++i) {
        at = at.next();
      }
    } else {
      at = at[*token];
    }
  }
  return at;
}

std::string JsonValue::Text() const {
  std::string text;
  AppendTo(text);
  return text;
}

void JsonValue::AppendTo(std::string& out) const {
  if (!Is(JsonKind::kString)) {
    return;
  }
  if (node().escaped) {
    AppendUnquoted(out, raw());
  } else {
    out += raw();
  }
}

size_t JsonValue::Characters() const {
  return Is(JsonKind::kString) ? node().end - node().begin - node().shrink : 0;
}

std::optional<uint64_t> JsonValue::Count() const {
  const std::string_view digits = literal();
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  const bool all = error == std::errc() && end == digits.data() + digits.size();
  return Is(JsonKind::kNumber) && all ? std::optional(count) : std::nullopt;
}

std::string JsonValue::Pointer() const {
  std::string pointer;
  if (tree_ == nullptr) {
    return pointer;
  }
  JsonValue at = tree_->root();
  while (at.index_ != index_) {
    const bool list = at.Is(JsonKind::kList);
    size_t position = 0;
    at = at.first();
    while (at.node().next <= index_) {
      at = at.next();
      ++position;
    }
    pointer += '/';
    if (list) {
      pointer += std::to_string(position);
    } else {
      AppendToken(pointer, at.key().Text());
    }
  }
  return pointer;
}

}  // namespace murphy::message
