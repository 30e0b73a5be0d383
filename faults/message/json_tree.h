// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"

namespace murphy::message {

// Byte range of a value inside a JSON text.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

// Appends a reference token to a JSON Pointer (RFC 6901), escaped.
void AppendToken(std::string& pointer, std::string_view token);

enum class JsonKind : uint8_t { kObject, kList, kString, kNumber, kTruth, kNull };

class JsonValue;

// An index of a JSON text (RFC 8259): where each value begins and ends and what it contains. The
// text is checked once, nothing is copied out of it, and it must outlive the tree. Used again, a
// tree keeps its memory: reading the events of a stream allocates nothing.
class JsonTree {
 public:
  // A deeper text, or one of more values, counts as no JSON.
  static constexpr size_t kMaxDepth = 64;
  static constexpr size_t kMaxNodes = 1 << 20;

  JsonTree() = default;
  explicit JsonTree(std::string_view text) { Parse(text); }
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  // False when the text is no JSON; then the root is nothing.
  bool Parse(std::string_view text);

  // The same for the value that a text begins with, whatever follows it.
  bool ParseFirst(std::string_view text);

  void Clear() { nodes_.clear(); }

  JsonValue root() const;

 private:
  friend class JsonParser;
  friend class JsonValue;

  // Children follow their container; in an object each key, itself a node, precedes its value.
  struct Node {
    uint32_t begin = 0;
    uint32_t end = 0;
    // The node behind this one and all that it contains.
    uint32_t next = 0;
    // Bytes of a string literal that are no characters: quotes, escapes, continuations.
    uint32_t shrink = 0;
    JsonKind kind = JsonKind::kNull;
    bool escaped = false;
  };

  bool Index(std::string_view text, bool all);

  std::string_view text_;
  absl::InlinedVector<Node, 48> nodes_;
  // Of the nodes, once the text has been read.
  const Node* first_ = nullptr;
};

// A value of a tree, or nothing: whatever is asked of nothing, or of a value of another kind, is
// empty too.
class JsonValue {
 public:
  JsonValue() = default;

  explicit operator bool() const { return tree_ != nullptr; }
  bool Is(JsonKind kind) const { return tree_ != nullptr && node().kind == kind; }
  // There is a value, and it is not null.
  bool given() const { return tree_ != nullptr && node().kind != JsonKind::kNull; }
  JsonKind kind() const { return node().kind; }

  // As it is written.
  std::string_view literal() const {
    return tree_ == nullptr ? std::string_view()
                            : tree_->text_.substr(node().begin, node().end - node().begin);
  }
  Span span() const { return {node().begin, node().end}; }

  // Member of an object; of equal keys the last, as parsers take it.
  JsonValue operator[](std::string_view key) const;
  // Value at a JSON Pointer (RFC 6901).
  JsonValue At(std::string_view pointer) const;

  // Of a string: whether it is this text, whether it holds any, its text, its length in characters.
  bool Says(std::string_view text) const {
    if (!Is(JsonKind::kString)) return false;
    return node().escaped ? Text() == text : raw() == text;
  }
  bool SaysSomething() const { return Is(JsonKind::kString) && node().end - node().begin > 2; }
  std::string Text() const;
  void AppendTo(std::string& out) const;
  size_t Characters() const;
  // The text between the quotes, escapes as they are written; `plain` says that there are none.
  std::string_view raw() const {
    return Is(JsonKind::kString)
               ? tree_->text_.substr(node().begin + 1, node().end - node().begin - 2)
               : std::string_view();
  }
  bool plain() const { return Is(JsonKind::kString) && !node().escaped; }

  // Of a number without sign, fraction and exponent.
  std::optional<uint64_t> Count() const;
  bool True() const { return Is(JsonKind::kTruth) && literal() == "true"; }

  // Children in their order: `for (JsonValue v = list.first(); v; v = v.next())`. In an object,
  // `key` is the name that stands before the value.
  JsonValue first() const {
    const bool object = Is(JsonKind::kObject);
    if ((!object && !Is(JsonKind::kList)) || node().next == index_ + 1) return {};
    return {tree_, index_ + (object ? 2 : 1), node().next, object};
  }
  JsonValue next() const {
    if (tree_ == nullptr || node().next >= end_) return {};
    return {tree_, node().next + (named_ ? 1 : 0), end_, named_};
  }
  JsonValue key() const {
    return named_ ? JsonValue(tree_, index_ - 1, index_, false) : JsonValue();
  }
  bool empty() const { return !first(); }
  // Elements of a list.
  size_t size() const;

  // The JSON Pointer that leads here from the root.
  std::string Pointer() const;

 private:
  friend class JsonTree;
  JsonValue(const JsonTree* tree, uint32_t index, uint32_t last, bool named)
      : tree_(tree), index_(index), end_(last), named_(named) {}

  const JsonTree::Node& node() const { return tree_->first_[index_]; }

  const JsonTree* tree_ = nullptr;
  uint32_t index_ = 0;
  // The node behind the container of this one: where its siblings end.
  uint32_t end_ = 0;
  // Its container is an object.
  bool named_ = false;
};

}  // namespace murphy::message
