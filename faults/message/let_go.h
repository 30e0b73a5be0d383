// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace murphy::message {

// Empties a text and gives its memory back. Assigning an empty one keeps the memory: the standard
// library reuses what is there.
inline void LetGo(std::string& text) { std::string().swap(text); }

}  // namespace murphy::message
