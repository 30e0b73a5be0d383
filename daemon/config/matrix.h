// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/config/parameters.h"
#include "daemon/config/value.h"

namespace murphy::config {

inline constexpr size_t kMostCells = 256;

// Declares the parameters that only a matrix names.
void DeclareAxes(const Value& tree, Parameters& parameters);

// Takes a `matrix` table out of the tree and returns its cells, in the order of the text; the last
// parameter changes fastest. A parameter that is `set` stays as it is. None: there is no matrix, or
// nothing of it is left open. The parameters take the values of the first cell.
std::vector<MatrixCell> TakeMatrix(Value& tree, const std::map<std::string, std::string>& set,
                                   Parameters& parameters, std::vector<Slip>& slips);

}  // namespace murphy::config
