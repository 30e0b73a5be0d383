// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/report/statistics.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

constexpr int kLongestName = 70;

std::string Percent(double rate) { return fmt::format("{:.3g} %", 100 * rate); }

// `90 % (69.9 to 97.2)`
std::string Interval(const v1::Estimate& rate) {
  return fmt::format("{} ({:.3g} to {:.3g})", Percent(rate.value()), 100 * rate.low(),
                     100 * rate.high());
}

// `-12 points (-25 to 1)`
std::string Points(const v1::Estimate& difference) {
  return fmt::format("{:+.3g} points ({:+.3g} to {:+.3g})", 100 * difference.value(),
                     100 * difference.low(), 100 * difference.high());
}

std::string Times(const v1::Estimate& ratio) {
  const std::string value = fmt::format("{:.3g}×", ratio.value());
  if (!std::isfinite(ratio.high())) return value;
  return fmt::format("{} ({:.3g} to {:.3g})", value, ratio.low(), ratio.high());
}

std::string Seen(double smallest, std::string_view what) {
  if (smallest >= 1) return fmt::format("so few runs would show no {}", what);
  return fmt::format("as many would show a {} of {:.2g} points", what, 100 * smallest);
}

std::string Shared(const v1::Share& share) {
  return fmt::format("{} of {}, {}", share.of(), share.all(), Interval(share.rate()));
}

void AddGood(const v1::Statistics& statistics, Columns& table) {
  table.Row({{"good runs", Tone::kStrong}, {Shared(statistics.good())}});
  table.Row({{""},
             {fmt::format("{:.3g} to {:.3g} % whenever one looks; {}",
                          100 * statistics.anytime().low(), 100 * statistics.anytime().high(),
                          Seen(statistics.smallest_drop(), "drop")),
              Tone::kFaint}});
  std::string repeats;
  for (const v1::Repeats& one : statistics.repeats()) {
    if (one.k() > 1)
      repeats += fmt::format("{}{} in a row {}", repeats.empty() ? "" : ", ", one.k(), Percent(one.all()));
  }
  if (!repeats.empty()) table.Row({{"pass^k", Tone::kStrong}, {repeats}});
}

void AddEffects(const v1::Statistics& statistics, Columns& table) {
  if (!statistics.has_effect()) return;
  table.Row({{"faults", Tone::kStrong},
             {fmt::format("{} over {}", Points(statistics.effect().difference()),
                          Plural(statistics.effect().treatment().all(), "pair"))}});
  const v1::FaultEffect& fired = statistics.fired_effect();
  if (fired.treatment().all() > 0 && fired.shadow().all() > 0) {
    table.Row({{""},
               {fmt::format("{} where one fired ({}, {} would have); evidence {:.3g}",
                            Points(fired.difference()), Plural(fired.treatment().all(), "run"),
                            Plural(fired.shadow().all(), "shadow run"),
                            statistics.evidence_of_harm())}});
  }
  table.Row({{""}, {Seen(statistics.effect().smallest_drop(), "drop"), Tone::kFaint}});
}

void AddCompound(const v1::Statistics& statistics, Columns& table) {
  if (!statistics.has_compound()) return;
  const v1::CompoundReliability& compound = statistics.compound();
  std::string text = fmt::format("{} by first attempts alone ({:.3g} a run), {} seen",
                                 Percent(compound.predicted()), compound.operations(),
                                 Percent(compound.observed()));
  if (compound.has_ratio()) text += fmt::format(": {} of it", Times(compound.ratio()));
  table.Row({{"compound", Tone::kStrong}, {text}});
}

void AddRecovery(const v1::Statistics& statistics, Columns& table) {
  std::string name = "recovery";
  for (const v1::RecoveryIncidence& one : statistics.recovery()) {
    const std::string layer = one.layer() == v1::RECOVERY_LAYER_UNSPECIFIED
                                  ? "recovered"
                                  : AsWords(NameOf(one.layer()));
    std::string text =
        fmt::format("{} {} within 5 calls, {} within 10, {} within 20", layer,
                    Percent(one.within_5()), Percent(one.within_10()), Percent(one.within_20()));
    if (one.has_median_calls()) text += fmt::format("; half after {:.3g}", one.median_calls());
    table.Row({{name, Tone::kStrong}, {text}});
    name.clear();
  }
}

