// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "tools/murphy/console.h"

namespace murphy::cli {

// What a command does; returns the exit code of the process, throws Failure.
using Action = std::function<int(const Console&)>;

// The commands of the program, each beside its place in the parser. A command inside another one
// comes after it.
class Commands {
 public:
  void Add(CLI::App* place, Action action) { actions_.emplace_back(place, std::move(action)); }
  // The innermost command that was parsed; nullptr without one.
  const Action* Parsed() const;

 private:
  std::vector<std::pair<CLI::App*, Action>> actions_;
};

void AddRun(CLI::App& app, Commands& commands);
void AddPlan(CLI::App& app, Commands& commands);
void AddNew(CLI::App& app, Commands& commands);
void AddExplain(CLI::App& app, Commands& commands);
void AddExpectations(CLI::App& app, Commands& commands);
void AddInject(CLI::App& app, Commands& commands);
void AddFault(CLI::App& app, Commands& commands);
void AddSafety(CLI::App& app, Commands& commands);
void AddAudit(CLI::App& app, Commands& commands);
void AddWatch(CLI::App& app, Commands& commands);
void AddExperiment(CLI::App& app, Commands& commands);
// `run list` and `run show`, under `run`.
void AddRunListing(CLI::App& run, Commands& commands);
void AddSchedule(CLI::App& app, Commands& commands);
void AddJournal(CLI::App& app, Commands& commands);
void AddCompletion(CLI::App& app, Commands& commands);

// The names of the catalogue, in its order.
std::vector<std::string> FaultNames();

// For an option that is a seed: CLI11 takes -1 for the largest number of all. Empty when it is one.
std::string IsSeed(const std::string& text);

// Refuses formats that only `murphy run` has. Throws Failure (kUsage).
void RequireListFormat(const Console& console);

}  // namespace murphy::cli
