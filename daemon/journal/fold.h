// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "murphy/v1/exchange.pb.h"

namespace murphy::journal {

// Most injections are delivered moments after they fired, in the same commit. Such a pair is
// written as one row, of the later state, which names the revision at which the injection fired;
// whoever reads events gets both.

// Whether `later` says everything that `fired` does, so that the one can be told from the other.
bool CanFold(const v1::Injection& fired, const v1::Injection& later);

// What a row holds, in order: one event, or two.
void Unfold(v1::Event row, std::vector<v1::Event>& events);

// The injection as it fired, from a row of an injection.
v1::Injection AsFired(const v1::Event& row);

}  // namespace murphy::journal
