// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/source.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "fmt/format.h"
#include "tools/murphy/endpoints.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/utf8.h"

namespace murphy::cli {
namespace {

constexpr size_t kMaxScenarioBytes = 4 << 20;
// As many as may include each other; the daemon has the same bound.
constexpr int kMostIncluded = 64;

// gRPC carries UTF-8 only; whoever saved the file in another encoding needs the place.
void CheckText(const std::string& path, std::string_view text) {
  size_t line_begin = 0, line = 1;
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text.substr(i));
    if (length == 0) {
      throw Failure(
          ExitCode::kUsage,
          fmt::format("{}:{}:{}: this is not UTF-8 text (byte 0x{:02x}): write it in that "
                      "encoding.",
                      path, line, i - line_begin + 1, static_cast<unsigned char>(text[i])));
    }
    if (text[i] == '\n') {
      ++line;
      line_begin = i + 1;
    }
    i += length;
  }
}

std::string TextOf(const v1::ScenarioSource& source, const std::string& name) {
  if (name == source.name()) return source.text();
  for (const v1::IncludedFile& file : source.included()) {
    if (file.name() == name) return file.text();
  }
  return {};
}

// A file that is included. Only what the user's own files name is read, whatever a daemon asks for.
v1::IncludedFile Read(const v1::ScenarioSource& source, const v1::WantedFile& wanted) {
  const std::string path =
      (std::filesystem::path(wanted.by()).parent_path() / wanted.written()).lexically_normal();
  const bool named = wanted.written().ends_with(".toml") && path == wanted.name() &&
                     TextOf(source, wanted.by()).find(wanted.written()) != std::string::npos;
  if (!named) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{}: the daemon asks for the file {}, which is not named there: "
                              "write the path without escapes.",
                              wanted.place(), wanted.name()));
  }
  std::optional<std::string> text = ReadFile(path, kMaxScenarioBytes);
  if (!text) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{}: `include` names {}, which cannot be read (it is missing, a "
                              "folder, or larger than 4 MiB).",
                              wanted.place(), path));
  }
  CheckText(path, *text);
  v1::IncludedFile file;
  file.set_name(path);
  file.set_text(std::move(*text));
  return file;
}

}  // namespace

v1::ScenarioSource ReadScenario(const std::string& path, const std::vector<std::string>& faults,
                                const std::vector<std::string>& expects) {
  v1::ScenarioSource source;
  for (const std::string& expect : expects) {
    CheckText("--expect", expect);
    source.add_inline_expects(expect);
  }
  for (const std::string& fault : faults) {
    CheckText("--fault", fault);
    source.add_inline_faults(fault);
  }
  if (path.empty()) return source;
  std::optional<std::string> text = ReadFile(path, kMaxScenarioBytes);
  if (!text) {
    throw Failure(
        ExitCode::kUsage,
        fmt::format(
            "{} cannot be read as a scenario (it is missing, a folder, or larger than 4 MiB).",
            path));
  }
  CheckText(path, *text);
  source.set_name(path);
  source.set_text(std::move(*text));
  return source;
}

SourceReading Complete(const Daemon& daemon, v1::ScenarioSource source,
                       const std::optional<uint64_t>& seed) {
  SourceReading reading;
  v1::ReadScenarioRequest request;
  *request.mutable_source() = std::move(source);
  if (seed) request.set_seed(*seed);
  size_t bytes = request.source().text().size();
  while (true) {
    reading.said =
        daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::ReadScenario, request);
    if (reading.said.wanted().empty()) break;
    for (const v1::WantedFile& wanted : reading.said.wanted()) {
      v1::IncludedFile& file = *request.mutable_source()->add_included();
      file = Read(request.source(), wanted);
      bytes += file.text().size();
      if (bytes > kMaxScenarioBytes || request.source().included_size() > kMostIncluded) {
        throw Failure(ExitCode::kUsage,
                      fmt::format("{}: a scenario and what it includes have more than {} files or "
                                  "4 MiB.",
                                  wanted.place(), kMostIncluded));
      }
    }
  }
  reading.source = std::move(*request.mutable_source());
  return reading;
}

v1::CreateExperimentResponse Validate(const Daemon& daemon, const v1::ScenarioSource& source,
                                      const std::optional<uint64_t>& seed) {
  v1::CreateExperimentRequest request;
  request.set_validate_only(true);
  *request.mutable_source() = source;
  if (seed) request.set_seed(*seed);
  return daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::CreateExperiment, request);
}

v1::CreateExperimentResponse Validate(const Daemon& daemon, const v1::ScenarioSource& source,
                                      const v1::Cell& cell) {
  try {
    return Validate(daemon, WithCell(source, cell), cell.seed());
  } catch (const Failure& failure) {
    throw Failure(failure.code,
                  fmt::format("The cell {}:\n{}", Printable(ShowCell(cell)), failure.text));
  }
}

v1::ScenarioSource WithCell(v1::ScenarioSource source, const v1::Cell& cell) {
  for (const v1::CellValue& value : cell.values())
    (*source.mutable_params())[value.param()] = value.value();
  return source;
}

std::string ShowCell(const v1::Cell& cell) {
  std::string text;
  for (const v1::CellValue& value : cell.values())
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", value.param(), value.value());
  return text;
}

std::map<std::string, std::string> ParseAssignments(std::string_view option,
                                                    const std::vector<std::string>& words) {
  std::map<std::string, std::string> values;
  for (const std::string& word : words) {
    CheckText(std::string(option), word);
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Failure(ExitCode::kUsage, fmt::format("{} {}: write NAME=VALUE.", option, word));
    }
    const std::string name = word.substr(0, equals);
    if (!values.emplace(name, word.substr(equals + 1)).second)
      throw Failure(ExitCode::kUsage, fmt::format("{} names {} twice.", option, name));
  }
  return values;
}

}  // namespace murphy::cli
