// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/wire/downstream.h"

namespace murphy::ways {

// Serves one connection of an agent's, request after request, until it ends.
wire::Task<void> Serve(std::unique_ptr<wire::Downstream> down);

}  // namespace murphy::ways
