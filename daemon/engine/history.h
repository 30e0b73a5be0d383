// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "faults/message/dialect.h"
#include "faults/message/document.h"

namespace murphy::engine {

// Earlier successful answers of a run, for `stale_*` faults: the last four of each call name and
// shape.
class History {
 public:
  static constexpr size_t kMostAnswers = 4;
  // Of the answers of one name and shape.
  static constexpr size_t kMostBytes = 256 << 10;
  // Names and shapes; of more, the one that was quiet for longest is forgotten.
  static constexpr size_t kMostRows = 128;

  using Answer = std::shared_ptr<const message::Document>;

  static std::string KeyOf(const message::Call& call);

  void Add(const std::string& key, Answer answer);
  // Latest first.
  std::vector<Answer> Of(const std::string& key) const;

 private:
  struct Row {
    // Latest first.
    std::deque<Answer> answers;
    size_t bytes = 0;
    uint64_t added = 0;
  };
  void ForgetQuietest();

  absl::flat_hash_map<std::string, Row> rows_;
  uint64_t added_ = 0;
};

}  // namespace murphy::engine
