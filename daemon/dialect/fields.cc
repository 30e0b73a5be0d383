// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/fields.h"

#include <map>
#include <tuple>
#include <utility>

namespace murphy::dialect {
namespace {

using message::Field;
using message::Place;

// Puts values together from their pieces.
class Collector : public Findings {
 public:
  void set_part(size_t part) { part_ = part; }

  void Add(const Fragment& piece) override {
    const auto [known, added] = index_.try_emplace({piece.kind, piece.slot}, entries_.size());
    if (added) {
      entries_.push_back({.field = {.kind = piece.kind, .slot = piece.slot, .json = piece.json}});
    }
    Entry& entry = entries_[known->second];
    if (piece.tool.SaysSomething()) entry.field.tool = piece.tool.Text();
    if (!piece.value) return;
    Place place{part_, piece.value.Pointer()};
    if (piece.copy) {
      if (entry.field.copies.empty()) entry.copied = piece.value.SaysSomething();
      entry.field.copies.push_back(std::move(place));
    } else if (piece.json || piece.value.SaysSomething()) {
      entry.field.pieces.push_back(std::move(place));
    } else if (entry.empty.empty()) {
      entry.empty.push_back(std::move(place));
    }
  }

  std::vector<Field> Take() {
    std::vector<Field> fields;
    for (Entry& entry : entries_) {
      Field& field = entry.field;
      if (field.pieces.empty() && entry.copied) {
        field.pieces.push_back(std::move(field.copies.front()));
        field.copies.erase(field.copies.begin());
      } else if (field.pieces.empty()) {
        field.pieces = std::move(entry.empty);
      }
      if (!field.pieces.empty()) fields.push_back(std::move(field));
    }
    return fields;
  }

 private:
  struct Entry {
    Field field;
    // Where the value has a place, and no text.
    std::vector<Place> empty;
    // The first copy holds text.
    bool copied = false;
  };

  size_t part_ = 0;
  std::map<std::pair<message::FieldKind, message::Slot>, size_t> index_;
  std::vector<Entry> entries_;
};

}  // namespace

std::vector<Field> FieldsOf(const message::Document& document, Finder& finder) {
  Collector fields;
  message::JsonTree tree;
  for (size_t i = 0; i < document.parts.size(); ++i) {
    if (!tree.Parse(document.parts[i].data)) continue;
    fields.set_part(i);
    finder.Find(tree.root(), fields);
  }
  return fields.Take();
}

}  // namespace murphy::dialect
