// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/statistics/proportion.h"

namespace murphy::statistics {

// One run with faults and its twin of the same index without, in which the faults are only noted.
struct Pair {
  bool fired = false;
  bool would_fire = false;
  bool treated_well = false;
  bool twin_well = false;
};

// What faults do to the rate of good runs.
struct Effect {
  // Treated runs in which one fired, and twins in which one would have.
  Count treated;
  Count twins;
  // treated.rate() - twins.rate(), and its interval.
  double value = 0;
  Interval interval{0, 0};
};

// Over all runs, whether a fault fired or not: what "we switched it on" comes to.
Effect EffectOfArms(const std::vector<Pair>& pairs);

// Of those in which a fault fired. Whether it fires depends on what went before it alone, so that
// its counterpart are the twins in which it would have fired, and not all twins: hard tasks make more
// calls, meet more faults and fail more, faults or not.
Effect EffectOfFired(const std::vector<Pair>& pairs);

// Against "a fault makes no run worse": of pairs that differ, those in which the treated run is the
// worse one. At least 1/a is seen with a probability of at most a, whenever one looks (a sequential
// form of McNemar's test). A logarithm.
double LogEvidenceOfHarm(const std::vector<Pair>& pairs);

}  // namespace murphy::statistics
