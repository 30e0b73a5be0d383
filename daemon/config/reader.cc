// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/config/include.h"
#include "daemon/config/inline.h"
#include "daemon/config/matrix.h"
#include "daemon/config/parameters.h"
#include "daemon/config/scalar.h"
#include "daemon/config/toml.h"
#include "daemon/config/walker.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

constexpr std::string_view kSchema = "murphy.scenario/v1";
constexpr size_t kMostMistakes = 10'000;

// In the order of the texts.
std::vector<Mistake> Mistakes(const std::vector<std::string>& files, std::vector<Slip> slips) {
  std::stable_sort(slips.begin(), slips.end(), [](const Slip& a, const Slip& b) {
    return std::tuple(a.location.file, a.location.line, a.location.column) <
           std::tuple(b.location.file, b.location.line, b.location.column);
  });
  std::vector<Mistake> mistakes;
  for (Slip& slip : slips) {
    if (mistakes.size() == kMostMistakes) {
      slip.message =
          fmt::format("there are {} more mistakes from here on", slips.size() - kMostMistakes);
    }
    const std::string& file = files[slip.location.file];
    mistakes.push_back({file, slip.location, std::move(slip.message)});
    if (mistakes.size() > kMostMistakes) break;
  }
  return mistakes;
}

bool IsName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

// What the descriptors cannot say of the first keys of a scenario.
void CheckHead(const v1::Scenario& scenario, const Origins& origins, std::vector<Slip>& slips) {
  const auto shown = [](const std::string& text) {
    return Shown({.kind = Value::Kind::kText, .text = text});
  };
  if (scenario.has_schema() && scenario.schema() != kSchema) {
    slips.push_back(
        {OriginOf(origins, "schema").location,
         fmt::format("`schema` must be \"{}\", not {}", kSchema, shown(scenario.schema()))});
  }
  if (scenario.has_name() && !IsName(scenario.name())) {
    slips.push_back({OriginOf(origins, "name").location,
                     fmt::format("`name` must be of lower-case letters, digits and `-`, not {}",
                                 shown(scenario.name()))});
  }
}

// What was said instead of defaults, each as a text of its own.
void SetParameters(const std::map<std::string, std::string>& params,
                   std::vector<std::string>& files, Parameters& parameters,
                   std::vector<Slip>& slips) {
  for (const auto& [name, value] : params) {
    files.push_back(fmt::format("--set {}", name));
    parameters.Set(name, value, {.file = static_cast<uint32_t>(files.size() - 1)}, slips);
  }
}

void ReadFiles(const ScenarioText& text, Parameters& parameters, ScenarioReading& reading) {
  std::vector<Slip> slips;
  Gathered gathered = Gather(text.file, text.included, slips);
  reading.wanted = std::move(gathered.wanted);
  if (!gathered.broken && reading.wanted.empty()) {
    Value& tree = gathered.tree;
    parameters.Declare(tree, slips);
    DeclareAxes(tree, parameters);
    SetParameters(text.params, gathered.files, parameters, slips);
    reading.cells = TakeMatrix(tree, text.params, parameters, slips);
    parameters.Substitute(tree, slips);
    ReadTable(tree, {}, gathered.files, reading.scenario, &reading.origins, slips);
    CheckHead(reading.scenario, reading.origins, slips);
  }
  reading.mistakes = Mistakes(gathered.files, std::move(slips));
}

// Adds what flags say, each under its own name: `--fault`, or of several `--fault 2`.
template <typename Read>
void ReadEach(std::string_view flag, const std::vector<std::string>& texts, const Read& read,
              ScenarioReading& reading) {
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string name =
        texts.size() == 1 ? std::string(flag) : fmt::format("{} {}", flag, i + 1);
    std::vector<Slip> slips;
    read(name, texts[i], slips);
    for (Mistake& mistake : Mistakes({name}, std::move(slips)))
      reading.mistakes.push_back(std::move(mistake));
  }
}

}  // namespace

std::vector<Mistake> ReadToml(std::string_view file, std::string_view text,
                              google::protobuf::Message& message, Origins* origins) {
  const std::vector<std::string> files = {std::string(file)};
  std::vector<Slip> slips;
  const Value table = ParseToml(text, slips);
  if (slips.empty()) ReadTable(table, {}, files, message, origins, slips);
  return Mistakes(files, std::move(slips));
}

std::vector<Mistake> ReadInlineRule(std::string_view file, std::string_view text,
                                    v1::Scenario& scenario, Origins* origins) {
  std::vector<Slip> slips;
  ReadInline(file, text, {}, scenario, origins, slips);
  return Mistakes({std::string(file)}, std::move(slips));
}

ScenarioReading ReadScenario(const ScenarioText& text) {
  ScenarioReading reading;
  Parameters parameters;
  const SourceFile& file = text.file;
  const bool is_inline = !text.inline_faults.empty() || !text.inline_expects.empty();
  if (file.text.empty() && (file.name.empty() || is_inline)) {
    reading.scenario.set_schema(std::string(kSchema));
    reading.scenario.set_name("inline");
    std::vector<std::string> files;
    std::vector<Slip> slips;
    SetParameters(text.params, files, parameters, slips);
    reading.mistakes = Mistakes(files, std::move(slips));
  } else {
    ReadFiles(text, parameters, reading);
  }
  if (reading.wanted.empty()) {
    ReadEach("--fault", text.inline_faults,
             [&](std::string_view name, std::string_view fault, std::vector<Slip>& slips) {
               ReadInline(name, fault, parameters, reading.scenario, &reading.origins, slips);
             },
             reading);
    ReadEach("--expect", text.inline_expects,
             [&](std::string_view name, std::string_view expect, std::vector<Slip>& slips) {
               ReadInlineExpect(name, expect, parameters, reading.scenario, &reading.origins, slips);
             },
             reading);
  }
  for (const auto& [name, value] : parameters.values())
    (*reading.scenario.mutable_params())[name] = ParameterText(value);
  return reading;
}

ScenarioReading ReadScenario(std::string_view file, std::string_view text,
                             const std::vector<std::string>& inline_faults,
                             const std::vector<std::string>& inline_expects) {
  return ReadScenario({.file = {std::string(file), std::string(text)},
                       .inline_faults = inline_faults,
                       .inline_expects = inline_expects});
}

Origin OriginOf(const Origins& origins, std::string_view path) {
  while (true) {
    const auto found = origins.find(std::string(path));
    if (found != origins.end()) return found->second;
    if (path.empty()) return {};
    const size_t end = path.find_last_of(".[");
    path = path.substr(0, end == std::string_view::npos ? 0 : end);
  }
}

}  // namespace murphy::config
