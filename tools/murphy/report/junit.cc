// SPDX-License-Identifier: Apache-2.0
#include "fmt/format.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/report/writers.h"

namespace murphy::cli {
namespace {

// Text for an attribute. XML 1.0 has no way to write most control characters.
std::string Xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
      case '\r':
      case '\t':
        out += ' ';
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return out;
}

struct Counts {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

std::string Attributes(const Counts& counts) {
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}")", counts.tests,
                     counts.failures, counts.errors, counts.skipped);
}

std::string Property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", Xml(name), Xml(value));
}

std::string Properties(const Report& report, const RunRecord& record) {
  std::string out = "    <properties>\n";
  out += Property("seed", std::to_string(report.experiment.seed()));
  out += Property("run-index", std::to_string(record.run.index()));
  out += Property("run", record.run.id());
  out += Property("outcome", OutcomeWord(record.run.outcome()));
  for (const v1::Injection& injection : record.injections) {
    out += Property(
        fmt::format("injection.{}", injection.id()),
        fmt::format("{} {} {} {}", injection.fault(), injection.address(),
                    AsWords(NameOf(injection.state())), AsWords(NameOf(injection.recovery()))));
  }
  return out + "    </properties>\n";
}

// A test case with at most one child element, whose text is `message`.
std::string Case(std::string_view suite, std::string_view name, std::string_view element,
                 std::string_view message) {
  const std::string head =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\"", Xml(suite), Xml(name));
  if (element.empty()) return head + "/>\n";
  return fmt::format("{}>\n      <{} message=\"{}\"/>\n    </testcase>\n", head, element,
                     Xml(message));
}

std::string ExpectCase(std::string_view suite, const v1::ExpectResult& result, Counts& counts) {
  ++counts.tests;
  const bool failed = !result.held() && !result.vacuous();
  if (failed) ++counts.failures;
  if (result.vacuous()) ++counts.skipped;
  return Case(suite, result.expect(),
              failed             ? "failure"
              : result.vacuous() ? "skipped"
                                 : "",
              result.evidence());
}

std::string ExpectCases(std::string_view suite, const v1::Outcome& outcome, Counts& counts) {
  std::string out;
  for (const v1::ExpectResult& result : outcome.expects()) {
    // All runs together decide those, in the suite of the conclusion.
    if (!result.over_runs()) out += ExpectCase(suite, result, counts);
  }
  return out;
}

std::string Suite(std::string_view name, const Counts& counts, double seconds,
                  std::string_view body) {
  return fmt::format("  <testsuite name=\"{}\" {} time=\"{:.3f}\">\n{}  </testsuite>\n", Xml(name),
                     Attributes(counts), seconds, body);
}

std::string ConclusionSuite(std::string_view scenario, const Report& report, Counts& counts) {
  const ExitCode code = Judge(report);
  counts.tests = 1;
  counts.failures = code == ExitCode::kViolated ? 1 : 0;
  counts.errors = code == ExitCode::kOk || code == ExitCode::kViolated ? 0 : 1;
  const char* element = counts.failures > 0 ? "failure" : counts.errors > 0 ? "error" : "";
  const std::string message = fmt::format("{}: {} Replay: {}", VerdictWord(report),
                                          VerdictReason(report), ReplayLine(report));
  std::string cases = Case(scenario, "conclusion", element, message);
  for (const v1::ExpectResult& result : report.experiment.conclusion().expects())
    cases += ExpectCase(scenario, result, counts);
  return Suite(fmt::format("{} conclusion", scenario), counts, 0, cases);
}

void Add(const Counts& counts, Counts& total) {
  total.tests += counts.tests;
  total.failures += counts.failures;
  total.errors += counts.errors;
  total.skipped += counts.skipped;
}

std::string Suites(const std::string& scenario, const Report& report, Counts& total) {
  std::string suites;
  for (const RunRecord& record : report.runs) {
    // Nothing was injected: what was expected under faults is no test of it.
    if (IsShadow(record)) continue;
    Counts counts;
    const std::string name = fmt::format("{} run {}", scenario, record.run.index());
    const std::string cases = ExpectCases(name, record.run.outcome(), counts);
    suites += Suite(name, counts, static_cast<double>(TimeTaken({record}).count()) / 1000,
                    Properties(report, record) + cases);
    Add(counts, total);
  }
  Counts conclusion;
  suites += ConclusionSuite(scenario, report, conclusion);
  Add(conclusion, total);
  return suites;
}

// What was interrupted before it could begin is no success.
std::string NotBegun(const std::string& name, Counts& total) {
  const Counts counts{.tests = 1, .errors = 1};
  Add(counts, total);
  return Suite(fmt::format("{} conclusion", name), counts, 0,
               Case(name, "conclusion", "error", "It was not begun: the matrix was interrupted."));
}

std::string Whole(const std::string& name, const Counts& total, const std::string& suites) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n{}</testsuites>\n",
      Xml(name), Attributes(total), suites);
}

}  // namespace

std::string WriteJUnit(const Report& report) {
  const std::string scenario = report.experiment.scenario().name().empty()
                                   ? std::string("murphy")
                                   : report.experiment.scenario().name();
  Counts total;
  const std::string suites = Suites(scenario, report, total);
  return Whole(scenario, total, suites);
}

std::string WriteJUnit(const std::string& name,
                       const std::vector<std::pair<std::string, const Report*>>& parts) {
  Counts total;
  std::string suites;
  for (const auto& [part, report] : parts) {
    const std::string own = fmt::format("{} [{}]", name, part);
    suites += report == nullptr ? NotBegun(own, total) : Suites(own, *report, total);
  }
  return Whole(name, total, suites);
}

}  // namespace murphy::cli
