// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/experiments/ids.h"
#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/refusal.h"
#include "daemon/experiments/windows.h"
#include "daemon/journal/clean.h"
#include "faults/rng.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace murphy::experiments {
namespace {

constexpr char kRedacted[] = "[redacted]";

// A refusal with the place in the file that it is about.
absl::Status At(const config::Origins& origins, std::string_view path, const absl::Status& status) {
  const config::Origin origin = config::OriginOf(origins, path);
  absl::Status placed(status.code(),
                      fmt::format("{}:{}:{}: {}", origin.file, origin.location.line,
                                  origin.location.column, std::string(status.message())));
  status.ForEachPayload([&placed](absl::string_view url, const absl::Cord& payload) {
    placed.SetPayload(url, payload);
  });
  return placed;
}

bool Has(const v1::Guard& guard, const std::string& limit) {
  const auto* field = v1::Guard::descriptor()->FindFieldByName(limit);
  return field != nullptr && field->has_presence() && guard.GetReflection()->HasField(guard, field);
}

std::string ValueOf(const v1::Guard& guard, const google::protobuf::FieldDescriptor* field) {
  std::string value;
  google::protobuf::TextFormat::PrintFieldValueToString(guard, field, -1, &value);
  return value;
}

// Limits that the file does not state are not to be raised there: names who set them, and points
// at what reaches them. `stated` is the guard as it was written.
void BlameCeilings(const Policy& policy, const v1::Guard& stated, const v1::Guard& tightened,
                   std::vector<scenario::Mistake>& mistakes) {
  for (scenario::Mistake& mistake : mistakes) {
    const std::string& limit = mistake.limit;
    if (limit.empty()) continue;
    const auto* field = v1::Guard::descriptor()->FindFieldByName(limit);
    const bool lowered =
        Has(policy.ceilings, limit) &&
        (!Has(stated, limit) || ValueOf(stated, field) != ValueOf(tightened, field));
    if (lowered) mistake.message += " in this daemon's configuration";
    if (!Has(stated, limit)) mistake.path = limit == "max_duration" ? "phase[0]" : "rule[0]";
  }
}

// What is wrong with the meaning of what could be read. That a whole table lacks something may
// come from a key of it that could not, and one place is named once.
std::vector<scenario::Mistake> MistakesBeside(const config::ScenarioReading& reading) {
  std::vector<scenario::Mistake> mistakes;
  // Then it is no TOML, or no scenario.
  if (!reading.scenario.has_schema() || !reading.scenario.has_name()) return mistakes;
  scenario::Plan::Compile(reading.scenario, 0, mistakes);
  std::erase_if(mistakes, [&](const scenario::Mistake& mistake) {
    if (mistake.path.ends_with(']')) return true;
    const config::Origin origin = config::OriginOf(reading.origins, mistake.path);
    return std::any_of(reading.mistakes.begin(), reading.mistakes.end(),
                       [&](const config::Mistake& said) {
                         return said.file == origin.file && said.location == origin.location;
                       });
  });
  return mistakes;
}

// What errors call the source as a whole.
std::string WhatIs(const v1::ScenarioSource& source) {
  if (!source.name().empty()) return source.name();
  if (!source.text().empty()) return "scenario.toml";
  return source.inline_faults().empty() ? "--expect" : "--fault";
}

// Nobody here reads the files of a caller.
absl::Status Missing(const std::string& what, const std::vector<config::Wanted>& wanted) {
  std::vector<config::Mistake> mistakes;
  for (const config::Wanted& file : wanted) {
    mistakes.push_back(
        {file.origin.file, file.origin.location,
         fmt::format("`include` names {}, and the daemon reads none of its callers' files: `murphy "
                     "run`, `plan` and `schedule` send them along; over gRPC put the text into "
                     "`source.included`, with the name \"{}\"",
                     file.written, file.name)});
  }
  return MistakesIn(what, mistakes);
}

absl::Status OpenMatrix(const std::vector<config::MatrixCell>& cells) {
  std::vector<std::string> names;
  for (const auto& [name, value] : cells.front()) names.push_back(name);
  return Refusal(absl::StatusCode::kInvalidArgument, "MATRIX_OPEN",
                 fmt::format("The scenario has a matrix of {} cells, and an experiment is one of "
                             "them: `murphy run` runs all; here, give each of {} a value (params).",
                             cells.size(), fmt::join(names, ", ")));
}

uint64_t SeedOf(const v1::Scenario& scenario, const std::optional<uint64_t>& seed) {
  if (seed) return *seed;
  if (scenario.run().has_seed()) return scenario.run().seed();
  return scenario.has_seed() ? scenario.seed() : NewSeed();
}

// The same for the same values, whatever else is in the matrix; as short as other seeds.
uint64_t SeedOfCell(uint64_t seed, const config::MatrixCell& cell) {
  std::string words;
  for (const auto& [name, value] : cell) words += fmt::format("{}={}\n", name, value);
  return Draw(seed, 0, "matrix", words).Bits("seed") & 0xffffffffu;
}

}  // namespace

