// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/fold.h"

#include <string>
#include <utility>

namespace murphy::journal {
namespace {

// What is not known yet of an injection that fires.
void ForgetEffect(v1::Injection& injection) {
  injection.set_state(v1::INJECTION_STATE_FIRED);
  injection.clear_digest_before();
  injection.clear_digest_after();
  injection.clear_deliver_time();
  injection.clear_detail();
}

}  // namespace

bool CanFold(const v1::Injection& fired, const v1::Injection& later) {
  if (fired.state() != v1::INJECTION_STATE_FIRED || fired.id() != later.id() ||
      fired.run() != later.run())
    return false;
  v1::Injection told = later;
  ForgetEffect(told);
  return told.SerializeAsString() == fired.SerializeAsString();
}

void Unfold(v1::Event row, std::vector<v1::Event>& events) {
  if (row.fired_revision() != 0) {
    v1::Event& fired = events.emplace_back();
    fired.set_revision(row.fired_revision());
    *fired.mutable_injection() = AsFired(row);
    row.clear_fired_revision();
  }
  events.push_back(std::move(row));
}

v1::Injection AsFired(const v1::Event& row) {
  v1::Injection fired = row.injection();
  if (row.fired_revision() != 0) ForgetEffect(fired);
  return fired;
}

}  // namespace murphy::journal
