// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/late.h"

#include "absl/time/clock.h"
#include "proto/time.h"

namespace murphy::ways {
namespace {

v1::EndState EndOf(const PassedThrough& passed) {
  if (passed.failure.empty()) return v1::END_STATE_COMPLETE;
  if (passed.origin == v1::ORIGIN_DOWNSTREAM) return v1::END_STATE_AGENT_LEFT;
  return passed.upstream_status == 0 ? v1::END_STATE_NO_ANSWER : v1::END_STATE_BROKEN;
}

}  // namespace

v1::Exchange LateRecord(const wire::Incoming& in, const PassedThrough& passed) {
  v1::Exchange record;
  record.set_run(std::string(in.target.run));
  record.set_late(true);
  record.set_route(in.route->name);
  record.set_method(in.head.method);
  record.set_path(std::string(in.target.rest.substr(0, in.target.rest.find('?'))));
  record.set_status(static_cast<uint32_t>(passed.status));
  record.set_upstream_status(static_cast<uint32_t>(passed.upstream_status));
  record.set_failure(passed.failure);
  record.set_origin(passed.origin);
  record.set_end(EndOf(passed));
  const absl::Duration took = absl::FromChrono(wire::Clock::now() - in.arrived);
  *record.mutable_begin_time() = ToProto(absl::Now() - took);
  *record.mutable_duration() = ToProto(took);
  return record;
}

}  // namespace murphy::ways
