// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace murphy::message {

// One header line, as it was written. Names compare without case (RFC 9110 section 5.1).
struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

// The header lines of a message, in their order, with the spelling and spacing that they had. One
// block of memory holds them all, and moves with them.
class Headers {
 public:
  // Points into the headers; good until they change.
  struct Line {
    std::string_view name;
    std::string_view value;
    // As it travels, CRLF included.
    std::string_view raw;
  };

  Headers() = default;
  Headers(std::initializer_list<Header> headers);
  Headers(const std::vector<Header>& headers);  // NOLINT: a list of headers is headers

  // Adds `NAME: VALUE`.
  void push_back(const Header& header) { Add(header.name, header.value); }
  void Add(std::string_view name, std::string_view value);
  // Adds a line as it was received: `raw` with its CRLF; `name` and `value` point into it.
  void AddRaw(std::string_view raw, std::string_view name, std::string_view value);

  // Value of the first line of that name; an empty view without one.
  std::string_view Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name).data() != nullptr; }
  // Replaces the first line of that name and removes the others, or adds one.
  void Set(std::string_view name, std::string_view value);
  // Whether there was one.
  bool Remove(std::string_view name);
  void Clear();

  size_t size() const { return lines_.size(); }
  bool empty() const { return lines_.empty(); }
  Line operator[](size_t index) const;

  class Iterator {
   public:
    Iterator(const Headers& headers, size_t at) : headers_(headers), at_(at) {}
    Line operator*() const { return headers_[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const Headers& headers_;
    size_t at_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, lines_.size()}; }

  // Same names and values in the same order.
  bool operator==(const Headers& other) const;

 private:
  struct Span {
    uint32_t begin, name_end, value_begin, value_end, end;
  };
  size_t IndexOf(std::string_view name) const;

  std::string text_;
  std::vector<Span> lines_;
};

// Equality without regard to ASCII case.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

}  // namespace murphy::message
