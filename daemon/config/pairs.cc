// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/pairs.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "daemon/config/prescan.h"
#include "daemon/config/toml.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

constexpr size_t kLongestInline = 1 << 16;

bool IsBareKey(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}

std::string_view Stripped(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

int ColumnAt(std::string_view text, size_t at) {
  int column = 1;
  for (const char c : text.substr(0, at)) column += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return column;
}

// Moves places of a value that was parsed on its own to where it stands.
void Shift(Value& value, int columns) {
  value.location.column += columns;
  for (Value& item : value.items) Shift(item, columns);
  for (Entry& entry : value.entries) {
    entry.location.column += columns;
    Shift(entry.value, columns);
  }
}

class Splitter {
 public:
  Splitter(std::string_view text, std::vector<Slip>& slips) : text_(text), slips_(slips) {}

  Pairs Split() {
    Pairs pairs;
    SkipSpaces();
    pairs.location = Here();
    if (BeginsWithFaults()) {
      pairs.list.push_back(ReadPair());
    } else {
      pairs.name = std::string(BareWord());
    }
    while (slips_.empty() && at_ < text_.size()) {
      ++at_;  // the comma
      SkipSpaces();
      pairs.list.push_back(ReadPair());
    }
    return pairs;
  }

 private:
  Location Here() const { return {1, ColumnAt(text_, at_)}; }

  void Fail(std::string message) { slips_.push_back({Here(), std::move(message)}); }

  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }

  void SkipSpaces() {
    while (At(' ') || At('\t')) ++at_;
  }

  // A rule of several faults has no name to begin with.
  bool BeginsWithFaults() const {
    const std::string_view rest = text_.substr(at_);
    const std::string_view key = Stripped(rest.substr(0, rest.find('=')));
    return rest.find('=') != std::string_view::npos && (key == "one_of" || key == "by_attempt");
  }

  // Up to the next comma, without spaces around.
  std::string_view BareWord() {
    const size_t end = std::min(text_.find(',', at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return Stripped(word);
  }

  Pair ReadPair() {
    Pair pair;
    pair.location = Here();
    const size_t begin = at_;
    if (!ReadKey(pair.key)) return pair;
    SkipSpaces();
    const std::string_view written = Stripped(text_.substr(begin, at_ - begin));
    if (!At('=')) {
      Fail(fmt::format("`{}` has no value: write {}=VALUE", written, written));
      return pair;
    }
    ++at_;
    SkipSpaces();
    pair.value = ReadValue(written);
    return pair;
  }

  bool ReadKey(std::vector<std::string>& key) {
    do {
      if (!key.empty()) ++at_;  // the dot
      size_t end = at_;
      if (At('"') || At('\'')) {
        end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) return Fail("this quote is not closed"), false;
        key.emplace_back(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        continue;
      }
      while (end < text_.size() && IsBareKey(text_[end])) ++end;
      if (end == at_) return Fail("expected a key, as in `first=2`"), false;
      key.emplace_back(text_.substr(at_, end - at_));
      at_ = end;
    } while (At('.') && key.size() < static_cast<size_t>(kMostSegments));
    return true;
  }

  Value ReadValue(std::string_view key) {
    Value value;
    if (at_ < text_.size() &&
        std::string_view("\"'[{").find(text_[at_]) != std::string_view::npos) {
      const size_t begin = at_;
      const Location place = Here();
      SkipToml();
      value = ParseSlice(text_.substr(begin, at_ - begin), place);
      SkipSpaces();
      if (slips_.empty() && at_ < text_.size() && !At(',')) Fail("expected a comma");
      return value;
    }
    value.location = Here();
    value.kind = Value::Kind::kText;
    value.text = std::string(BareWord());
    if (value.text.empty()) {
      slips_.push_back(
          {value.location, fmt::format("`{}` has no value: write {}=VALUE", key, key)});
    }
    Reinterpret(value);
    return value;
  }

  // To the end of the quoted or bracketed value here.
  void SkipToml() {
    int depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        SkipQuoted(c);
        continue;
      }
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
      ++at_;
    } while (depth > 0 && at_ < text_.size());
  }

  void SkipQuoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && quote == '"') {
        ++at_;
      } else if (text_[at_] == quote) {
        ++at_;
        return;
      }
    }
    at_ = text_.size();
  }

  Value ParseSlice(std::string_view slice, const Location& place) {
    constexpr std::string_view kPrefix = "v=";
    std::vector<Slip> slips;
    Value table = ParseToml(fmt::format("{}{}", kPrefix, slice), slips);
    const int shift = place.column - 1 - static_cast<int>(kPrefix.size());
    for (Slip& slip : slips) {
      slip.location.column = std::max(place.column, slip.location.column + shift);
      slips_.push_back(std::move(slip));
    }
    if (table.entries.empty()) return {};
    Value value = std::move(table.entries.front().value);
    Shift(value, shift);
    return value;
  }

  // A bare word that is a number or a truth value may be taken as such.
  static void Reinterpret(Value& value) {
    const std::string& word = value.text;
    if (word.empty() || !std::all_of(word.begin(), word.end(),
                                     [](char c) { return IsBareKey(c) || c == '.' || c == '+'; })) {
      return;
    }
    std::vector<Slip> slips;
    const Value table = ParseToml(fmt::format("v={}", word), slips);
    if (!slips.empty() || table.entries.size() != 1) return;
    const Value& parsed = table.entries.front().value;
    if (parsed.kind != Value::Kind::kBool && parsed.kind != Value::Kind::kInteger &&
        parsed.kind != Value::Kind::kNumber) {
      return;
    }
    value.kind = parsed.kind;
    value.boolean = parsed.boolean;
    value.integer = parsed.integer;
    value.number = parsed.number;
    value.bare = true;
  }

  std::string_view text_;
  std::vector<Slip>& slips_;
  size_t at_ = 0;
};

}  // namespace

Pairs SplitPairs(std::string_view text, std::vector<Slip>& slips) {
  if (text.size() > kLongestInline) {
    slips.push_back({{1, 1}, fmt::format("the text is longer than {} bytes", kLongestInline)});
    return {};
  }
  const auto control = std::find_if(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_iscntrl(c) && c != '\t';
  });
  if (control != text.end()) {
    const int column = ColumnAt(text, static_cast<size_t>(control - text.begin()));
    slips.push_back({{1, column}, "an inline fault is one line, without control characters"});
    return {};
  }
  // As a comment, any text is good TOML unless its encoding is bad.
  ParseToml(fmt::format("#{}", text), slips);
  if (!slips.empty()) return {};
  return Splitter(text, slips).Split();
}

}  // namespace murphy::config
