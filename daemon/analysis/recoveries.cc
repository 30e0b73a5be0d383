// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/recoveries.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace murphy::analysis {
namespace {

// More than anybody reads; the figures do not change any more.
constexpr size_t kMostPassages = 1'000'000;
constexpr uint32_t kRecovered = 1;
constexpr uint32_t kLost = 2;

bool Recovers(uint32_t layer) {
  switch (static_cast<v1::RecoveryLayer>(layer)) {
    case v1::RECOVERY_LAYER_GAVE_UP_LOUD:
    case v1::RECOVERY_LAYER_GAVE_UP_SILENT:
    case v1::RECOVERY_LAYER_CONSUMED_POISON:
    case v1::RECOVERY_LAYER_LOOP:
    case v1::RECOVERY_LAYER_UNSPECIFIED:
      return false;
    default:  // of protobuf's enumeration: every other layer went on from there
      return true;
  }
}

v1::RecoveryIncidence Figures(const statistics::Incidence& incidence, uint32_t outcome) {
  v1::RecoveryIncidence figures;
  figures.set_within_5(incidence.At(5, outcome));
  figures.set_within_10(incidence.At(10, outcome));
  figures.set_within_20(incidence.At(20, outcome));
  const double median = incidence.Median(outcome);
  if (std::isfinite(median)) figures.set_median_calls(median);
  return figures;
}

}  // namespace

void Recoveries::Add(const std::vector<v1::Exchange>& exchanges,
                     const std::vector<v1::Injection>& injections) {
  const uint64_t last = exchanges.empty() ? 0 : exchanges.back().sequence();
  for (const v1::Injection& injection : injections) {
    if (injection.state() != v1::INJECTION_STATE_DELIVERED) continue;
    if (passages_.size() >= kMostPassages) return;
    // It was still open when the run ended: so many calls it was seen for.
    const bool open = injection.recovery() == v1::RECOVERY_LAYER_UNSPECIFIED;
    const uint64_t seen = last - std::min(last, injection.exchange());
    passages_.push_back(
        {static_cast<double>(open ? seen : injection.recovery_attempts()),
         static_cast<uint32_t>(injection.recovery())});
  }
}

std::vector<v1::RecoveryIncidence> Recoveries::Incidences() const {
  std::vector<v1::RecoveryIncidence> found;
  if (passages_.empty()) return found;
  std::map<uint32_t, uint32_t> layers;
  std::vector<statistics::Passage> together = passages_;
  uint32_t recovered = 0;
  for (statistics::Passage& passage : together) {
    if (passage.outcome == 0) continue;
    ++layers[passage.outcome];
    passage.outcome = Recovers(passage.outcome) ? kRecovered : kLost;
    if (passage.outcome == kRecovered) ++recovered;
  }
  found.push_back(Figures(statistics::Incidence(std::move(together)), kRecovered));
  found.back().set_injections(recovered);
  const statistics::Incidence each(passages_);
  for (const auto& [layer, injections] : layers) {
    found.push_back(Figures(each, layer));
    found.back().set_layer(static_cast<v1::RecoveryLayer>(layer));
    found.back().set_injections(injections);
  }
  return found;
}

}  // namespace murphy::analysis
