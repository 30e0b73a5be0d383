// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/findings.h"
#include "faults/message/answer.h"

namespace murphy::dialect {

// What an answer has said so far: its values without their places, up to message::kMostKept bytes.
class Said : public Findings {
 public:
  void Add(const Fragment& piece) override;

  // Plain text of a protocol without values.
  void AddText(std::string_view text);

  // Texts and tool calls, in order of first appearance.
  void MoveTo(message::Answer& answer);

 private:
  // Values of one answer; what a hostile one has beyond them is counted and not kept.
  static constexpr size_t kMostValues = 1024;

  struct Entry {
    message::FieldKind kind = message::FieldKind::kText;
    message::Slot slot;
    std::string text;
    std::string tool;
    std::string id;
    // The text is a copy's: pieces, should any come, say the same.
    bool copied = false;
  };

  Entry* EntryOf(const Fragment& piece);
  void Keep(std::string& into, std::string_view text);

  std::vector<Entry> entries_;
  size_t kept_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace murphy::dialect
