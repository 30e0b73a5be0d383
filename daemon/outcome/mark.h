// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "murphy/v1/outcome.pb.h"

namespace murphy::outcome {

// What one run says about the rate of violations.
enum class Mark { kGood, kViolation, kUnjudged, kInvalid };

Mark MarkOf(const v1::Outcome& outcome);

}  // namespace murphy::outcome
