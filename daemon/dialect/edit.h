// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/pieces.h"
#include "faults/message/document.h"

namespace murphy::dialect {

// Edits of one JSON payload that leave every other byte as it is. All do nothing, and say false,
// where the pointer leads nowhere.

// Puts JSON text at a place.
bool PutJson(message::Part& part, std::string_view pointer, std::string_view json);

// Removes a member of an object, with its comma. `pointer` ends in the member's key, which needs no
// escapes.
bool RemoveMember(message::Part& part, std::string_view pointer);

// Keeps the first `keep` elements of a list of `size`.
bool KeepElements(message::Part& part, std::string_view pointer, size_t keep, size_t size);

// Gives an event another name. The `event` line must exist.
bool RenameEvent(message::Part& part, std::string_view name);

// Bytes of `text` that a share keeps: at most all but one, back to a UTF-8 boundary.
size_t KeptBytes(std::string_view text, double fraction);

// Cuts one value after `keep` bytes, in pieces and copies. `blanked[part]` becomes true where a
// piece lost all its text.
void CutValue(message::Document& document, const Value& value, size_t keep,
              std::vector<bool>& blanked);

// Where an answer's text ends early: the value that is cut. Values behind it are left to the caller
// to remove.
struct Stop {
  uint64_t outer = 0;
  uint64_t inner = 0;
};

// Cuts the text of an answer, all its text values taken together, at a share. nullopt when it has
// no text.
std::optional<Stop> CutTexts(message::Document& document, const std::vector<Value>& values,
                             double fraction, std::vector<bool>& blanked);

// Removes the parts that are marked.
void DropParts(message::Document& document, const std::vector<bool>& drop);

}  // namespace murphy::dialect
