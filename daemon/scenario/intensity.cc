// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/intensity.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "faults/values.h"
#include "proto/time.h"

namespace murphy::scenario {
namespace {

absl::Duration TimeOf(const v1::Extent& extent) { return FromProto(extent.time()); }

// Part of the present period that lies behind, from 0 to below 1.
double PeriodBehind(const v1::Extent& period, const Elapsed& elapsed) {
  if (period.has_calls()) {
    return static_cast<double>(elapsed.calls % period.calls()) / period.calls();
  }
  absl::Duration rest;
  absl::IDivDuration(elapsed.time, TimeOf(period), &rest);
  return absl::FDivDuration(rest, TimeOf(period));
}

double RampAt(const v1::Ramp& ramp, const Elapsed& elapsed) {
  const double end = ramp.has_end() ? ramp.end() : 1;
  const double behind = std::min(1.0, LengthsBehind(ramp.over(), elapsed));
  return ramp.start() + (end - ramp.start()) * behind;
}

double PulseAt(const v1::Pulse& pulse, const Elapsed& elapsed) {
  const double high = pulse.has_high() ? pulse.high() : 1;
  if (pulse.period().has_calls())
    return elapsed.calls % pulse.period().calls() < pulse.width().calls() ? high : pulse.low();
  absl::Duration rest;
  absl::IDivDuration(elapsed.time, TimeOf(pulse.period()), &rest);
  return rest < TimeOf(pulse.width()) ? high : pulse.low();
}

double WaveAt(const v1::Wave& wave, const Elapsed& elapsed) {
  const double high = wave.has_high() ? wave.high() : 1;
  const double raised =
      (1 - std::cos(2 * std::numbers::pi * PeriodBehind(wave.period(), elapsed))) / 2;
  return wave.low() + (high - wave.low()) * raised;
}

}  // namespace

double FactorAt(const v1::Intensity& intensity, const Elapsed& elapsed) {
  switch (intensity.kind_case()) {
    case v1::Intensity::kRamp:
      return RampAt(intensity.ramp(), elapsed);
    case v1::Intensity::kPulse:
      return PulseAt(intensity.pulse(), elapsed);
    case v1::Intensity::kWave:
      return WaveAt(intensity.wave(), elapsed);
    case v1::Intensity::KIND_NOT_SET:
      break;
  }
  return 1;
}

bool DependsOnTime(const v1::Intensity& intensity) {
  return intensity.ramp().over().has_time() || intensity.pulse().period().has_time() ||
         intensity.wave().period().has_time();
}

}  // namespace murphy::scenario
