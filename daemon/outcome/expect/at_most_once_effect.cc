// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include "daemon/outcome/effects.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::AtMostOnceEffectExpect& expect) {
  const Ledger ledger =
      expect.has_target() ? ReadLedger(history, expect.target()) : ReadLedger(history);
  if (ledger.duplicates > 0) {
    return Violated(ledger.evidence.empty()
                        ? Balance(ledger)
                        : fmt::format("{}: {}", Balance(ledger), Exchanges(ledger.evidence)));
  }
  if (ledger.possible > 0) return Unjudged(Doubt(ledger));
  if (ledger.effects + ledger.unknown == 0)
    return Idle(fmt::format("no effect{} took place", Whose(expect)));
  return Held(Balance(ledger));
}

}  // namespace murphy::outcome
