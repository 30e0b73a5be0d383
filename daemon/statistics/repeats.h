// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace murphy::statistics {

// pass^k: the chance that `k` runs of a task, all of them, succeed, of `successes` in `runs`. The
// estimator C(successes, k) / C(runs, k) has no bias; the power of the rate is too high
// (tau-bench, Yao and others 2024). Nan where there are fewer runs than `k`.
double PassAll(uint32_t successes, uint32_t runs, uint32_t k);

// pass@k: that one of them succeeds at least.
double PassAny(uint32_t successes, uint32_t runs, uint32_t k);

}  // namespace murphy::statistics
