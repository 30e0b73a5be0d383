// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "daemon/config/inline.h"
#include "daemon/config/scalar.h"
#include "daemon/config/toml.h"
#include "daemon/config/walker.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

constexpr std::string_view kSchema = "murphy.scenario/v1";
constexpr size_t kMostMistakes = 10'000;

// In the order of the text.
std::vector<Mistake> Mistakes(std::string_view file, std::vector<Slip> slips) {
  std::stable_sort(slips.begin(), slips.end(), [](const Slip& a, const Slip& b) {
    return std::pair(a.location.line, a.location.column) <
           std::pair(b.location.line, b.location.column);
  });
  std::vector<Mistake> mistakes;
  for (Slip& slip : slips) {
    if (mistakes.size() == kMostMistakes) {
      slip.message =
          fmt::format("there are {} more mistakes from here on", slips.size() - kMostMistakes);
    }
    mistakes.push_back({std::string(file), slip.location, std::move(slip.message)});
    if (mistakes.size() > kMostMistakes) break;
  }
  return mistakes;
}

void ReadFile(std::string_view file, std::string_view text, google::protobuf::Message& message,
              Origins* origins, std::vector<Slip>& slips) {
  const Value table = ParseToml(text, slips);
  if (slips.empty()) ReadTable(table, {}, file, message, origins, slips);
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

// Adds what flags say, each under its own name: `--fault`, or of several `--fault 2`.
template <typename Read>
void ReadEach(std::string_view flag, const std::vector<std::string>& texts, const Read& read,
              ScenarioReading& reading) {
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string name =
        texts.size() == 1 ? std::string(flag) : fmt::format("{} {}", flag, i + 1);
    std::vector<Slip> slips;
    read(name, texts[i], reading.scenario, &reading.origins, slips);
    for (Mistake& mistake : Mistakes(name, std::move(slips)))
      reading.mistakes.push_back(std::move(mistake));
  }
}

}  // namespace

std::vector<Mistake> ReadToml(std::string_view file, std::string_view text,
                              google::protobuf::Message& message, Origins* origins) {
  std::vector<Slip> slips;
  ReadFile(file, text, message, origins, slips);
  return Mistakes(file, std::move(slips));
}

std::vector<Mistake> ReadInlineRule(std::string_view file, std::string_view text,
                                    v1::Scenario& scenario, Origins* origins) {
  std::vector<Slip> slips;
  ReadInline(file, text, scenario, origins, slips);
  return Mistakes(file, std::move(slips));
}

ScenarioReading ReadScenario(std::string_view file, std::string_view text,
                             const std::vector<std::string>& inline_faults,
                             const std::vector<std::string>& inline_expects) {
  ScenarioReading reading;
  const bool is_inline = !inline_faults.empty() || !inline_expects.empty();
  if (text.empty() && (file.empty() || is_inline)) {
    reading.scenario.set_schema(std::string(kSchema));
    reading.scenario.set_name("inline");
  } else {
    std::vector<Slip> slips;
    ReadFile(file, text, reading.scenario, &reading.origins, slips);
    CheckHead(reading.scenario, reading.origins, slips);
    reading.mistakes = Mistakes(file, std::move(slips));
  }
  ReadEach("--fault", inline_faults, ReadInline, reading);
  ReadEach("--expect", inline_expects, ReadInlineExpect, reading);
  return reading;
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
