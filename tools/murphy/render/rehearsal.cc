// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/render/rehearsal.h"

#include <algorithm>

#include "fmt/format.h"
#include "murphy/v1/exchange.pb.h"
#include "tools/murphy/render/columns.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

// One screen: the whole list is in the JSON.
constexpr int kMostInjections = 20;

std::string Words(const v1::RehearsedInjection& injection) {
  std::string words = AsWords(NameOf(injection.state()));
  if (injection.state() == v1::INJECTION_STATE_MATCHED) words = "would wait";
  if (!injection.detail().empty()) words += fmt::format(" ({})", injection.detail());
  return injection.approximate() ? words + ", approximate" : words;
}

std::string InjectionLines(const v1::RehearsedRule& rule, bool color) {
  Columns columns(4);
  for (int i = 0; i < std::min(rule.injections_size(), kMostInjections); ++i) {
    const v1::RehearsedInjection& injection = rule.injections(i);
    columns.Row({{fmt::format("#{}", injection.exchange()), Tone::kStrong},
                 {injection.called()},
                 {fmt::format("operation {}, attempt {}", injection.operation(),
                              injection.attempt()),
                  Tone::kFaint},
                 {injection.fault(), Tone::kStrong},
                 {injection.parameters() == "{}" ? "" : Shorten(injection.parameters(), 60)},
                 {Words(injection), injection.approximate() ? Tone::kWarning : Tone::kPlain}});
  }
  std::string out = columns.Empty() ? "" : columns.Render(color);
  if (rule.injections_size() > kMostInjections)
    out += fmt::format("    … and {} more\n", rule.injections_size() - kMostInjections);
  return out;
}

std::string StopLines(const v1::RehearsedRule& rule, bool color) {
  Columns columns(4);
  for (const v1::RehearsedStop& stop : rule.stops()) {
    columns.Row({{fmt::format("{} stopped at `{}`", Plural(stop.exchanges(), "call"), stop.step()),
                  Tone::kFaint},
                 {fmt::format("{}#{}", stop.exchanges() > 1 ? "from " : "", stop.first()),
                  Tone::kFaint},
                 {stop.detail(), Tone::kFaint}});
  }
  return columns.Empty() ? "" : columns.Render(color);
}

}  // namespace

std::string WriteRehearsal(const v1::RehearseScenarioResponse& response, bool color) {
  std::string out = fmt::format("against run {}: {}, seed {}\n", response.run(),
                                Plural(response.exchanges(), "call"), response.seed());
  for (const v1::RehearsedRule& rule : response.rules()) {
    out += fmt::format("\n  {}", Paint(Printable(rule.rule()), Tone::kStrong, color));
    if (rule.injections().empty()) out += rule.unknown().empty() ? "  would never fire" : "";
    out += "\n" + InjectionLines(rule, color) + StopLines(rule, color);
    for (const std::string& sentence : rule.unknown()) {
      out += fmt::format("    {}: {}\n", Paint("not known", Tone::kWarning, color),
                         Printable(sentence));
    }
  }
  if (!response.unknown().empty()) out += "\n";
  for (const std::string& sentence : response.unknown())
    out += fmt::format("{}: {}\n", Paint("not known", Tone::kWarning, color), Printable(sentence));
  return out;
}

}  // namespace murphy::cli
