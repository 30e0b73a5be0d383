// SPDX-License-Identifier: Apache-2.0
#include "faults/message/headers.h"

namespace murphy::message {
namespace {

// Most heads have fewer lines: one allocation for all.
constexpr size_t kUsualLines = 24;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

Headers::Headers(std::initializer_list<Header> headers) {
  for (const Header& header : headers) push_back(header);
}

Headers::Headers(const std::vector<Header>& headers) {
  for (const Header& header : headers) push_back(header);
}

void Headers::Add(std::string_view name, std::string_view value) {
  const auto at = static_cast<uint32_t>(text_.size());
  const auto name_end = static_cast<uint32_t>(at + name.size());
  const auto value_end = static_cast<uint32_t>(name_end + 2 + value.size());
  text_.append(name).append(": ").append(value).append("\r\n");
  lines_.push_back({at, name_end, name_end + 2, value_end, value_end + 2});
}

void Headers::AddRaw(std::string_view raw, std::string_view name, std::string_view value) {
  if (lines_.empty()) lines_.reserve(kUsualLines);
  const auto at = static_cast<uint32_t>(text_.size());
  const auto begin = static_cast<uint32_t>(at + (value.data() - raw.data()));
  text_.append(raw);
  lines_.push_back({at, at + static_cast<uint32_t>(name.size()), begin,
                    begin + static_cast<uint32_t>(value.size()),
                    at + static_cast<uint32_t>(raw.size())});
}

Headers::Line Headers::operator[](size_t index) const {
  const Span& span = lines_[index];
  const std::string_view text = text_;
  return {text.substr(span.begin, span.name_end - span.begin),
          text.substr(span.value_begin, span.value_end - span.value_begin),
          text.substr(span.begin, span.end - span.begin)};
}

size_t Headers::IndexOf(std::string_view name) const {
  for (size_t i = 0; i < lines_.size(); ++i) {
    const Span& span = lines_[i];
    if (span.name_end - span.begin != name.size()) continue;
    if (EqualsIgnoreCase(std::string_view(text_).substr(span.begin, name.size()), name)) return i;
  }
  return lines_.size();
}

std::string_view Headers::Find(std::string_view name) const {
  const size_t index = IndexOf(name);
  return index == lines_.size() ? std::string_view() : (*this)[index].value;
}

void Headers::Set(std::string_view name, std::string_view value) {
  Headers changed;
  bool placed = false;
  for (const Line line : *this) {
    if (!EqualsIgnoreCase(line.name, name)) {
      changed.AddRaw(line.raw, line.name, line.value);
    } else if (!placed) {
      changed.Add(line.name, value);
      placed = true;
    }
  }
  if (!placed) changed.Add(name, value);
  *this = std::move(changed);
}

bool Headers::Remove(std::string_view name) {
  if (IndexOf(name) == lines_.size()) return false;
  Headers changed;
  for (const Line line : *this) {
    if (!EqualsIgnoreCase(line.name, name)) changed.AddRaw(line.raw, line.name, line.value);
  }
  *this = std::move(changed);
  return true;
}

void Headers::Clear() {
  text_.clear();
  lines_.clear();
}

bool Headers::operator==(const Headers& other) const {
  if (size() != other.size()) return false;
  for (size_t i = 0; i < size(); ++i) {
    if ((*this)[i].name != other[i].name || (*this)[i].value != other[i].value) return false;
  }
  return true;
}

}  // namespace murphy::message
