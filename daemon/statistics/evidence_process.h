// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "daemon/statistics/proportion.h"

namespace murphy::statistics {

// Closed-form e-processes for a rate of violations, with a uniform mixture over the bad side.
// Either may be looked at after every run: one that is at least 1/a is, when its hypothesis holds,
// seen with a probability of at most a (Ville's inequality). The formulas are those of sections 6.3
// in the design's notes; natural logarithms, because the values outgrow a double.

// Against "the rate is at most p0": large when there are too many violations.
double LogEvidenceOfFailure(uint32_t runs, uint32_t violations, double p0);

// Against "the rate is at least p1": large when there are few enough.
double LogEvidenceOfSuccess(uint32_t runs, uint32_t violations, double p1);

// Rates that neither process rejects, 95 % together: an interval that holds whenever one looks, and
// wider than Wilson's for that.
Interval AnytimeInterval(Count violations);

}  // namespace murphy::statistics
