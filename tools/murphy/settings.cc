// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/settings.h"

#include <algorithm>
#include <sstream>

#include "fmt/format.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/source.h"

namespace murphy::cli {
namespace {

std::vector<v1::Arm> ParseArms(const std::string& text) {
  std::vector<v1::Arm> arms;
  std::istringstream names(text + ",");
  for (std::string name; std::getline(names, name, ',');) {
    const v1::Arm arm = name == "shadow"      ? v1::ARM_SHADOW
                        : name == "treatment" ? v1::ARM_TREATMENT
                                              : v1::ARM_UNSPECIFIED;
    if (arm == v1::ARM_UNSPECIFIED || std::find(arms.begin(), arms.end(), arm) != arms.end()) {
      throw Failure(
          ExitCode::kUsage,
          fmt::format("--arms {}: write treatment, shadow, or both with a comma between.", text));
    }
    arms.push_back(arm);
  }
  return arms;
}

std::map<std::string, std::string> ParseRoutes(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> routes;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const bool named =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
    const std::string upstream = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (!named || !(upstream.starts_with("http://") || upstream.starts_with("https://"))) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("--route {}: write NAME=URL, as payments=http://127.0.0.1:9000; a "
                                "name has a-z, 0-9, - and _.",
                                text));
    }
    if (!routes.emplace(name, upstream).second) {
      throw Failure(ExitCode::kUsage, fmt::format("--route names {} twice.", name));
    }
  }
  return routes;
}

std::vector<v1::Arm> ArmsOf(const RunFlags& flags, const v1::RunSettings& file) {
  if (!flags.arms.empty() || file.arms().empty())
    return ParseArms(flags.arms.empty() ? "treatment" : flags.arms);
  std::vector<v1::Arm> arms;
  for (const std::string& name : file.arms())
    arms.push_back(name == "shadow" ? v1::ARM_SHADOW : v1::ARM_TREATMENT);
  return arms;
}

void SettleTimeout(const RunFlags& flags, const v1::RunSettings& file,
                   ExperimentOptions& options) {
  options.invocation.timeout = flags.timeout;
  if (flags.timeout.empty()) {
    if (!file.has_timeout()) return;
    options.timeout = FromProto(file.timeout());
    options.invocation.timeout = fmt::format("{}ms", options.timeout.count());
    return;
  }
  const std::optional<Milliseconds> timeout = ParseDuration(flags.timeout);
  if (!timeout || timeout->count() == 0) {
    throw Failure(
        ExitCode::kUsage,
        fmt::format("--timeout {}: write a duration with its unit, as 90s or 10m.", flags.timeout));
  }
  options.timeout = *timeout;
}

// What was said now goes before what the file says, name by name.
template <typename Map>
std::map<std::string, std::string> Joined(std::map<std::string, std::string> said,
                                          const Map& file) {
  said.insert(file.begin(), file.end());
  return said;
}

}  // namespace

ExperimentOptions Settle(const RunFlags& flags, const v1::RunSettings& file) {
  ExperimentOptions options;
  Invocation& invocation = options.invocation;
  invocation.in_file = file;
  invocation.command = flags.command;
  if (flags.command.empty()) invocation.command = {file.command().begin(), file.command().end()};
  invocation.routes = Joined(ParseRoutes(flags.routes), file.routes());
  invocation.env = Joined(ParseAssignments("--env", flags.env), file.env());
  invocation.check = flags.check.empty() ? file.check() : flags.check;
  SettleTimeout(flags, file, options);
  options.runs = flags.runs.value_or(file.has_runs() ? file.runs() : 1);
  options.arms = ArmsOf(flags, file);
  options.parallel = flags.parallel.value_or(file.has_parallel() ? file.parallel() : 1);
  options.stop_early = flags.stop_early.value_or(file.stop_early());
  options.baseline = flags.baseline;
  if (!flags.baseline && file.has_baseline()) options.baseline = file.baseline();
  // The file's own seed is known to whoever reads it as a scenario.
  options.seed = flags.seed;
  return options;
}

}  // namespace murphy::cli
