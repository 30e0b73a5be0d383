// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "faults/message/dialect.h"

namespace murphy::dialect {

// A piece of one of an answer's values, as a dialect finds it.
struct Fragment {
  message::FieldKind kind = message::FieldKind::kText;
  // Which value: choice or output item, and the part of it. Pieces of one value share both.
  uint64_t outer = 0;
  uint64_t inner = 0;
  // Tool of a call, where this piece says it.
  std::string_view tool;
  // Empty pointer: nothing but the tool's name is here.
  message::Place place;
  std::string_view text;
  // The whole value once more.
  bool copy = false;
  bool json = false;
};

// One value put together.
struct Value {
  uint64_t outer = 0;
  uint64_t inner = 0;
  message::Field field;
  std::string text;
};

// Puts the values of an answer together from their pieces, in order of first appearance.
class Collector {
 public:
  void Add(const Fragment& piece);

  // The values. One that has no pieces takes its first copy for one.
  std::vector<Value> Take();

 private:
  struct Entry {
    Value value;
    std::vector<message::Place> empty;
    std::string copied;
  };

  std::map<std::tuple<message::FieldKind, uint64_t, uint64_t>, size_t> index_;
  std::vector<Entry> entries_;
};

// The fields of values.
std::vector<message::Field> FieldsOf(std::vector<Value> values);

// Texts and tool calls of values, put into an answer.
void FillAnswer(std::vector<Value> values, message::Answer& answer);

}  // namespace murphy::dialect
