// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/milestone.h"

namespace murphy::scenario {

Tally operator-(const Tally& now, const Tally& then) {
  return {now.calls - then.calls,           now.operations - then.operations,
          now.injections - then.injections, now.tokens - then.tokens,
          now.bytes - then.bytes,           now.events - then.events};
}

bool Milestone::CountsReached(const Tally& tally) const {
  return tally.calls >= least.calls && tally.operations >= least.operations &&
         tally.injections >= least.injections && tally.tokens >= least.tokens &&
         tally.bytes >= least.bytes && tally.events >= least.events;
}

}  // namespace murphy::scenario
