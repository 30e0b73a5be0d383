// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <optional>
#include <string>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

constexpr double kLoss = 0.2;
constexpr int kMostFigures = 512;
constexpr const char* kSpan = "seconds";
constexpr const char* kServed = "served after";
// From so many pairs on their differences tell how sure the mean is; with fewer, the counts do.
constexpr size_t kEnoughPairs = 3;
// One-sided, 95 %.
constexpr double kNormal = 1.645;

void Add(v1::ExpectResult& result, const char* name, double value) {
  v1::Figure& figure = *result.add_figures();
  figure.set_name(name);
  figure.set_value(value);
}

// From the first call that a fault acts on to the end of the last; in a shadow run, where nothing
// is held up, to the end of the run.
struct Span {
  absl::Time begin = absl::InfiniteFuture();
  absl::Time end = absl::InfinitePast();
};

Span Affected(const History& history, const std::string& target) {
  const Evidence& evidence = history.evidence();
  Span span;
  for (const v1::Injection& injection : evidence.injections) {
    const bool acted = injection.state() == (evidence.shadow ? v1::INJECTION_STATE_WOULD_FIRE
                                                             : v1::INJECTION_STATE_DELIVERED);
    const std::optional<size_t> position = history.Find(injection.exchange());
    if (!acted || !position || !BelongsTo(history.at(*position), target)) continue;
    span.begin = std::min(span.begin, BeginOf(history.at(*position)));
    span.end = std::max(span.end, EndOf(history.at(*position)));
  }
  if (!evidence.shadow || span.begin == absl::InfiniteFuture()) return span;
  for (const size_t position : history.all())
    span.end = std::max(span.end, EndOf(history.at(position)));
  return span;
}

bool IsOther(const v1::BulkheadExpect& expect, const v1::Exchange& exchange) {
  if (BelongsTo(exchange, expect.target()) || exchange.kind() == v1::TARGET_KIND_MCP) return false;
  return expect.others().empty() ||
         std::any_of(expect.others().begin(), expect.others().end(),
                     [&](const std::string& other) { return BelongsTo(exchange, other); });
}

double SpanOf(const v1::ExpectResult& result) {
  for (const v1::Figure& figure : result.figures()) {
    if (figure.name() == kSpan) return figure.value();
  }
  return 0;
}

double ServedWithin(const v1::ExpectResult& result, double seconds) {
  return static_cast<double>(std::count_if(
      result.figures().begin(), result.figures().end(), [&](const v1::Figure& figure) {
        return figure.name() == kServed && figure.value() <= seconds;
      }));
}

// Calls served in the same time after the fault, with it and without.
struct Pair {
  double treated = 0;
  double plain = 0;
};

struct Estimate {
  double ratio = 0;
  double low = 0;
  double high = 0;
};

Estimate OfPairs(const std::vector<Pair>& pairs) {
  const auto n = static_cast<double>(pairs.size());
  double sum = 0;
  double squares = 0;
  for (const Pair& pair : pairs) sum += pair.treated / pair.plain;
  for (const Pair& pair : pairs) squares += std::pow(pair.treated / pair.plain - sum / n, 2);
  const boost::math::students_t spread(n - 1);
  const double margin = boost::math::quantile(spread, 0.95) * std::sqrt(squares / (n - 1) / n);
  return {sum / n, sum / n - margin, sum / n + margin};
}

Estimate OfCounts(const std::vector<Pair>& pairs) {
  double treated = 0.5;
  double plain = 0.5;
  for (const Pair& pair : pairs) {
    treated += pair.treated;
    plain += pair.plain;
  }
  const double margin = std::exp(kNormal * std::sqrt(1 / treated + 1 / plain));
  return {treated / plain, treated / plain / margin, treated / plain * margin};
}

// Runs with the same index in both arms, in which there was something to compare.
std::vector<Pair> Pairs(const Arms& arms, int place) {
  std::vector<Pair> pairs;
  for (const auto& [run, twin] : Twins(arms)) {
    const bool judged = place < run->outcome().expects_size() && place < twin->outcome().expects_size();
    if (!judged) continue;
    const v1::ExpectResult& treated = run->outcome().expects(place);
    const v1::ExpectResult& plain = twin->outcome().expects(place);
    const double time = std::min(SpanOf(treated), SpanOf(plain));
    if (time <= 0) continue;
    const Pair pair{ServedWithin(treated, time), ServedWithin(plain, time)};
    if (pair.plain > 0) pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::BulkheadExpect& expect) {
  const Span span = Affected(history, expect.target());
  if (span.begin == absl::InfiniteFuture())
    return Idle(fmt::format("no fault acted on `{}`", expect.target()));
  v1::ExpectResult result = Unjudged("how it goes without the fault is told by the shadow arm",
                                     "`--arms treatment,shadow`");
  Add(result, kSpan, absl::ToDoubleSeconds(span.end - span.begin));
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (!IsOther(expect, exchange) || Broken(exchange) || BeginOf(exchange) < span.begin) continue;
    if (result.figures_size() == kMostFigures) break;
    Add(result, kServed, absl::ToDoubleSeconds(EndOf(exchange) - span.begin));
  }
  return result;
}

v1::ExpectResult JudgeTogether(const Arms& arms, int place, bool final,
                               const v1::BulkheadExpect& expect) {
  const double least = 1 - (expect.has_loss() ? expect.loss() : kLoss);
  const bool acted = std::any_of(arms.treatment.begin(), arms.treatment.end(), [&](const v1::Run* run) {
    return place < run->outcome().expects_size() && SpanOf(run->outcome().expects(place)) > 0;
  });
  if (!acted) return Idle(fmt::format("no fault acted on `{}`", expect.target()));
  if (!final) return Unjudged("throughput is looked at when all runs are through");
  const std::vector<Pair> pairs = Pairs(arms, place);
  if (pairs.empty()) {
    return Unjudged(fmt::format("no run without the fault shows how much is called beside `{}`",
                                expect.target()),
                    "`--arms treatment,shadow`, and an agent that calls others,");
  }
  const Estimate estimate = pairs.size() < kEnoughPairs ? OfCounts(pairs) : OfPairs(pairs);
  const std::string seen = fmt::format(
      "while `{}` was broken, {} of the others' calls were served as without the fault "
      "(at least {}, at most {}, by {}); {} is asked for",
      expect.target(), Percent(estimate.ratio), Percent(std::max(0.0, estimate.low)),
      Percent(estimate.high), Counted(pairs.size(), "pair"), Percent(least));
  if (estimate.low >= least) return Held(seen);
  if (estimate.high < least) return Violated(seen);
  return Unjudged(seen, "more runs of both arms");
}

}  // namespace murphy::outcome
