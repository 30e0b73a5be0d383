// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace murphy::scenario {

// Tells in one pass over a text which of many regular expressions can be in it at all, by the
// literal pieces that they need: `refund-[0-9]+` needs `refund-`. What the pass costs hardly
// depends on how many they are, and it never explodes as an automaton of the expressions themselves
// can.
//
// Threads: any.
class Prefilter {
 public:
  // Fewer are faster looked for one by one.
  static constexpr size_t kWorthwhile = 8;

  // Each is free of mistakes. Order is kept.
  explicit Prefilter(const std::vector<std::string>& expressions);
  ~Prefilter();

  // For each: it may be in the text; where false, it is not. Empty: any may.
  std::vector<bool> Candidates(std::string_view text) const;

 private:
  struct Pieces;
  std::unique_ptr<const Pieces> pieces_;
  const size_t count_;
};

}  // namespace murphy::scenario
