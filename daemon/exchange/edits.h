// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/exchange/life.h"
#include "faults/action.h"

namespace murphy::exchange {

// Changes the headers that later faults see, and adds to what is sent. Lines that frame the message
// or belong to the hop are left alone: the way in writes them.
void ApplyEdits(const action::EditHead& edit, message::Headers& headers, HeadEdits& edits);

// Puts an edit on record, with what was there before it, and settles one that changed nothing.
void NoteEdit(Life& life, Injection& injection, const std::string& before, const std::string& after,
              const char* unchanged);

}  // namespace murphy::exchange
