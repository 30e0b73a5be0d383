// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_edit.h"

namespace murphy::message {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

size_t SkipBlanks(std::string_view json, size_t at) {
  const size_t next = json.find_first_not_of(kBlank, at);
  return next == std::string_view::npos ? json.size() : next;
}

// Past the string literal at `at`, or npos.
size_t SkipString(std::string_view json, size_t at) {
  for (size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Past the object or list at `at`, or npos. Without recursion: depth is the sender's to choose.
size_t SkipContainer(std::string_view json, size_t at) {
  size_t depth = 0;
  for (size_t i = at; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      i = SkipString(json, i);
      if (i == std::string_view::npos) {
        return i;
      }
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Past the value at `at`, or npos.
size_t SkipValue(std::string_view json, size_t at) {
  if (at >= json.size()) {
    return std::string_view::npos;
  }
  if (json[at] == '"') {
    return SkipString(json, at);
  }
  if (json[at] == '{' || json[at] == '[') {
    return SkipContainer(json, at);
  }
  const size_t end = json.find_first_of(",:[]{}\" \t\r\n", at);
  const size_t past = end == std::string_view::npos ? json.size() : end;
  return past == at ? std::string_view::npos : past;
}

// Whether a key literal spells `name`.
bool KeyIs(std::string_view literal, std::string_view name) {
  if (literal.find('\\') == std::string_view::npos) {
    return literal.substr(1, literal.size() - 2) == name;
  }
  return UnquoteJson(literal) == name;
}

// The member `name` of the object at `at`; of equal keys the last, as parsers take it.
std::optional<Span> FindMember(std::string_view json, size_t at, std::string_view name) {
  std::optional<Span> found;
  size_t i = SkipBlanks(json, at + 1);
  while (i < json.size() && json[i] == '"') {
    const size_t key_end = SkipString(json, i);
    if (key_end == std::string_view::npos) {
      return std::nullopt;
    }
    const size_t colon = SkipBlanks(json, key_end);
    if (colon >= json.size() || json[colon] != ':') {
      return std::nullopt;
    }
    const size_t begin = SkipBlanks(json, colon + 1);
    const size_t end = SkipValue(json, begin);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    if (KeyIs(json.substr(i, key_end - i), name)) {
      found = Span{begin, end};
    }
    i = SkipBlanks(json, end);
    if (i >= json.size() || json[i] != ',') {
      break;
    }
    i = SkipBlanks(json, i + 1);
  }
  return i < json.size() && json[i] == '}' ? found : std::nullopt;
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

std::optional<Span> FindElement(std::string_view json, size_t at, std::string_view token) {
  const std::optional<size_t> index = ParseIndex(token);
  if (!index) {
    return std::nullopt;
  }
  size_t i = SkipBlanks(json, at + 1);
  for (size_t n = 0; i < json.size() && json[i] != ']'; ++n) {
    const size_t end = SkipValue(json, i);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    if (n == *index) {
      return Span{i, end};
    }
    i = SkipBlanks(json, end);
    if (i >= json.size() || json[i] != ',') {
      return std::nullopt;
    }
    i = SkipBlanks(json, i + 1);
  }
  return std::nullopt;
}

// One reference token of a pointer, unescaped.
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

}  // namespace

std::optional<Span> FindValue(std::string_view json, std::string_view pointer) {
  const size_t begin = SkipBlanks(json, 0);
  const size_t end = SkipValue(json, begin);
  if (end == std::string_view::npos || SkipBlanks(json, end) != json.size()) {
    return std::nullopt;
  }
  Span span{begin, end};
  while (!pointer.empty()) {
    if (pointer[0] != '/') {
      return std::nullopt;
    }
    const size_t slash = pointer.find('/', 1);
    const std::optional<std::string> token = UnescapeToken(pointer.substr(1, slash - 1));
    pointer = slash == std::string_view::npos ? std::string_view() : pointer.substr(slash);
    if (!token) {
      return std::nullopt;
    }
    const std::string_view inside = json.substr(0, span.end);
    const std::optional<Span> next =
        json[span.begin] == '{'   ? FindMember(inside, span.begin, *token)
        : json[span.begin] == '[' ? FindElement(inside, span.begin, *token)
                                  : std::nullopt;
    if (!next) {
      return std::nullopt;
    }
    span = *next;
  }
  return span;
}

bool ReplaceValue(std::string& json, std::string_view pointer, std::string_view replacement) {
  const std::optional<Span> span = FindValue(json, pointer);
  if (!span) {
    return false;
  }
  json.replace(span->begin, span->end - span->begin, replacement);
  return true;
}

}  // namespace murphy::message
