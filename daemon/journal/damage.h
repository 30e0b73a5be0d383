// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>

namespace murphy::journal {

// Records that were met and could not be read. Each costs itself and no query.
//
// Threads: any.
class Damage {
 public:
  // `name` is a record in words: "revision 12", "experiment e-1".
  void Note(const std::string& name);
  // Which they are, as a sentence; empty when there are none.
  std::string Describe(const std::string& path) const;

 private:
  static constexpr size_t kMostNames = 1000;

  mutable std::mutex mutex_;
  std::set<std::string> names_;
};

}  // namespace murphy::journal
