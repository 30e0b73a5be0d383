// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "faults/message/answer.h"
#include "faults/message/json_tree.h"

namespace murphy::dialect {

// How a provider calls a reason to stop. The first name of a reason is the one that is written.
struct FinishName {
  std::string_view name;
  message::FinishReason reason;
};

// The reason that a value names.
inline message::FinishReason ReasonOf(std::span<const FinishName> names, message::JsonValue value) {
  for (const FinishName& known : names) {
    if (value.Says(known.name)) return known.reason;
  }
  return message::FinishReason::kUnknown;
}

// The name of a reason; empty where the provider has none.
inline std::string_view NameOf(std::span<const FinishName> names, message::FinishReason reason) {
  for (const FinishName& known : names) {
    if (known.reason == reason) return known.name;
  }
  return {};
}

}  // namespace murphy::dialect
