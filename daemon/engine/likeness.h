// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace murphy::engine {

// What is kept of a call's arguments, to recognise a revision by: their paths and types (the
// shape), and the beginning of their text.
struct Likeness {
  static constexpr size_t kMostText = 512;

  std::string shape;
  std::string text;

  Likeness() = default;
  Likeness(std::string_view call_shape, std::string_view arguments) {
    Assign(call_shape, arguments);
  }
  // Uses the memory that it has.
  void Assign(std::string_view call_shape, std::string_view arguments) {
    shape = call_shape.substr(0, kMostText);
    text = arguments.substr(0, kMostText);
  }
};

// How alike two calls of one tool are, from 0 to 1: half of it is the share of paths that they have
// in common, half the share of text that need not be edited. Costs at most some 10 µs.
double Similarity(const Likeness& a, const Likeness& b);

}  // namespace murphy::engine
