// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "faults/message/framing.h"

namespace murphy::message {

// A piece of an answer that travels as a unit: a whole plain body, or one event of a stream.
struct Part {
  // Bytes as they travel: decoded, without transfer coding, with the event's own framing.
  std::string raw;
  // SSE event name; empty where there is none.
  std::string event;
  // The payload: the body, or the event's `data` lines joined by newlines (HTML standard,
  // section 9.2.6).
  std::string data;
  // Arrival, measured from the answer's head.
  absl::Duration at = absl::ZeroDuration();
  // How it is told apart from the parts around it: it can be framed again.
  Framing framing = Framing::kWhole;
};

// An answer body: one part when plain, one part per event when streamed.
struct Document {
  bool stream = false;
  std::vector<Part> parts;
};

// Where one value, or a piece of one, lives.
struct Place {
  size_t part = 0;
  // JSON Pointer (RFC 6901) into the part's data. Empty: the whole data.
  std::string pointer;
};

enum class FieldKind {
  kText,       // what a model says
  kArguments,  // arguments of a tool call
  kResult,     // what a tool returns
};

// Which value of an answer: one of several choices, an item of it (content block, output item, tool
// call), and a part of the item. What a protocol does not number is 0.
struct Slot {
  uint64_t choice = 0;
  uint64_t item = 0;
  uint64_t part = 0;
  auto operator<=>(const Slot&) const = default;
};

// One logical value of an answer, wherever its dialect puts it. A stream spreads it over `pieces`
// and may repeat the whole of it in `copies`.
struct Field {
  FieldKind kind = FieldKind::kText;
  Slot slot;
  // Tool of a call; empty otherwise.
  std::string tool;
  // Concatenated, in order, they are the value.
  std::vector<Place> pieces;
  // Each holds the whole value once more.
  std::vector<Place> copies;
  // Places hold JSON (an object, a list …) rather than a string.
  bool json = false;
};

// The value of a field: the text, or JSON text where `field.json`.
std::string ReadField(const Document& document, const Field& field);

// Gives a field a new value: cut over the pieces in proportion to their old lengths, at UTF-8
// boundaries, and put whole into the copies. Bytes outside the value stay as they are. Returns
// whether anything changed; on a place that does not exist nothing does.
bool WriteField(Document& document, const Field& field, std::string_view value);

// The last character boundary of a UTF-8 text at or before `at`.
size_t CharacterStart(std::string_view text, size_t at);

// Puts new data into a part and keeps the framing of its event.
void SetData(Part& part, std::string data);

// All bytes of a document.
std::string Bytes(const Document& document);

}  // namespace murphy::message
