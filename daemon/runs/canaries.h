// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace murphy::runs {

// The nonces that faults have planted in a run. A text is read once, however many they are: nonces
// are looked at only where the text has what all of them begin with.
//
// Threads: any; a value that never changes.
class Canaries {
 public:
  // Of more, and of longer texts, the rest is not looked at.
  static constexpr size_t kMost = 256;
  static constexpr size_t kMostRead = 8 << 20;

  Canaries() = default;
  // These and one more.
  Canaries With(const std::string& nonce) const;

  bool empty() const { return nonces_.empty(); }
  // Those that the text carries, in the order in which they were planted.
  std::vector<std::string> In(std::string_view text) const;

 private:
  std::vector<std::string> nonces_;
  // What all of them begin with.
  std::string beginning_;
  // Their places in the list, and how long they are.
  absl::flat_hash_map<std::string, size_t> places_;
  std::set<size_t> lengths_;
};

}  // namespace murphy::runs
