// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_walk.h"

#include <boost/json.hpp>

namespace murphy::message {
namespace {

constexpr size_t kMaxNodes = 10'000;

JsonKind KindOf(char first) {
  return first == '{'                   ? JsonKind::kObject
         : first == '['                 ? JsonKind::kList
         : first == '"'                 ? JsonKind::kString
         : first == 't' || first == 'f' ? JsonKind::kTruth
         : first == 'n'                 ? JsonKind::kNull
                                        : JsonKind::kNumber;
}

// Reads a text that a parser has accepted: its depth is bounded by the parser's, and brackets and
// quotes match.
class Walker {
 public:
  explicit Walker(std::string_view json) : json_(json) {}

  void Value(const std::string& pointer) {
    SkipBlanks();
    const JsonKind kind = KindOf(json_[at_]);
    const size_t begin = at_;
    const bool kept = nodes_.size() < kMaxNodes;
    const size_t slot = nodes_.size();
    if (kept) {
      nodes_.push_back({pointer, kind, {begin, begin}});
    }
    if (kind == JsonKind::kObject || kind == JsonKind::kList) {
      Members(kind, kept ? pointer : std::string());
    } else if (kind == JsonKind::kString) {
      String();
    } else {
      at_ = std::min(json_.find_first_of(",]} \t\r\n", at_), json_.size());
    }
    if (kept) {
      nodes_[slot].span.end = at_;
    }
  }

  std::vector<JsonNode> TakeNodes() { return std::move(nodes_); }
  std::vector<Span> TakeKeys() { return std::move(keys_); }

 private:
  void SkipBlanks() { at_ = std::min(json_.find_first_not_of(" \t\r\n", at_), json_.size()); }

  void String() {
    for (++at_; json_[at_] != '"'; ++at_) {
      at_ += json_[at_] == '\\' ? 1 : 0;
    }
    ++at_;
  }

  void Members(JsonKind kind, const std::string& pointer) {
    ++at_;
    SkipBlanks();
    for (size_t index = 0; json_[at_] != '}' && json_[at_] != ']'; ++index) {
      if (kind == JsonKind::kObject) {
        Member(pointer);
      } else {
        Value(nodes_.size() < kMaxNodes ? pointer + "/" + std::to_string(index) : std::string());
      }
      SkipBlanks();
      if (json_[at_] == ',') {
        ++at_;
        SkipBlanks();
      }
    }
    ++at_;
  }

  void Member(const std::string& pointer) {
    const size_t begin = at_;
    String();
    const Span key{begin, at_};
    SkipBlanks();
    ++at_;
    std::string inner;
    if (nodes_.size() < kMaxNodes) {
      keys_.push_back(key);
      inner = pointer + "/";
      for (const char c : UnquoteJson(json_.substr(key.begin, key.end - key.begin)).value_or("")) {
        c == '~' ? inner += "~0" : c == '/' ? inner += "~1" : inner += c;
      }
    }
    Value(inner);
  }

  std::string_view json_;
  size_t at_ = 0;
  std::vector<JsonNode> nodes_;
  std::vector<Span> keys_;
};

}  // namespace

bool IsJson(std::string_view text) {
  boost::json::error_code error;
  boost::json::parse({text.data(), text.size()}, error);
  return !error;
}

std::optional<std::vector<JsonNode>> WalkJson(std::string_view json) {
  if (!IsJson(json)) {
    return std::nullopt;
  }
  Walker walker(json);
  walker.Value("");
  return walker.TakeNodes();
}

std::vector<Span> FindKeys(std::string_view json) {
  if (!IsJson(json)) {
    return {};
  }
  Walker walker(json);
  walker.Value("");
  return walker.TakeKeys();
}

}  // namespace murphy::message
