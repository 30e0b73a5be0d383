// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

// 99th percentile of the standard normal distribution.
constexpr double kNormalP99 = 2.3263478740408408;

// As for every wait that a scenario states.
constexpr double kLongestWait = 3600;

// Whole microseconds, so that a last bit of a floating-point library never shows.
absl::Duration Cut(double seconds, double max) {
  return absl::Microseconds(std::llround(std::clamp(seconds, 0.0, std::max(max, 0.0)) * 1e6));
}

double Seconds(const google::protobuf::Duration& duration) {
  return absl::ToDoubleSeconds(FromProto(duration));
}

absl::Duration Sample(const v1::UniformDelay& spec, const Draw& draw) {
  const double min = Seconds(spec.min());
  const double max = std::max(min, Seconds(spec.max()));
  return Cut(min + (max - min) * draw.Unit("delay"), max);
}

absl::Duration At(const v1::ChangingDelay& spec, const Elapsed& elapsed) {
  const double start = Seconds(spec.start()), end = Seconds(spec.end());
  const double behind = std::min(1.0, LengthsBehind(spec.over(), elapsed));
  return Cut(start + (end - start) * behind, std::max(start, end));
}

// What falls outside of 0 to `max` is drawn again, so that no wait is piled up at the ends; what
// hardly ever falls inside is cut in the end.
template <typename Next>
absl::Duration Within(double max, Next next) {
  constexpr uint32_t kMostDraws = 64;
  for (uint32_t draw = 0; draw < kMostDraws; ++draw) {
    const double seconds = next(draw);
    if (seconds >= 0 && seconds <= max) return Cut(seconds, max);
  }
  return Cut(next(0), max);
}

absl::Duration Sample(const v1::NormalDelay& spec, const Draw& draw) {
  const double mean = Seconds(spec.mean());
  const double stddev = Seconds(spec.stddev());
  const double max = spec.has_max() ? Seconds(spec.max()) : mean + 4 * stddev;
  return Within(max, [&](uint32_t i) { return mean + stddev * draw.Normal("delay", i); });
}

absl::Duration Sample(const v1::LognormalDelay& spec, const Draw& draw) {
  const double median = std::max(Seconds(spec.p50()), 1e-6);
  const double p99 = std::max(Seconds(spec.p99()), median);
  const double max = spec.has_max() ? Seconds(spec.max()) : 10 * p99;
  const double sigma = std::log(p99 / median) / kNormalP99;
  return Within(max,
                [&](uint32_t i) { return median * std::exp(sigma * draw.Normal("delay", i)); });
}

absl::Duration Sample(const v1::ExponentialDelay& spec, const Draw& draw) {
  const double mean = Seconds(spec.mean());
  const double max = spec.has_max() ? Seconds(spec.max()) : 10 * mean;
  return Within(max, [&](uint32_t i) { return -mean * std::log1p(-draw.Unit("delay", i)); });
}

class Latency final : public Fault {
 public:
  explicit Latency(const v1::LatencyFault& spec)
      : spec_(spec), first_byte_(spec.at() == v1::LATENCY_POINT_FIRST_BYTE) {}

  Stage stage() const override { return first_byte_ ? Stage::kTrailing : Stage::kLatency; }

  Needs needs() const override {
    return {.client_timeout = spec_.has_of_client_timeout(), .elapsed = spec_.has_ramp()};
  }

  RequestActions OnRequest(const RequestInput&, Scope& scope) const override {
    return first_byte_ ? RequestActions() : Wait<RequestAction>(scope);
  }

  AnswerActions OnResponse(const ResponseInput&, Scope& scope) const override {
    return first_byte_ ? Wait<AnswerAction>(scope) : AnswerActions();
  }

  std::string Parameters(const Scope& scope) const override {
    boost::json::object parameters;
    if (const auto delay = Drawn(scope)) parameters["delay"] = DurationText(*delay);
    parameters["at"] = EnumText(spec_.at());
    if (scope.client_timeout) parameters["client_timeout"] = DurationText(*scope.client_timeout);
    return boost::json::serialize(parameters);
  }

 private:
  // Nullopt: a part of a timeout that is not known.
  std::optional<absl::Duration> Drawn(const Scope& scope) const {
    const Draw& draw = scope.draw;
    switch (spec_.distribution_case()) {
      case v1::LatencyFault::kFixed:
        return FromProto(spec_.fixed());
      case v1::LatencyFault::kUniform:
        return Sample(spec_.uniform(), draw);
      case v1::LatencyFault::kNormal:
        return Sample(spec_.normal(), draw);
      case v1::LatencyFault::kLognormal:
        return Sample(spec_.lognormal(), draw);
      case v1::LatencyFault::kExponential:
        return Sample(spec_.exponential(), draw);
      case v1::LatencyFault::kOfClientTimeout:
        if (!scope.client_timeout.has_value()) return std::nullopt;
        return Cut(absl::ToDoubleSeconds(*scope.client_timeout) * spec_.of_client_timeout(),
                   kLongestWait);
      case v1::LatencyFault::kRamp:
        return At(spec_.ramp(), scope.elapsed);
      case v1::LatencyFault::DISTRIBUTION_NOT_SET:
        return absl::ZeroDuration();
    }
    return absl::ZeroDuration();
  }

  template <typename Action>
  ActionsOf<Action> Wait(const Scope& scope) const {
    const std::optional<absl::Duration> delay = Drawn(scope);
    if (!delay.has_value()) {
      return NoOp(
          "the client's timeout is not known: it states none, and has not given up on this call "
          "before");
    }
    if (*delay <= absl::ZeroDuration()) return NoOp("the wait that was drawn is zero");
    return {{action::Delay{*delay}}, {}};
  }

  v1::LatencyFault spec_;
  bool first_byte_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::LatencyFault& fault) {
  return std::make_unique<Latency>(fault);
}

}  // namespace murphy
