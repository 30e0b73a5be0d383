// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/dialect/findings.h"
#include "faults/message/document.h"

namespace murphy::dialect {

// The values of an answer with their places, in order of first appearance. One that has no pieces
// takes its first copy for one.
std::vector<message::Field> FieldsOf(const message::Document& document, Finder& finder);

}  // namespace murphy::dialect
