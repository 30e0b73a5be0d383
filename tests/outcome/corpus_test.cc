// SPDX-License-Identifier: Apache-2.0
// What the judgement makes of recorded runs, beside what really happened in them. Records are made
// by tests/outcome/corpus/record; every file in corpus/records counts. The table of the figures is
// in daemon/outcome/README.md, and has to be right: with MURPHY_WRITE_TABLE set, it is written.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "daemon/outcome/classify.h"
#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"

namespace murphy::outcome {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kBegin = "<!-- corpus: begin -->\n";
constexpr const char* kEnd = "<!-- corpus: end -->\n";
// Of every dimension.
constexpr double kLeast = 0.99;
// A layer that left nothing on the wire to know it by: what is found is on record, and not judged.
constexpr const char* kHidden = "hidden_layer";

const fs::path kSource = MURPHY_SOURCE_DIR;

// A recorded run, and what really happened in it.
struct Recorded {
  std::string name;
  Evidence evidence;
  json::object truth;
};

template <typename Message>
Message Parse(const json::value& value) {
  Message message;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(json::serialize(value), &message,
                                                                  options);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return message;
}

Recorded Read(const std::string& line) {
  const json::object run = json::parse(line).as_object();
  Recorded recorded{.name = std::string(run.at("name").as_string()),
                    .evidence = {},
                    .truth = run.at("truth").as_object()};
  Evidence& evidence = recorded.evidence;
  evidence.scenario = Parse<v1::Scenario>(run.at("scenario"));
  if (run.at("exit_code").is_int64())
    evidence.exit_code = static_cast<int>(run.at("exit_code").as_int64());
  if (const json::value* hung = run.if_contains("hung")) evidence.hung = hung->as_bool();
  if (const json::value* at = run.if_contains("at")) {
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, at->as_string().c_str(), &evidence.at, &error))
        << error;
  }
  if (run.at("report").is_object()) evidence.report = Parse<v1::Report>(run.at("report"));
  for (const json::value& exchange : run.at("exchanges").as_array())
    evidence.exchanges.push_back(Parse<v1::Exchange>(exchange));
  for (const json::value& injection : run.at("injections").as_array())
    evidence.injections.push_back(Parse<v1::Injection>(injection));
  return recorded;
}

std::vector<Recorded> ReadAll() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kSource / "tests/outcome/corpus/records"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Recorded> all;
  for (const fs::path& file : files) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) all.push_back(Read(line));
  }
  return all;
}

std::string Without(std::string name, std::string_view prefix) { return name.substr(prefix.size()); }

std::string ClassOf(const v1::Outcome& outcome) {
  const std::string name =
      Without(v1::OutcomeClass_Name(outcome.outcome_class()), "OUTCOME_CLASS_");
  return outcome.unverified() && outcome.outcome_class() != v1::OUTCOME_CLASS_ESCALATED
             ? name + " (unverified)"
             : name;
}

std::string LayerOf(const Evidence& evidence) {
  for (const v1::Injection& injection : evidence.injections) {
    if (injection.state() == v1::INJECTION_STATE_DELIVERED)
      return Without(v1::RecoveryLayer_Name(injection.recovery()), "RECOVERY_LAYER_");
  }
  return "none";
}

// What an expectation came to, in the words of the truth.
std::string AnswerOf(const v1::Outcome& outcome, std::string_view kind) {
  for (const v1::ExpectResult& result : outcome.expects()) {
    if (!result.expect().starts_with(kind)) continue;
    if (result.vacuous()) return result.held() ? "idle" : "unknown";
    return result.held() ? "held" : "violated";
  }
  return "";
}

// Everything that was found in a run.
std::map<std::string, std::string> Found(Recorded& run) {
  AttributeRecovery(run.evidence);
  const v1::Outcome outcome = Classify(run.evidence);
  return {{"class", ClassOf(outcome)},
          {"layer", LayerOf(run.evidence)},
          {kHidden, LayerOf(run.evidence)},
          {"at_most_once", AnswerOf(outcome, "at_most_once_effect")},
          {"extra_tokens", std::to_string(outcome.recovery_tokens())},
          {"hints", std::to_string(outcome.hints_size())}};
}

std::string Text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

// Truth against what was found, for one dimension.
struct Confusion {
  // By truth, then by what was found.
  std::map<std::string, std::map<std::string, int>> cells;
  int runs = 0;
  int agree = 0;
  std::vector<std::string> disagreements;

  void Add(const std::string& name, const std::string& truth, const std::string& found) {
    ++cells[truth][found];
    ++runs;
    if (truth == found) {
      ++agree;
    } else {
      disagreements.push_back(fmt::format("{}: {}, and {} was found", name, truth, found));
    }
  }
};