void AddExpects(const v1::Statistics& statistics, Columns& table) {
  std::string name = "violated";
  for (const v1::ExpectFigures& one : statistics.expects()) {
    std::string text = fmt::format("{}: {}", Shorten(one.expect(), kLongestName), Shared(one.violated()));
    if (one.unjudged() > 0) text += fmt::format("; {} could not be judged", one.unjudged());
    if (one.found()) text += "; above what is tolerated";
    table.Row({{name, Tone::kStrong}, {text, one.found() ? Tone::kBad : Tone::kPlain}});
    table.Row({{""}, {Seen(one.smallest_rise(), "rise"), Tone::kFaint}});
    name.clear();
  }
}

void AddCost(const v1::Statistics& statistics, Columns& table) {
  const v1::CostFigures& cost = statistics.cost();
  if (cost.p95_tokens() <= 0) return;
  std::string text = fmt::format("median {} tokens, one in twenty above {}",
                                 ShowCount(static_cast<uint64_t>(cost.median_tokens())),
                                 ShowCount(static_cast<uint64_t>(cost.p95_tokens())));
  if (cost.has_paired_ratio()) text += fmt::format("; {} of its shadow's", Times(cost.paired_ratio()));
  if (cost.has_tokens_per_good_run())
    text += fmt::format("; {} for each good run",
                        ShowCount(static_cast<uint64_t>(cost.tokens_per_good_run())));
  if (cost.has_cost_per_good_run()) text += fmt::format(", ${:.4g}", cost.cost_per_good_run());
  table.Row({{"cost", Tone::kStrong}, {text}});
}

// Sizes have no interval and no rate.
bool IsSize(const v1::Change& change) { return change.difference().low() == change.difference().high(); }

std::string ShowFigure(double value, bool size) {
  return size ? fmt::format("{:.4g}", value) : Percent(value);
}

std::string Verdict(const v1::Change& change) {
  if (change.regression()) return "worse";
  if (change.improvement()) return "better";
  return IsSize(change) ? "no change shown" : Seen(change.smallest_change(), "change");
}

}  // namespace

Columns StatisticsTable(const v1::Statistics& statistics) {
  Columns table;
  AddGood(statistics, table);
  AddEffects(statistics, table);
  AddCompound(statistics, table);
  AddRecovery(statistics, table);
  AddExpects(statistics, table);
  AddCost(statistics, table);
  return table;
}

Columns ChangesTable(const v1::CompareExperimentsResponse& comparison) {
  std::vector<const v1::Change*> changes;
  for (const v1::Change& change : comparison.changes()) changes.push_back(&change);
  const auto rank = [](const v1::Change* change) {
    return change->regression() ? 0 : change->improvement() ? 1 : 2;
  };
  std::stable_sort(changes.begin(), changes.end(), [&](const v1::Change* a, const v1::Change* b) {
    return rank(a) < rank(b);
  });
  Columns table;
  table.Head({"figure", "before", "after", "difference", "p", ""});
  for (const v1::Change* change : changes) {
    const bool size = IsSize(*change);
    table.Row({{Shorten(change->figure(), kLongestName), Tone::kStrong},
               {ShowFigure(change->before(), size)},
               {ShowFigure(change->after(), size)},
               {size ? Times(change->difference()) : Points(change->difference())},
               {fmt::format("{:.2g}", change->p_value())},
               {Verdict(*change), change->regression()    ? Tone::kBad
                                  : change->improvement() ? Tone::kGood
                                                          : Tone::kFaint}});
  }
  return table;
}

bool HasRegression(const v1::CompareExperimentsResponse& comparison) {
  return std::any_of(comparison.changes().begin(), comparison.changes().end(),
                     [](const v1::Change& change) { return change.regression(); });
}

}  // namespace murphy::cli
