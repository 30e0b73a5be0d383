// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

constexpr int kMostFigures = 256;
constexpr const char* kWait = "wait ";
// What two machines add to a wait, on the logarithm.
constexpr double kNoise = 0.05;
// How much likelier one shape must be than the others: e² times.
constexpr double kDecisive = 2;
constexpr double kJitter = 0.1;
// Fewer differences say nothing of how waits vary.
constexpr size_t kLeastFreedom = 3;

// Waits in seconds, by the number of the attempt that they follow.
using Waits = std::map<int, std::vector<double>>;

size_t Count(const Waits& waits) {
  size_t count = 0;
  for (const auto& [attempt, seconds] : waits) count += seconds.size();
  return count;
}

// How well waits fit a shape: the logarithm of their likelihood, without its constant.
template <typename Shape>
double Fit(const Waits& waits, const Shape& log_of_wait) {
  const auto n = static_cast<double>(Count(waits));
  double sum = 0;
  double squares = 0;
  for (const auto& [attempt, seconds] : waits) {
    for (const double wait : seconds) {
      const double rest = std::log(std::max(wait, 1e-3)) - log_of_wait(attempt);
      sum += rest;
      squares += rest * rest;
    }
  }
  const double spread = std::sqrt(std::max(0.0, squares / n - (sum / n) * (sum / n)));
  return -n * std::log(std::max(spread, kNoise));
}

double FitConstant(const Waits& waits) {
  return Fit(waits, [](int) { return 0.0; });
}

double FitLinear(const Waits& waits) {
  return Fit(waits, [](int attempt) { return std::log(attempt); });
}

// By a factor of 1.3 or more each time; from the fourth wait on it may have come to a cap.
double FitExponential(const Waits& waits) {
  const int last = waits.rbegin()->first;
  double best = -std::numeric_limits<double>::infinity();
  for (int cap = std::min(last, 3); cap <= last; ++cap) {
    for (double factor = 1.3; factor < 10; factor *= 1.05) {
      best = std::max(best, Fit(waits, [&](int attempt) {
                        return std::log(factor) * (std::min(attempt, cap) - 1);
                      }));
    }
  }
  return best;
}

// How much likelier the expected shape is than any other.
double Lead(const Waits& waits, v1::Growth growth) {
  const double constant = FitConstant(waits);
  const double linear = FitLinear(waits);
  const double exponential = FitExponential(waits);
  switch (growth) {
    case v1::GROWTH_CONSTANT:
      return constant - std::max(linear, exponential);
    case v1::GROWTH_LINEAR:
      return linear - std::max(constant, exponential);
    case v1::GROWTH_EXPONENTIAL:
      return exponential - std::max(constant, linear);
    default:  // of protobuf's enumeration: either way of growing
      return std::max(linear, exponential) - constant;
  }
}

std::string NameOf(v1::Growth growth) {
  switch (growth) {
    case v1::GROWTH_CONSTANT:
      return "stay the same";
    case v1::GROWTH_LINEAR:
      return "grow linearly";
    case v1::GROWTH_EXPONENTIAL:
      return "grow exponentially";
    default:  // of protobuf's enumeration: either way of growing
      return "grow";
  }
}

