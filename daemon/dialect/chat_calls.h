// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/message/json_tree.h"

namespace murphy::dialect {

// Tells the tool calls of a chat stream apart. `index` says which call a piece belongs to, but some
// servers number all of them 0, and some number none: there, an id of its own begins a call.
class ChatCalls {
 public:
  // The number of the call that a piece belongs to, unique within the answer.
  uint64_t SlotOf(uint64_t choice, message::JsonValue piece);

 private:
  // Pieces beyond are taken for pieces of the last call.
  static constexpr size_t kMostCalls = 1024;

  struct Known {
    uint64_t choice = 0;
    std::optional<uint64_t> index;
    std::string id;
  };

  std::vector<Known> calls_;
};

}  // namespace murphy::dialect
