// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "daemon/scenario/check.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::scenario {
namespace {

bool Longer(const google::protobuf::Duration& a, const google::protobuf::Duration& b) {
  return std::pair(a.seconds(), a.nanos()) > std::pair(b.seconds(), b.nanos());
}

void CheckLatency(Review& review, const std::string& path, const v1::LatencyFault& latency) {
  switch (latency.distribution_case()) {
    case v1::LatencyFault::DISTRIBUTION_NOT_SET:
      review.SayOf(
          path,
          "says no time: name one of `fixed`, `uniform`, `normal`, `lognormal`, `exponential`, "
          "`of_client_timeout`, `ramp`");
      return;
    case v1::LatencyFault::kRamp:
      if (FromProto(latency.ramp().start()) == FromProto(latency.ramp().end()))
        review.Say(path + ".ramp.end", "the wait does not change: write `fixed`");
      return;
    case v1::LatencyFault::kUniform:
      if (Longer(latency.uniform().min(), latency.uniform().max())) {
        review.Say(path + ".uniform.min", "the shortest wait is longer than the longest");
      }
      return;
    case v1::LatencyFault::kLognormal:
      if (Longer(latency.lognormal().p50(), latency.lognormal().p99())) {
        review.Say(fmt::format("{}.lognormal.p50", path),
                   "the median is above the 99th percentile");
      }
      return;
    case v1::LatencyFault::kFixed:
    case v1::LatencyFault::kNormal:
    case v1::LatencyFault::kOfClientTimeout:
    case v1::LatencyFault::kExponential:
      return;
  }
}

void CheckStatus(Review& review, const std::string& path, const v1::StatusFault& status) {
  CheckWrittenHeaders(review, path + ".headers", status.headers());
  if (status.has_content_type())
    CheckHeaderValue(review, path + ".content_type", status.content_type());
  // RFC 9110 section 6.4.1.
  if (!status.body().empty() && (status.code() == 204 || status.code() == 304))
    review.Say(path + ".body", fmt::format("a {} has no body", status.code()));
}

void CheckRateLimit(Review& review, const std::string& path, const v1::RateLimitFault& limit) {
  if (limit.has_burst() && !limit.has_requests_per_minute()) {
    review.SayOf(path + ".burst",
                 "says how many of `requests_per_minute` may come at once: name those too");
  }
}

void CheckEditHeaders(Review& review, const std::string& path, const v1::EditHeadersFault& edit) {
  CheckHeaders(review, path + ".set", edit.set());
  for (int i = 0; i < edit.remove_size(); ++i)
    CheckHeaderName(review, fmt::format("{}.remove[{}]", path, i), edit.remove(i));
}

}  // namespace

void CheckFault(Review& review, const std::string& path, const v1::Fault& fault) {
  if (fault.has_latency()) CheckLatency(review, path + ".latency", fault.latency());
  if (fault.has_status()) CheckStatus(review, path + ".status", fault.status());
  if (fault.has_rate_limit()) CheckRateLimit(review, path + ".rate_limit", fault.rate_limit());
  if (fault.has_edit_headers())
    CheckEditHeaders(review, path + ".edit_headers", fault.edit_headers());
  if (fault.has_slow_events() &&
      fault.slow_events().pace_case() == v1::SlowEventsFault::PACE_NOT_SET) {
    review.SayOf(path + ".slow_events", "says no pace: name `delay` or `events_per_second`");
  }
  if (fault.has_duplicate_request()) {
    const v1::DuplicateRequestFault& duplicate = fault.duplicate_request();
    const uint32_t copies = duplicate.has_copies() ? duplicate.copies() : 2;
    if (duplicate.answer() > copies) {
      review.Say(
          path + ".duplicate_request.answer",
          fmt::format("there is no answer number {} to {} copies", duplicate.answer(), copies));
    }
  }
}

}  // namespace murphy::scenario
