// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "faults/message/answer.h"
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

// Cuts a value where it stops, in pieces and copies. `blanked[part]` becomes true where a piece
// lost all its text.
void CutValue(message::Document& document, const message::Stop& stop, std::vector<bool>& blanked);

// Removes the parts that are marked.
void DropParts(message::Document& document, const std::vector<bool>& drop);

}  // namespace murphy::dialect
