// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/chat_calls.h"

namespace murphy::dialect {

uint64_t ChatCalls::SlotOf(uint64_t choice, message::JsonValue piece) {
  const std::optional<uint64_t> index = piece["index"].Count();
  const message::JsonValue id = piece["id"];
  size_t slot = calls_.size();
  while (slot > 0) {
    --slot;
    Known& known = calls_[slot];
    if (known.choice != choice || (index && known.index != index)) continue;
    const bool another_id = id.SaysSomething() && !known.id.empty() && !id.Says(known.id);
    // Without number and id, a name is what a call begins with.
    const bool named = !index && !id.given() && piece["function"]["name"].SaysSomething();
    if (another_id || named) break;
    if (known.id.empty()) known.id = id.Text();
    return slot;
  }
  if (calls_.size() == kMostCalls) return kMostCalls - 1;
  calls_.push_back({choice, index, id.Text()});
  return calls_.size() - 1;
}

}  // namespace murphy::dialect