const std::map<std::string, Confusion>& Judged() {
  static const std::map<std::string, Confusion>& judged = *new auto([] {
    std::map<std::string, Confusion> confusions;
    for (Recorded& run : ReadAll()) {
      const std::map<std::string, std::string> found = Found(run);
      for (const auto& [dimension, truth] : run.truth) {
        if (truth.is_null()) continue;
        confusions[std::string(dimension)].Add(run.name, Text(truth),
                                               found.at(std::string(dimension)));
      }
    }
    return confusions;
  }());
  return judged;
}

std::string Row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string Matrix(const Confusion& confusion) {
  std::vector<std::string> columns;
  for (const auto& [truth, row] : confusion.cells) {
    for (const auto& [found, count] : row) columns.push_back(found);
    columns.push_back(truth);
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  std::vector<std::string> head = {"truth"};
  head.insert(head.end(), columns.begin(), columns.end());
  std::string text = Row(head) + Row(std::vector<std::string>(head.size(), "---"));
  for (const auto& [truth, row] : confusion.cells) {
    std::vector<std::string> cells = {truth};
    for (const std::string& column : columns) {
      const auto cell = row.find(column);
      cells.push_back(cell == row.end() ? "" : std::to_string(cell->second));
    }
    text += Row(cells);
  }
  return text;
}

std::string Table() {
  const auto& judged = Judged();
  std::string text = Row({"of", "runs", "right"}) + Row({"---", "---", "---"});
  for (const auto& [dimension, confusion] : judged) {
    if (dimension == kHidden) continue;
    text += Row({"`" + dimension + "`", std::to_string(confusion.runs),
                 fmt::format("{:.1f} %", 100.0 * confusion.agree / confusion.runs)});
  }
  text += "\nOutcome classes: what happened, by what was found.\n\n" + Matrix(judged.at("class"));
  text += "\nLayers.\n\n" + Matrix(judged.at("layer"));
  text += "\nLayers that leave nothing on the wire to know them by.\n\n" + Matrix(judged.at(kHidden));
  return text;
}

// What stands between the marks of the README; writes it when asked to.
std::string Written(const std::string& table) {
  const fs::path path = kSource / "daemon/outcome/README.md";
  std::stringstream stream;
  stream << std::ifstream(path).rdbuf();
  std::string text = stream.str();
  const size_t begin = text.find(kBegin) + std::string_view(kBegin).size();
  const size_t end = text.find(kEnd);
  if (end == std::string::npos) return "no marks";
  if (getenv("MURPHY_WRITE_TABLE") != nullptr) {
    text.replace(begin, end - begin, table);
    std::ofstream(path) << text;
    return table;
  }
  return text.substr(begin, end - begin);
}

TEST(Corpus, HoldsManyRuns) {
  EXPECT_GE(Judged().at("class").runs, 700);
  EXPECT_GE(Judged().at("class").cells.size(), 13u);
  EXPECT_GE(Judged().at("layer").cells.size(), 15u);
}

TEST(Corpus, IsJudgedRight) {
  for (const auto& [dimension, confusion] : Judged()) {
    if (dimension == kHidden) continue;
    EXPECT_GE(confusion.agree, kLeast * confusion.runs)
        << dimension << ":\n  " << fmt::format("{}", fmt::join(confusion.disagreements, "\n  "));
  }
}

// Whose retry it was is not told; that it was one is.
TEST(Corpus, ARetryOfAHiddenLayerIsARetry) {
  for (const auto& [truth, row] : Judged().at(kHidden).cells) {
    for (const auto& [found, count] : row)
      EXPECT_TRUE(found == "APPLICATION_RETRY" || found == "FRAMEWORK_RETRY") << truth << ": " << found;
  }
}

TEST(Corpus, EveryDuplicateIsSeen) {
  for (const auto& [found, count] : Judged().at("at_most_once").cells.at("violated"))
    EXPECT_EQ(found, "violated") << count;
}

TEST(Corpus, NothingPassesThatShouldNot) {
  for (Recorded& run : ReadAll()) {
    AttributeRecovery(run.evidence);
    v1::Run judged;
    *judged.mutable_outcome() = Classify(run.evidence);
    const bool passed =
        Conclude(run.evidence.scenario, {judged}).verdict() == v1::VERDICT_CLASS_PASS;
    const std::string truth = Text(run.truth.at("class"));
    const bool good = truth.starts_with("RECOVERED") || truth == "ESCALATED";
    EXPECT_TRUE(good || !passed) << run.name << ": " << truth;
  }
}

TEST(Corpus, TheTableOfTheReadmeIsRight) {
  const std::string table = Table();
  EXPECT_EQ(Written(table), table)
      << "Write it with MURPHY_WRITE_TABLE=1, and look at what has become worse.";
}

}  // namespace
}  // namespace murphy::outcome
