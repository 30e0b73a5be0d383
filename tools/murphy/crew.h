// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace murphy::cli {

// Does jobs 0 to `jobs` - 1 on `hands` threads, begun in this order. `more` is asked before each,
// by one thread at a time; no job is begun once it says no. The first exception ends the rest and
// is thrown here, when all that had begun have ended.
void DoTogether(uint32_t jobs, uint32_t hands, const std::function<bool()>& more,
                const std::function<void(uint32_t)>& job);

}  // namespace murphy::cli
