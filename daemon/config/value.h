// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/config/reader.h"

namespace murphy::config {

struct Entry;

// A value as it was written, with its place: what the walker reads, wherever it comes from.
struct Value {
  enum class Kind { kBool, kInteger, kNumber, kText, kList, kTable, kDate };
  Kind kind = Kind::kTable;
  Location location;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;
  // Of kText; of the others where they were written as a bare word, which may stand for text.
  std::string text;
  bool bare = false;
  // The parameter that it stands for, whole or in part; empty for none.
  std::string parameter = {};
  std::vector<Value> items;
  // In the order of the text.
  std::vector<Entry> entries;
};

struct Entry {
  std::string key;
  Location location;
  Value value;
};

// A mistake in a text whose name the caller knows.
struct Slip {
  Location location;
  std::string message;
};

// The entry of a table, or null.
inline const Entry* Find(const Value& table, std::string_view key) {
  for (const Entry& entry : table.entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

}  // namespace murphy::config