// `1: 500ms, 2: 1s, 3: 2s`
std::string Told(const Waits& waits) {
  constexpr size_t kMostTold = 6;
  std::vector<std::string> parts;
  for (const auto& [attempt, seconds] : waits) {
    if (parts.size() == kMostTold) {
      parts.push_back("…");
      break;
    }
    double sum = 0;
    for (const double wait : seconds) sum += wait;
    parts.push_back(fmt::format(
        "{}: {}", attempt, Seconds(absl::Seconds(sum / static_cast<double>(seconds.size())))));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Standard deviation of waits around the mean of their attempt, as a share of it.
struct Variation {
  double share = 0;
  size_t freedom = 0;
};

Variation VariationOf(const Waits& waits) {
  Variation variation;
  double squares = 0;
  for (const auto& [attempt, seconds] : waits) {
    double sum = 0;
    for (const double wait : seconds) sum += wait;
    const double mean = sum / static_cast<double>(seconds.size());
    if (mean <= 0) continue;
    for (const double wait : seconds) squares += std::pow((wait - mean) / mean, 2);
    variation.freedom += seconds.size() - 1;
  }
  if (variation.freedom > 0)
    variation.share = std::sqrt(squares / static_cast<double>(variation.freedom));
  return variation;
}

v1::ExpectResult JudgeJitter(const Waits& waits, bool wanted) {
  const Variation variation = VariationOf(waits);
  const std::string seen = fmt::format("waits of the same attempt vary by {}",
                                       Percent(variation.share));
  constexpr const char* kMore = "more runs";
  if (variation.freedom < kLeastFreedom)
    return Unjudged("there are too few waits of the same attempt to tell how they vary", kMore);
  const auto freedom = static_cast<double>(variation.freedom);
  const boost::math::chi_squared spread(freedom);
  const double low = variation.share * std::sqrt(freedom / boost::math::quantile(spread, 0.95));
  const double high = variation.share * std::sqrt(freedom / boost::math::quantile(spread, 0.05));
  if (low > kJitter) return wanted ? Held(seen) : Violated(seen);
  if (high <= kJitter) return wanted ? Violated(seen) : Held(seen);
  return Unjudged(fmt::format("{}: too near to 10 % for so few", seen), kMore);
}

v1::ExpectResult JudgeWaits(const Waits& waits, const v1::BackoffShapeExpect& expect) {
  if (waits.empty()) return Idle(fmt::format("no call{} was attempted again", Whose(expect)));
  const std::string seen = fmt::format("{} before a further attempt ({})",
                                       Counted(Count(waits), "wait"), Told(waits));
  constexpr const char* kMore = "calls that fail more often in a row, or more runs,";
  if (waits.size() < 2)
    return Unjudged(fmt::format("{}: all of them follow the same attempt", seen), kMore);
  const double lead = Lead(waits, expect.growth());
  const std::string shape = NameOf(expect.growth());
  if (lead <= -kDecisive) return Violated(fmt::format("{}: they do not {}", seen, shape));
  if (lead < kDecisive)
    return Unjudged(fmt::format("{}: too few to tell whether they {}", seen, shape), kMore);
  if (!expect.has_jitter()) return Held(fmt::format("{}: they {}", seen, shape));
  v1::ExpectResult result = JudgeJitter(waits, expect.jitter());
  result.set_evidence(fmt::format("{}: they {}, and {}", seen, shape, result.evidence()));
  return result;
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::BackoffShapeExpect& expect) {
  Waits waits;
  v1::ExpectResult figures;
  for (const uint64_t operation : Selected(history, expect)) {
    const std::vector<size_t>& attempts = history.AttemptsOf(operation);
    for (size_t i = 0; i + 1 < attempts.size(); ++i) {
      const v1::Exchange& failed = history.at(attempts[i]);
      const bool dictated = FromProto(failed.stated_delay()) > absl::ZeroDuration();
      if (dictated || !Broken(failed) || figures.figures_size() == kMostFigures) continue;
      const double wait =
          absl::ToDoubleSeconds(BeginOf(history.at(attempts[i + 1])) - EndOf(failed));
      if (wait < 0) continue;
      const int number = static_cast<int>(i) + 1;
      waits[number].push_back(wait);
      v1::Figure& figure = *figures.add_figures();
      figure.set_name(fmt::format("{}{}", kWait, number));
      figure.set_value(wait);
    }
  }
  v1::ExpectResult result = JudgeWaits(waits, expect);
  *result.mutable_figures() = std::move(*figures.mutable_figures());
  return result;
}

v1::ExpectResult JudgeTogether(const Arms& arms, int place, bool final,
                               const v1::BackoffShapeExpect& expect) {
  Waits waits;
  for (const v1::Run* run : arms.treatment) {
    if (place >= run->outcome().expects_size()) continue;
    for (const v1::Figure& figure : run->outcome().expects(place).figures()) {
      int attempt = 0;
      const bool wait = absl::SimpleAtoi(absl::StripPrefix(figure.name(), kWait), &attempt);
      if (wait && attempt > 0) waits[attempt].push_back(figure.value());
    }
  }
  if (!final) return Unjudged("waits are looked at when all runs are through");
  return JudgeWaits(waits, expect);
}

}  // namespace murphy::outcome
