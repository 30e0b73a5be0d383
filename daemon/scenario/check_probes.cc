// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string_view>

#include "daemon/scenario/check.h"
#include "fmt/format.h"
#include "re2/re2.h"

namespace murphy::scenario {
namespace {

bool Asks(const v1::Probe& probe, v1::ProbeMoment moment) {
  if (probe.when().empty()) return moment == v1::PROBE_MOMENT_AFTER;
  return std::find(probe.when().begin(), probe.when().end(), moment) != probe.when().end();
}

// A variable may stand for the beginning.
void CheckUrl(Review& review, const std::string& path, std::string_view url) {
  const bool known = url.starts_with("http://") || url.starts_with("https://") || url.starts_with('$');
  if (!known)
    review.Say(path, fmt::format("`{}` is no URL: begin with http:// or https://, or $NAME", url));
}

void CheckQuestion(Review& review, const std::string& path, const v1::Probe& probe) {
  switch (probe.question_case()) {
    case v1::Probe::kCommand:
      if (probe.command().empty()) review.SayOf(path + ".command", "is empty: say what to run");
      return;
    case v1::Probe::kHttp:
      CheckHeaders(review, path + ".http.headers", probe.http().headers());
      return CheckUrl(review, path + ".http.url", probe.http().url());
    case v1::Probe::kPrometheus:
      return CheckUrl(review, path + ".prometheus.url", probe.prometheus().url());
    case v1::Probe::kSql: {
      const std::string_view database = probe.sql().database();
      const bool known = database.starts_with("sqlite:") || database.starts_with("postgresql://") ||
                         database.starts_with("postgres://") || database.starts_with('$');
      if (!known) {
        review.Say(path + ".sql.database",
                   "this is no database that can be asked: write sqlite:PATH or postgresql://…");
      }
      return;
    }
    case v1::Probe::QUESTION_NOT_SET:
      return;
  }
}

void CheckAnswer(Review& review, const std::string& path, const v1::Probe& probe) {
  if (probe.has_at_least() && probe.has_at_most() && probe.at_least() > probe.at_most()) {
    review.Say(path + ".at_most", fmt::format("at most {} cannot be at least {}", probe.at_most(),
                                              probe.at_least()));
  }
  if (probe.has_pointer() && !probe.pointer().starts_with('/'))
    review.SayOf(path + ".pointer", "must begin with `/`, as in `/charges/0/amount`");
  if (!probe.has_matches()) return;
  const RE2 expression(probe.matches(), RE2::Quiet);
  if (!expression.ok())
    review.SayOf(path + ".matches", fmt::format("is no expression: {}", expression.error()));
}

void CheckMoments(Review& review, const std::string& path, const v1::Probe& probe) {
  if (probe.has_rule() && review.KnowsRule(path + ".rule", probe.rule()) &&
      !Asks(probe, v1::PROBE_MOMENT_ON_FAULT)) {
    review.SayOf(path + ".rule", "needs when = \"on_fault\"");
  }
  if (probe.has_every() && !Asks(probe, v1::PROBE_MOMENT_DURING))
    review.SayOf(path + ".every", "needs when = \"during\"");
  if (!probe.has_settles()) return;
  review.KnowsTarget(path + ".settles", probe.settles());
  if (!Asks(probe, v1::PROBE_MOMENT_AFTER))
    review.SayOf(path + ".settles", "needs when = \"after\": it counts what the run has left");
}

}  // namespace

void CheckProbes(Review& review) {
  std::set<std::string_view> names;
  for (int i = 0; i < review.scenario().probe_size(); ++i) {
    const v1::Probe& probe = review.scenario().probe(i);
    const std::string path = fmt::format("probe[{}]", i);
    review.CheckName(path + ".name", "probe", probe.name());
    if (!names.insert(probe.name()).second)
      review.Say(path + ".name", fmt::format("there are two probes `{}`", probe.name()));
    CheckQuestion(review, path, probe);
    CheckAnswer(review, path, probe);
    CheckMoments(review, path, probe);
  }
}

}  // namespace murphy::scenario
