// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/pieces.h"

#include <utility>

namespace murphy::dialect {

using message::FieldKind;

void Collector::Add(const Fragment& piece) {
  const auto [known, added] =
      index_.try_emplace({piece.kind, piece.outer, piece.inner}, entries_.size());
  if (added) {
    Entry entry;
    entry.value.outer = piece.outer;
    entry.value.inner = piece.inner;
    entry.value.field.kind = piece.kind;
    entry.value.field.json = piece.json;
    entries_.push_back(std::move(entry));
  }
  Entry& entry = entries_[known->second];
  if (!piece.tool.empty()) entry.value.field.tool = piece.tool;
  if (piece.place.pointer.empty()) return;
  if (piece.copy) {
    if (entry.value.field.copies.empty()) entry.copied = piece.text;
    entry.value.field.copies.push_back(piece.place);
  } else if (piece.text.empty()) {
    if (entry.empty.empty()) entry.empty.push_back(piece.place);
  } else {
    entry.value.field.pieces.push_back(piece.place);
    entry.value.text += piece.text;
  }
}

std::vector<Value> Collector::Take() {
  std::vector<Value> values;
  values.reserve(entries_.size());
  for (Entry& entry : entries_) {
    message::Field& field = entry.value.field;
    if (field.pieces.empty() && !field.copies.empty() && !entry.copied.empty()) {
      field.pieces.push_back(field.copies.front());
      field.copies.erase(field.copies.begin());
      entry.value.text = std::move(entry.copied);
    } else if (field.pieces.empty()) {
      field.pieces = std::move(entry.empty);
    }
    values.push_back(std::move(entry.value));
  }
  entries_.clear();
  index_.clear();
  return values;
}

std::vector<message::Field> FieldsOf(std::vector<Value> values) {
  std::vector<message::Field> fields;
  for (Value& value : values) {
    if (!value.field.pieces.empty()) fields.push_back(std::move(value.field));
  }
  return fields;
}

void FillAnswer(std::vector<Value> values, message::Answer& answer) {
  for (Value& value : values) {
    switch (value.field.kind) {
      case FieldKind::kText:
      case FieldKind::kResult:
        answer.text += value.text;
        break;
      case FieldKind::kArguments:
        answer.tool_calls.push_back({std::move(value.field.tool), std::move(value.text)});
        break;
    }
  }
}

}  // namespace murphy::dialect
