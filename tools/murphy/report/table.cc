// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>

#include "fmt/format.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/render/columns.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/report/coordination.h"
#include "tools/murphy/report/writers.h"

namespace murphy::cli {
namespace {

// One screen: what is longer is counted and found in the journal.
constexpr size_t kMaxInjectionLines = 15;
constexpr size_t kMaxRunLines = 20;
constexpr size_t kEvidenceWidth = 90;

struct Mark {
  const char* sign;
  Tone tone;
};

constexpr Mark kGoodMark{"✓", Tone::kGood};
constexpr Mark kBadMark{"✗", Tone::kBad};
constexpr Mark kOpenMark{"–", Tone::kFaint};

// Nobody dealt with the injection, whatever was tried.
constexpr std::array kUnrecovered = {v1::RECOVERY_LAYER_GAVE_UP_LOUD,
                                     v1::RECOVERY_LAYER_GAVE_UP_SILENT,
                                     v1::RECOVERY_LAYER_CONSUMED_POISON, v1::RECOVERY_LAYER_LOOP};

Mark MarkOf(const InjectionGroup& group) {
  const v1::Injection& injection = group.first;
  if (injection.state() != v1::INJECTION_STATE_DELIVERED) return kOpenMark;
  if (injection.recovery() == v1::RECOVERY_LAYER_UNSPECIFIED) return kOpenMark;
  const bool unrecovered = std::find(kUnrecovered.begin(), kUnrecovered.end(),
                                     injection.recovery()) != kUnrecovered.end();
  return unrecovered || group.effect_repeated ? kBadMark : kGoodMark;
}

Mark MarkOf(const ExpectTally& tally) {
  if (tally.violated > 0) return kBadMark;
  return tally.held > 0 ? kGoodMark : kOpenMark;
}

Tone ToneOf(const Report& report) {
  const ExitCode code = Judge(report);
  if (code == ExitCode::kOk) return Tone::kGood;
  return code == ExitCode::kViolated ? Tone::kBad : Tone::kWarning;
}

std::string Place(const InjectionGroup& group, bool many_runs) {
  if (many_runs && !group.first.target().empty()) return group.first.target();
  const std::string place = PlaceOf(group.first);
  return group.count > 1 && !place.empty() ? place + "…" : place;
}

std::string Recovery(const InjectionGroup& group) {
  std::string words = AsWords(NameOf(group.first.recovery()));
  if (group.effect_repeated) words += words.empty() ? "effect repeated" : ", effect repeated";
  if (group.first.approximate()) words += "approximate";
  if (words.empty()) words = Shorten(group.first.detail(), kEvidenceWidth);
  return words;
}

std::string InjectionLines(const Report& report, bool color) {
  const std::vector<InjectionGroup> groups = GroupInjections(report.runs);
  Columns columns(2);
  for (size_t i = 0; i < std::min(groups.size(), kMaxInjectionLines); ++i) {
    const InjectionGroup& group = groups[i];
    const Mark mark = MarkOf(group);
    columns.Row({{mark.sign, mark.tone},
                 {group.first.fault(), Tone::kStrong},
                 {group.count > 1 ? fmt::format("×{}", group.count) : ""},
                 {Place(group, report.runs.size() > 1)},
                 {AsWords(NameOf(group.first.state())), Tone::kFaint},
                 {Recovery(group), mark.tone},
                 {group.attempts > 0 ? Plural(group.attempts, "attempt") : ""},
                 {group.time.count() > 0 ? ShowDuration(group.time) : ""}});
  }
  std::string out = "\ninjections\n" + columns.Render(color);
  if (groups.empty()) out += "  none\n";
  if (groups.size() > kMaxInjectionLines) {
    out += fmt::format("  … and {} more\n", groups.size() - kMaxInjectionLines);
  }
  return out;
}

std::string ExpectLines(const Report& report, bool color) {
  Columns columns(2);
  for (const ExpectTally& tally : TallyExpects(report)) {
    const Mark mark = MarkOf(tally);
    const bool many = report.runs.size() > 1 && !tally.together;
    columns.Row({{mark.sign, mark.tone},
                 {tally.expect},
                 {many ? fmt::format("{} held, {} violated, {} open", tally.held, tally.violated,
                                     tally.vacuous)
                       : "",
                  Tone::kFaint},
                 {Shorten(tally.evidence, kEvidenceWidth),
                  tally.violated > 0 ? Tone::kBad : Tone::kPlain}});
  }
  return columns.Empty() ? std::string() : "\nexpectations\n" + columns.Render(color);
}

std::string RunLines(const Report& report, bool color) {
  if (report.runs.size() < 2) return {};
  const bool arms = std::any_of(report.runs.begin(), report.runs.end(), IsShadow);
  Columns columns(2);
  columns.Head({"run", "outcome", "delivered", "expectations", "calls", "tokens", "time", "id",
                arms ? "arm" : ""});
  for (size_t i = 0; i < std::min(report.runs.size(), kMaxRunLines); ++i) {
    const v1::Run& run = report.runs[i].run;
    const v1::Outcome& outcome = run.outcome();
    const auto& expects = outcome.expects();
    const auto own = std::count_if(expects.begin(), expects.end(), [](const v1::ExpectResult& result) {
      return !result.over_runs();
    });
    const auto held =
        std::count_if(expects.begin(), expects.end(), [](const v1::ExpectResult& result) {
          return result.held() && !result.over_runs();
        });
    columns.Row({{std::to_string(run.index())},
                 {OutcomeWord(outcome)},
                 {ShowCount(outcome.delivered())},
                 {fmt::format("{}/{}", held, own), held < own ? Tone::kWarning : Tone::kPlain},
                 {ShowCount(outcome.exchanges())},
                 {ShowCount(outcome.usage().input_tokens() + outcome.usage().output_tokens())},
                 {ShowDuration(TimeTaken({report.runs[i]}))},
                 {run.id(), Tone::kFaint},
                 {!arms                      ? ""
                  : IsShadow(report.runs[i]) ? "shadow"
                                             : "treatment",
                  Tone::kFaint}});
  }
  std::string out = "\nruns\n" + columns.Render(color);
  if (report.runs.size() > kMaxRunLines) {
    out += fmt::format("  … and {} more\n", report.runs.size() - kMaxRunLines);
  }
  return out;
}

std::string CostLine(const Cost& cost) {
  std::string line =
      fmt::format("+{}, +{}, +{}", Plural(cost.calls, "call"), Plural(cost.tokens, "token"),
                  ShowDuration(Milliseconds(cost.time_ms)));
  if (cost.duplicate_effects > 0) {
    line += fmt::format(", {}", Plural(cost.duplicate_effects, "duplicate effect"));
  }
  if (cost.dollars > 0) line += fmt::format("; ${:.4f} in all", cost.dollars);
  return line;
}

std::string EndLine(std::string_view label, std::string_view text) {
  return fmt::format("{:<9}{}\n", label, text);
}

// What treatment cost: beside runs with the same index in which nothing was injected, where there
// are such.
std::string CostOf(const Report& report) {
  const v1::Extra& extra = report.experiment.conclusion().extra();
  std::string line = CostLine(SumCost(report.runs));
  if (extra.pairs() == 0) return line;
  line = fmt::format("{:+} calls, {:+} tokens beside {}", extra.calls(), extra.tokens(),
                     Plural(extra.pairs(), "shadow run"));
  if (extra.cost() != 0) line += fmt::format(", ${:+.4f}", extra.cost());
  return line;
}

// What the agent does without any fault.
std::string BaselineLine(const Report& report) {
  if (report.baseline.empty()) return {};
  std::map<std::string, uint32_t> outcomes;
  for (const RunRecord& record : report.baseline) ++outcomes[OutcomeWord(record.run.outcome())];
  std::string words;
  for (const auto& [word, count] : outcomes)
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", count, word);
  return EndLine("baseline", fmt::format("{} without any fault: {}",
                                         Plural(report.baseline.size(), "run"), words));
}

// What the agent does when nothing is injected, beside the treatment.
std::string ShadowLine(const Report& report) {
  std::map<std::string, uint32_t> outcomes;
  uint64_t would_fire = 0, runs = 0;
  for (const RunRecord& record : report.runs) {
    if (!IsShadow(record)) continue;
    ++runs;
    ++outcomes[OutcomeWord(record.run.outcome())];
    would_fire += record.run.outcome().would_fire();
  }
  if (runs == 0) return {};
  std::string words;
  for (const auto& [word, count] : outcomes)
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", count, word);
  return EndLine("shadow", fmt::format("{}: {}; {} would have fired", Plural(runs, "run"), words,
                                       Plural(would_fire, "fault")));
}

// What casts doubt on the figures, and what the test said.
std::vector<std::string> Notes(const Report& report) {
  std::vector<std::string> notes;
  for (const RunRecord& record : report.runs) {
    const v1::Outcome& outcome = record.run.outcome();
    std::vector<std::string> said = {outcome.integrity(), record.run.disarm_reason(),
                                     outcome.contradiction(), outcome.report().note()};
    for (const v1::Hint& hint : outcome.hints()) said.push_back(hint.text());
    said.insert(said.end(), outcome.labels().begin(), outcome.labels().end());
    for (const std::string& note : said) {
      const bool told =
          note.empty() || std::any_of(notes.begin(), notes.end(), [&](const std::string& before) {
            return before.find(note) != std::string::npos;
          });
      if (!told) notes.push_back(note);
    }
  }
  if (notes.size() > 5) notes.resize(5);
  return notes;
}

std::string Header(const Report& report, bool color) {
  const bool single = report.runs.size() == 1;
  const v1::Experiment& experiment = report.experiment;
  std::string line = Paint(VerdictWord(report), ToneOf(report), color);
  if (single) line += "  " + OutcomeWord(report.runs.front().run.outcome());
  if (!experiment.scenario().name().empty()) line += "  " + Printable(experiment.scenario().name());
  line += "\n";
  std::vector<std::string> sentences = {VerdictReason(report)};
  if (single) sentences.push_back(report.runs.front().run.outcome().reason());
  for (size_t i = 0; i < sentences.size(); ++i) {
    if (sentences[i].empty()) continue;
    if (i > 0 && sentences[0].find(sentences[i]) != std::string::npos) continue;
    line += "  " + Printable(sentences[i]) + "\n";
  }
  line += fmt::format("  {}, {} delivered", Plural(report.runs.size(), "run"),
                      Plural(DeliveredCount(report.runs), "fault"));
  if (!experiment.id().empty()) line += fmt::format(", seed {}", experiment.seed());
  const Milliseconds time = TimeTaken(report.runs);
  if (time.count() > 0) line += ", " + ShowDuration(time);
  if (single && report.runs.front().run.outcome().has_exit_code()) {
    line += fmt::format(", exit code {}", report.runs.front().run.outcome().exit_code());
  }
  return line + "\n";
}

}  // namespace

std::string WriteTable(const Report& report, bool color) {
  std::string out = Header(report, color);
  if (!report.runs.empty()) {
    out += RunLines(report, color);
    if (!report.experiment.id().empty()) out += InjectionLines(report, color);
    out += CoordinationLines(SumRealised(report.runs), color);
    out += ExpectLines(report, color);
  }
  out += "\n";
  if (DeliveredCount(report.runs) > 0) out += EndLine("cost", CostOf(report));
  out += ShadowLine(report);
  out += BaselineLine(report);
  for (const std::string& note : Notes(report)) {
    out += EndLine("note", Paint(Printable(note), Tone::kWarning, color));
  }
  if (report.runs_saved > 0) {
    out += EndLine("saved", fmt::format("{} that the verdict does not need",
                                        Plural(report.runs_saved, "run")));
  }
  out += EndLine("replay", ReplayLine(report));
  if (report.interrupted && !report.experiment.id().empty())
    out += EndLine("resume", "murphy run --resume " + report.experiment.id());
  if (report.runs.size() == 1) {
    out += EndLine("journal", "murphy journal exchanges " + report.runs.front().run.id());
  } else if (!report.experiment.id().empty()) {
    out += EndLine("journal", "murphy experiment show " + report.experiment.id());
  }
  return out;
}

}  // namespace murphy::cli
