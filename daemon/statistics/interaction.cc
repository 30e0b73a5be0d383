// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/interaction.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace murphy::statistics {
namespace {

// Half a run more of either kind keeps the logarithm finite, and the estimate nearly unbiased.
double LogRate(Count count) { return std::log((count.of + 0.5) / (count.all + 1.0)); }

double ValueOf(const Arms2x2& arms) {
  return LogRate(arms.both) + LogRate(arms.neither) - LogRate(arms.first) - LogRate(arms.second);
}

// The rate is drawn too (Jeffreys' posterior): an arm that always went well is not certain to.
class Resampler {
 public:
  explicit Resampler(uint64_t seed) : random_(seed) {}

  Count Draw(Count count) {
    const double won = Gamma(count.of + 0.5);
    const double rate = won / (won + Gamma(count.all - count.of + 0.5));
    return {static_cast<uint32_t>(std::lround(rate * kFine * count.all)), kFine * count.all};
  }

 private:
  static constexpr uint32_t kFine = 64;

  double Uniform() { return (static_cast<double>(random_() >> 11) + 0.5) / 9007199254740992.0; }
  double Normal() { return std::sqrt(-2 * std::log(Uniform())) * std::cos(2 * M_PI * Uniform()); }

  // Marsaglia and Tsang 2000; the library's differs from one library to the next.
  double Gamma(double shape) {
    if (shape < 1) return Gamma(shape + 1) * std::pow(Uniform(), 1 / shape);
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
      const double x = Normal();
      const double v = std::pow(1 + c * x, 3);
      if (v > 0 && std::log(Uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace

Interaction InteractionOf(const Arms2x2& arms, uint64_t seed, uint32_t resamples) {
  Interaction found{.value = ValueOf(arms)};
  Resampler draw(seed);
  std::vector<double> values;
  values.reserve(resamples);
  for (uint32_t i = 0; i < resamples; ++i) {
    const Arms2x2 drawn{draw.Draw(arms.neither), draw.Draw(arms.first), draw.Draw(arms.second),
                        draw.Draw(arms.both)};
    values.push_back(ValueOf(drawn));
  }
  if (values.empty()) return found;
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) { return values[static_cast<size_t>(share * (resamples - 1))]; };
  found.interval = {at(0.025), at(0.975)};
  return found;
}

}  // namespace murphy::statistics