config::ScenarioReading ReadSource(const v1::ScenarioSource& source) {
  config::ScenarioText text{
      .file = {source.text().empty() ? source.name() : WhatIs(source), source.text()},
      .inline_faults = {source.inline_faults().begin(), source.inline_faults().end()},
      .inline_expects = {source.inline_expects().begin(), source.inline_expects().end()},
      .params = {source.params().begin(), source.params().end()}};
  for (const v1::IncludedFile& file : source.included())
    text.included.push_back({file.name(), file.text()});
  return config::ReadScenario(text);
}

v1::Scenario Kept(v1::Scenario scenario) {
  for (auto& [name, value] : *scenario.mutable_run()->mutable_env()) value = kRedacted;
  if (scenario.run().ByteSizeLong() == 0) scenario.clear_run();
  return scenario;
}

v1::Invocation Kept(const v1::Invocation& said) {
  v1::Invocation kept = said;
  // Who resumes an experiment is told of these by their names.
  for (auto& [name, value] : *kept.mutable_env()) value = kRedacted;
  const v1::Invocation before = kept;
  journal::Clean(kept);
  const bool changed = !google::protobuf::util::MessageDifferencer::Equals(before, kept);
  kept.set_redacted(said.redacted() || changed);
  return kept;
}

void ForgetEnvironment(v1::ScenarioSource& source) {
  source.set_text(config::WithoutEnvironment(source.text()));
  for (v1::IncludedFile& file : *source.mutable_included())
    file.set_text(config::WithoutEnvironment(file.text()));
}

absl::StatusOr<Compiled> CompileSource(const Policy& policy, const v1::ScenarioSource& source,
                                       const std::optional<uint64_t>& seed) {
  const std::string what = WhatIs(source);
  config::ScenarioReading reading = ReadSource(source);
  if (!reading.mistakes.empty())
    return MistakesIn(what, reading.mistakes, MistakesBeside(reading), reading.origins);

  if (!reading.wanted.empty()) return Missing(what, reading.wanted);
  if (!reading.cells.empty()) return OpenMatrix(reading.cells);

  Compiled compiled;
  compiled.scenario = std::move(reading.scenario);
  v1::Guard& guard = *compiled.scenario.mutable_guard();
  const v1::Guard stated = guard;
  std::vector<scenario::Mistake> mistakes;
  CheckWindows("guard", guard, mistakes);
  if (absl::Status status = CheckEnvironment(policy, guard, /*one_off=*/false); !status.ok())
    return guard.has_environment() ? At(reading.origins, "guard.environment", status) : status;
  if (source.text().empty()) AllowWhatCannotAsk(policy.ceilings, guard);
  if (absl::Status status = Tighten(policy.ceilings, guard, compiled.notes); !status.ok())
    return status;

  const uint64_t chosen = SeedOf(compiled.scenario, seed);
  compiled.plan = scenario::Plan::Compile(compiled.scenario, chosen, mistakes);
  BlameCeilings(policy, stated, guard, mistakes);
  if (!mistakes.empty()) return MistakesIn(what, mistakes, reading.origins);
  return compiled;
}

absl::Status DescribeSource(const v1::ReadScenarioRequest& request,
                            v1::ReadScenarioResponse* response) {
  const config::ScenarioReading reading = ReadSource(request.source());
  if (!reading.mistakes.empty()) {
    return MistakesIn(WhatIs(request.source()), reading.mistakes, MistakesBeside(reading),
                      reading.origins);
  }
  for (const config::Wanted& file : reading.wanted) {
    v1::WantedFile& wanted = *response->add_wanted();
    wanted.set_name(file.name);
    wanted.set_written(file.written);
    wanted.set_by(file.origin.file);
    wanted.set_place(fmt::format("{}:{}:{}", file.origin.file, file.origin.location.line,
                                 file.origin.location.column));
  }
  if (!reading.wanted.empty()) return absl::OkStatus();
  const v1::Scenario& scenario = reading.scenario;
  *response->mutable_run() = scenario.run();
  response->set_name(scenario.name());
  *response->mutable_params() = scenario.params();
  const uint64_t seed =
      SeedOf(scenario, request.has_seed() ? std::optional(request.seed()) : std::nullopt);
  for (const config::MatrixCell& cell : reading.cells) {
    v1::Cell& told = *response->add_cells();
    told.set_seed(SeedOfCell(seed, cell));
    for (const auto& [name, value] : cell) {
      v1::CellValue& one = *told.add_values();
      one.set_param(name);
      one.set_value(value);
    }
  }
  return absl::OkStatus();
}

}  // namespace murphy::experiments
