// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/hold.h"

namespace murphy::wire {
namespace {

std::string ReasonOf(const runs::Run& run) {
  std::string why = run.disarm_reason();
  return why.empty() ? "the fault was disarmed" : why;
}

}  // namespace

void Holding::Look() {
  if (!released_.has_value() && !terms_.run.MayHold(terms_.leash))
    released_ = ReasonOf(terms_.run);
}

Task<void> Holding::Wait(Clock::time_point until) {
  Look();
  if (released_.has_value() || gate_passed()) co_return;
  timer_.expires_at(until);
  terms_.run.held.fetch_add(1, std::memory_order_relaxed);
  co_await timer_.async_wait(kAsTuple);
  terms_.run.held.fetch_sub(1, std::memory_order_relaxed);
}

void Holding::OnRelease(std::string_view run) {
  if (terms_.run.spec().id != run) return;
  if (!terms_.run.MayHold(terms_.leash)) {
    Release(ReasonOf(terms_.run));
  } else if (gate_passed()) {
    timer_.cancel();
  }
}

void Holding::Release(std::string why) {
  if (!released_.has_value()) released_ = std::move(why);
  timer_.cancel();
}

}  // namespace murphy::wire
