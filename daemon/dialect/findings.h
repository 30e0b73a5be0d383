// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "faults/message/document.h"
#include "faults/message/json_tree.h"

namespace murphy::dialect {

// A piece of one of an answer's values, as a dialect finds it in a part.
struct Fragment {
  message::FieldKind kind = message::FieldKind::kText;
  // Which value. Pieces of one value share kind and slot.
  message::Slot slot;
  // Nothing: only names are said here.
  message::JsonValue value;
  // Tool and id of a call, where this piece says them.
  message::JsonValue tool;
  message::JsonValue id;
  // The whole value once more.
  bool copy = false;
  // The value is JSON, and not a string.
  bool json = false;
};

// Takes what a dialect finds in the parts of an answer, in order.
class Findings {
 public:
  virtual ~Findings() = default;
  virtual void Add(const Fragment& piece) = 0;
};

// Finds the values of an answer in its parts, one after the other.
class Finder {
 public:
  virtual ~Finder() = default;
  virtual void Find(message::JsonValue root, Findings& findings) = 0;
};

}  // namespace murphy::dialect
