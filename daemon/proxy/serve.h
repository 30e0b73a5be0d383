// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/proxy/downstream.h"

namespace murphy::proxy {

// Serves one connection of an agent's, request after request, until it ends.
Task<void> Serve(std::unique_ptr<Downstream> down);

}  // namespace murphy::proxy
