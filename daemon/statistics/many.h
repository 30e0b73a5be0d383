// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace murphy::statistics {

// Which of many hypotheses can be given up together, so that of those that are at most `alpha` are
// given up wrongly on average (e-BH, Wang and Ramdas 2022). Takes logarithms of e-values, which may
// depend on each other in any way; returns their places, the strongest first.
std::vector<size_t> Discoveries(const std::vector<double>& log_evidence, double alpha);

}  // namespace murphy::statistics
