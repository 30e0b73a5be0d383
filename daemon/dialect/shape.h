// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "faults/message/json_tree.h"

namespace murphy::dialect {

// Sorted argument paths with JSON types, never values: `{items[].sku:str,limit:int}`. Elements of a
// list share one path. A shape of more than `kMaxShape` bytes is replaced by its digest.
inline constexpr size_t kMaxShape = 400;
std::string ArgumentShape(message::JsonValue arguments);

// Segments of a path, those that look like ids (digits, UUID, long hex, ULID, `cus_9s6XKzkNRiz8i3`,
// any long run of letters and digits) as `{id}`. At most 16.
std::vector<std::string> TemplateSegments(std::string_view path);

// Purpose of a model call: a fingerprint of its instructions with everything that holds a digit
// masked, its tools and its answer format. Equal for all turns of one agent.
std::string PurposeShape(std::string_view instructions, std::vector<std::string> tools,
                         std::string_view format);

}  // namespace murphy::dialect
