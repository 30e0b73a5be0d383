// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/followers.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

bool Writes(const History& history, const v1::VerifiesBeforeRepeatExpect& expect,
            const v1::Exchange& exchange) {
  return expect.has_target() ? BelongsTo(exchange, expect.target())
                             : history.HasRole(exchange, v1::TARGET_ROLE_SIDE_EFFECT);
}

// What the agent got does not say whether the call has acted.
bool LeavesOpen(const v1::Exchange& exchange) {
  if (!Broken(exchange)) return false;
  const uint32_t status = exchange.status();
  if (status == 0 || exchange.end() != v1::END_STATE_COMPLETE || status == 408) return true;
  return status >= 500 && status != 501 && status != 503 && status != 505 && status != 529;
}

// The next call that would do the same once more.
std::optional<size_t> RepeatOf(const History& history, const v1::VerifiesBeforeRepeatExpect& expect,
                               size_t position) {
  const v1::Exchange& failed = history.at(position);
  std::vector<size_t> later = Successors(history, position);
  for (const size_t same : history.AtPlace(PlaceOf(failed))) {
    const bool again = same > position && !failed.request_digest().empty() &&
                       history.at(same).request_digest() == failed.request_digest();
    if (again) later.push_back(same);
  }
  std::erase_if(later, [&](size_t each) { return !Writes(history, expect, history.at(each)); });
  const auto first = std::min_element(later.begin(), later.end());
  return first == later.end() ? std::nullopt : std::optional(*first);
}

// It acts only once, however often it is sent.
bool SameKey(const v1::Exchange& one, const v1::Exchange& other) {
  return !one.idempotency_digest().empty() &&
         one.idempotency_digest() == other.idempotency_digest();
}

enum class Look { kMade, kMissing, kUnknown };

Look LookBetween(const History& history, size_t failed, size_t repeat) {
  Look look = Look::kMissing;
  for (size_t between = failed + 1; between < repeat; ++between) {
    const v1::Exchange& exchange = history.at(between);
    if (exchange.late()) continue;
    const bool nothing = exchange.status() == 404 || exchange.status() == 410;
    const bool reads = history.HasRole(exchange, v1::TARGET_ROLE_VERIFY) ||
                       history.HasRole(exchange, v1::TARGET_ROLE_READ);
    const bool answered = !Broken(exchange) || nothing;
    const bool its_own = exchange.agent() == history.at(failed).agent();
    const bool afterwards = BeginOf(exchange) >= EndOf(history.at(failed));
    if (reads && answered && its_own && afterwards) return Look::kMade;
    if (exchange.unclassified()) look = Look::kUnknown;
  }
  return look;
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::VerifiesBeforeRepeatExpect& expect) {
  size_t open = 0;
  size_t looked = 0;
  std::vector<uint64_t> unknown;
  for (const size_t position : history.all()) {
    const v1::Exchange& failed = history.at(position);
    if (!Writes(history, expect, failed) || !LeavesOpen(failed)) continue;
    ++open;
    const std::optional<size_t> repeat = RepeatOf(history, expect, position);
    if (!repeat || SameKey(failed, history.at(*repeat))) continue;
    switch (LookBetween(history, position, *repeat)) {
      case Look::kMade:
        ++looked;
        break;
      case Look::kUnknown:
        unknown.push_back(failed.sequence());
        break;
      case Look::kMissing:
        return Shown(Violated(fmt::format("{} may have acted, and was made again without a look",
                                          failed.address())),
                     {failed.sequence(), history.at(*repeat).sequence()});
    }
  }
  if (!unknown.empty()) {
    return Shown(Unjudged(fmt::format("what was called after {} could not be read: it may have been "
                                      "a look",
                                      Exchanges(unknown)),
                          "a target that is known by its path"),
                 unknown);
  }
  if (open == 0) return Idle("no call was left open");
  return Held(fmt::format("{} left open whether {} acted: {} looked for, and the others not made again "
                          "or made again under their own key",
                          Counted(open, "failure"), open == 1 ? "it had" : "they had", looked));
}

}  // namespace murphy::outcome
