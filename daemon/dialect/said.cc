// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/said.h"

#include <algorithm>
#include <utility>

#include "faults/message/document.h"

namespace murphy::dialect {

using message::FieldKind;

Said::Entry* Said::EntryOf(const Fragment& piece) {
  // Pieces of one value follow each other.
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->slot == piece.slot && entry->kind == piece.kind) return &*entry;
  }
  if (entries_.size() == kMostValues) return nullptr;
  entries_.push_back({.kind = piece.kind, .slot = piece.slot});
  return &entries_.back();
}

void Said::Keep(std::string& into, std::string_view text) {
  bytes_ += text.size();
  const size_t room = message::kMostKept - kept_;
  if (text.size() > room) text = text.substr(0, message::CharacterStart(text, room));
  into += text;
  kept_ += text.size();
}

void Said::Add(const Fragment& piece) {
  Entry* entry = EntryOf(piece);
  if (entry == nullptr) {
    bytes_ += piece.value.raw().size();
    return;
  }
  if (piece.tool.SaysSomething()) entry->tool = piece.tool.Text();
  if (piece.id.SaysSomething()) entry->id = piece.id.Text();
  if (!piece.json && !piece.value.SaysSomething()) return;
  if (piece.copy && !entry->text.empty()) return;
  if (!piece.copy && entry->copied) {
    kept_ -= entry->text.size();
    bytes_ -= entry->text.size();
    entry->text.clear();
  }
  entry->copied = piece.copy;
  if (piece.json) {
    Keep(entry->text, piece.value.literal());
  } else if (piece.value.plain()) {
    Keep(entry->text, piece.value.raw());
  } else {
    Keep(entry->text, piece.value.Text());
  }
}

void Said::AddText(std::string_view text) {
  Entry* entry = EntryOf({});
  if (entry != nullptr) Keep(entry->text, text);
}

void Said::MoveTo(message::Answer& answer) {
  answer.said_bytes = bytes_;
  for (Entry& entry : entries_) {
    switch (entry.kind) {
      case FieldKind::kText:
      case FieldKind::kResult:
        if (answer.text.empty()) {
          answer.text = std::move(entry.text);
        } else {
          answer.text += entry.text;
        }
        break;
      case FieldKind::kArguments:
        answer.tool_calls.push_back(
            {std::move(entry.tool), std::move(entry.text), std::move(entry.id)});
        break;
    }
  }
  entries_.clear();
}

}  // namespace murphy::dialect
