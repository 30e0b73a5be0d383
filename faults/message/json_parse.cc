// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstring>
#include <limits>

#include "faults/message/json_tree.h"

namespace murphy::message {
namespace {

constexpr uint64_t Spread(uint8_t byte) { return 0x0101010101010101u * byte; }

// Marks the first of eight bytes, the lowest, that ends a run of plain characters: a quote, a
// backslash, a control character, or one beyond ASCII. Bytes above it may be marked wrongly.
uint64_t RunStops(uint64_t bytes) {
  static_assert(std::endian::native == std::endian::little, "the first byte must be the lowest");
  const auto zero = [](uint64_t word) { return (word - Spread(0x01)) & ~word; };
  const uint64_t quote = zero(bytes ^ Spread('"'));
  const uint64_t backslash = zero(bytes ^ Spread('\\'));
  const uint64_t control = (bytes - Spread(0x20)) & ~bytes;
  return (quote | backslash | control | bytes) & Spread(0x80);
}

bool EndsRun(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return c == '"' || c == '\\' || byte < 0x20 || byte >= 0x80;
}

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Bytes of the UTF-8 sequence at `at` (RFC 3629 section 4); 0 where there is none.
size_t Utf8Length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> uint8_t {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : 0;
  };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF) {
    return continues(1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool shortest = lead != 0xE0 || byte(1) >= 0xA0;
    const bool no_surrogate = lead != 0xED || byte(1) <= 0x9F;
    return continues(1) && continues(2) && shortest && no_surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool shortest = lead != 0xF0 || byte(1) >= 0x90;
    const bool in_range = lead != 0xF4 || byte(1) <= 0x8F;
    return continues(1) && continues(2) && continues(3) && shortest && in_range ? 4 : 0;
  }
  return 0;
}

}  // namespace

// Recursive descent over the grammar; its depth is bounded.
class JsonParser {
 public:
  explicit JsonParser(JsonTree& tree) : tree_(tree), text_(tree.text_) {}

  bool Parse(bool all) {
    SkipBlanks();
    if (!Value(JsonTree::kMaxDepth)) {
      return false;
    }
    SkipBlanks();
    return !all || at_ == text_.size();
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipBlanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  // The index of a new node that begins here.
  size_t Open(JsonKind kind) {
    tree_.nodes_.push_back({.begin = static_cast<uint32_t>(at_), .kind = kind});
    return tree_.nodes_.size() - 1;
  }

  bool Close(size_t index) {
    JsonTree::Node& node = tree_.nodes_[index];
    node.end = static_cast<uint32_t>(at_);
    node.next = static_cast<uint32_t>(tree_.nodes_.size());
    return tree_.nodes_.size() <= JsonTree::kMaxNodes;
  }

  bool Value(size_t depth) {
    switch (Peek()) {
      case '{':
        return depth > 0 && Object(depth - 1);
      case '[':
        return depth > 0 && List(depth - 1);
      case '"':
        return String();
      case 't':
        return Word("true", JsonKind::kTruth);
      case 'f':
        return Word("false", JsonKind::kTruth);
      case 'n':
        return Word("null", JsonKind::kNull);
      default:
        return Number();
    }
  }

  bool Object(size_t depth) {
    const size_t index = Open(JsonKind::kObject);
    ++at_;
    SkipBlanks();
    if (Peek() == '}') {
      ++at_;
      return Close(index);
    }
    while (true) {
      if (Peek() != '"' || !String()) {
        return false;
      }
      SkipBlanks();
      if (Peek() != ':') {
        return false;
      }
      ++at_;
      SkipBlanks();
      if (!Value(depth)) {
        return false;
      }
      SkipBlanks();
      const char mark = Peek();
      ++at_;
      if (mark == '}') {
        return Close(index);
      }
      if (mark != ',') {
        return false;
      }
      SkipBlanks();
    }
  }

  bool List(size_t depth) {
    const size_t index = Open(JsonKind::kList);
    ++at_;
    SkipBlanks();
    if (Peek() == ']') {
      ++at_;
      return Close(index);
    }
    while (true) {
      if (!Value(depth)) {
        return false;
      }
      SkipBlanks();
      const char mark = Peek();
      ++at_;
      if (mark == ']') {
        return Close(index);
      }
      if (mark != ',') {
        return false;
      }
      SkipBlanks();
    }
  }

  bool Word(std::string_view word, JsonKind kind) {
    if (text_.substr(at_, word.size()) != word) {
      return false;
    }
    const size_t index = Open(kind);
    at_ += word.size();
    return Close(index);
  }

  bool Digits() {
    const size_t begin = at_;
    while (IsDigit(Peek())) {
      ++at_;
    }
    return at_ > begin;
  }

  bool Number() {
    const size_t index = Open(JsonKind::kNumber);
    if (Peek() == '-') {
      ++at_;
    }
    if (Peek() == '0') {
      ++at_;
    } else if (!Digits()) {
      return false;
    }
    if (Peek() == '.') {
      ++at_;
      if (!Digits()) {
        return false;
      }
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') {
        ++at_;
      }
      if (!Digits()) {
        return false;
      }
    }
    return Close(index);
  }

  // Bytes of the escape at the present place; 0 where there is none.
  size_t EscapeLength() const {
    if (at_ + 1 >= text_.size()) {
      return 0;
    }
    if (text_[at_ + 1] != 'u') {
      return std::string_view("\"\\/bfnrt").find(text_[at_ + 1]) == std::string_view::npos ? 0 : 2;
    }
    for (size_t i = at_ + 2; i < at_ + 6; ++i) {
      if (i >= text_.size() || !IsHex(text_[i])) {
        return 0;
      }
    }
    return 6;
  }

  void SkipRun() {
    uint64_t bytes = 0;
    for (; at_ + sizeof(bytes) <= text_.size(); at_ += sizeof(bytes)) {
      std::memcpy(&bytes, text_.data() + at_, sizeof(bytes));
      if (const uint64_t stops = RunStops(bytes)) {
        at_ += static_cast<size_t>(std::countr_zero(stops)) / 8;
        return;
      }
    }
    while (at_ < text_.size() && !EndsRun(text_[at_])) {
      ++at_;
    }
  }

  bool String() {
    const size_t index = Open(JsonKind::kString);
    uint32_t shrink = 2;
    bool escaped = false;
    ++at_;
    while (true) {
      SkipRun();
      if (at_ >= text_.size()) {
        return false;
      }
      const auto c = static_cast<uint8_t>(text_[at_]);
      size_t length = 1;
      if (c == '"') {
        break;
      }
      if (c == '\\') {
        length = EscapeLength();
        escaped = true;
      } else if (c >= 0x80) {
        length = Utf8Length(text_, at_);
      } else if (c < 0x20) {
        length = 0;
      }
      if (length == 0) {
        return false;
      }
      at_ += length;
      shrink += static_cast<uint32_t>(length - 1);
    }
    ++at_;
    tree_.nodes_[index].shrink = shrink;
    tree_.nodes_[index].escaped = escaped;
    return Close(index);
  }

  JsonTree& tree_;
  std::string_view text_;
  size_t at_ = 0;
};

bool JsonTree::Index(std::string_view text, bool all) {
  text_ = text;
  nodes_.clear();
  if (text.size() >= std::numeric_limits<uint32_t>::max() || !JsonParser(*this).Parse(all)) {
    nodes_.clear();
    return false;
  }
  first_ = nodes_.data();
  return true;
}

bool JsonTree::Parse(std::string_view text) { return Index(text, true); }

bool JsonTree::ParseFirst(std::string_view text) { return Index(text, false); }

}  // namespace murphy::message
