// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// A place that was left alone after it had failed several times in a row, while the agent went on
// with other work.
struct Circuit {
  // The single call that closed it again; nullopt while it stays open.
  std::optional<size_t> probe;
};

// The circuit that opened after the failure at `position`, or nothing.
std::optional<Circuit> CircuitAfter(const History& history, size_t position);

}  // namespace murphy::outcome
