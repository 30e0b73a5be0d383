// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/opening.h"

#include <utility>

#include "fmt/format.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/secrets.h"
#include "tools/murphy/trial.h"

namespace murphy::cli {
namespace {

// As many as tell an agent that fails now and then, before runs that are to be counted.
constexpr uint32_t kBaselineOfMany = 3;

std::string Told(std::string word, bool& redacted) {
  std::string shown = WithoutSecrets({word}).front();
  redacted = redacted || shown != word;
  return shown;
}

// What the experiment keeps of how it is run.
v1::Invocation Kept(const ExperimentOptions& options) {
  const Invocation& said = options.invocation;
  v1::Invocation kept;
  bool redacted = false;
  const std::vector<std::string> command = WithoutSecrets(said.command);
  redacted = command != said.command;
  kept.mutable_command()->Assign(command.begin(), command.end());
  kept.set_runs(options.runs);
  for (const v1::Arm arm : options.arms) kept.add_arms(arm);
  kept.set_first_index(options.first_index);
  for (const auto& [name, upstream] : said.routes)
    (*kept.mutable_routes())[name] = Told(upstream, redacted);
  kept.set_check(Told(said.check, redacted));
  *kept.mutable_timeout() = ToProto(options.timeout);
  kept.set_scenario(said.scenario);
  for (const std::string& fault : said.faults) kept.add_faults(Told(fault, redacted));
  for (const std::string& expect : said.expects) kept.add_expects(Told(expect, redacted));
  kept.set_baseline(options.baseline.value_or(0));
  kept.set_stop_early(options.stop_early);
  kept.set_parallel(options.parallel);
  // That they were there is all that is said of variables.
  for (const auto& [name, value] : said.env) (*kept.mutable_env())[name] = "[redacted]";
  for (const auto& [name, value] : said.params)
    (*kept.mutable_params())[name] = Told(value, redacted);
  kept.set_redacted(redacted);
  return kept;
}

Opened Create(const Daemon& daemon, const ExperimentOptions& options) {
  Opened opened{.options = options};
  const Invocation& invocation = options.invocation;
  const bool injects = !invocation.scenario.empty() || !invocation.faults.empty() ||
                       !invocation.expects.empty();
  if (!opened.options.baseline)
    opened.options.baseline = options.runs > 1 && injects ? kBaselineOfMany : 0;
  if (!injects) return opened;
  v1::CreateExperimentRequest request;
  request.set_request_id(NewRequestId());
  *request.mutable_source() = options.source;
  if (options.seed) request.set_seed(*options.seed);
  *request.mutable_invocation() = Kept(opened.options);
  const auto response =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::CreateExperiment, request);
  opened.experiment = response.experiment();
  opened.warnings.assign(response.plan().warnings().begin(), response.plan().warnings().end());
  if (options.parallel > 1 && CountsOverRuns(opened.experiment.scenario())) {
    opened.options.parallel = 1;
    opened.warnings.push_back(
        "the runs are made one after the other: something counts over all of them");
  }
  return opened;
}

// What was said now goes before what is on record.
ExperimentOptions Completed(ExperimentOptions options, const v1::Invocation& kept) {
  Invocation& said = options.invocation;
  if (kept.command().empty()) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("The experiment {} was not begun by `murphy run`: nothing says how "
                              "its agent is run.",
                              options.resume));
  }
  const bool whole = !said.command.empty() && (kept.routes().empty() || !said.routes.empty()) &&
                     (kept.check().empty() || !said.check.empty());
  if (kept.redacted() && !whole) {
    throw Failure(ExitCode::kUsage,
                  "The command line of this experiment held secrets, which are not kept: repeat "
                  "its --route, --check and what follows `--`.");
  }
  for (const auto& [name, value] : kept.env()) {
    if (said.env.contains(name)) continue;
    throw Failure(ExitCode::kUsage,
                  fmt::format("The agent of this experiment had the variable {} of [run] or --env, "
                              "and values of variables are not kept: repeat it, with --env {}=….",
                              name, name));
  }
  if (said.command.empty()) said.command = {kept.command().begin(), kept.command().end()};
  if (said.routes.empty()) said.routes = {kept.routes().begin(), kept.routes().end()};
  if (said.check.empty()) said.check = kept.check();
  if (said.timeout.empty()) {
    options.timeout = FromProto(kept.timeout());
    said.timeout = fmt::format("{}ms", options.timeout.count());
  }
  said.scenario = kept.scenario();
  said.faults = {kept.faults().begin(), kept.faults().end()};
  said.params = {kept.params().begin(), kept.params().end()};
  said.expects = {kept.expects().begin(), kept.expects().end()};
  options.runs = kept.runs();
  options.arms.clear();
  for (const int arm : kept.arms()) options.arms.push_back(static_cast<v1::Arm>(arm));
  options.first_index = kept.first_index();
  options.baseline = kept.baseline();
  options.stop_early = kept.stop_early();
  if (options.parallel == 1 && kept.parallel() > 0) options.parallel = kept.parallel();
  return options;
}

// The runs that ended by themselves.
void AddRuns(const Daemon& daemon, Opened& opened) {
  v1::ListRunsRequest request;
  request.set_experiment(opened.experiment.id());
  const auto fetch = [&daemon](const v1::ListRunsRequest& page) {
    auto response = daemon.Call(daemon.runs, &v1::RunService::Stub::ListRuns, page);
    return std::pair(std::move(*response.mutable_runs()), response.next_page_token());
  };
  EachPage(std::move(request), kEverything, fetch, [&](v1::Run& run) {
    if (!run.has_outcome() || run.outcome().interrupted()) return;
    const bool baseline = run.arm() == v1::ARM_BASELINE;
    RunRecord& record = (baseline ? opened.baseline : opened.done).emplace_back();
    record.run = std::move(run);
    AddInjections(daemon, "", record);
  });
}

Opened Resume(const Daemon& daemon, const ExperimentOptions& options) {
  v1::GetExperimentRequest get;
  get.set_id(options.resume);
  const v1::Experiment known =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::GetExperiment, get)
          .experiment();
  if (CountsOverRuns(known.scenario())) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("The experiment {} cannot be resumed: it counts over its runs "
                              "(`count_per = \"experiment\"`, "
                              "`max_injections_per_experiment`), and its counts are gone. Begin "
                              "it anew with --seed {}.",
                              options.resume, known.seed()));
  }
  // Before it is opened, so that a mistake leaves it as it was.
  Opened opened{.options = Completed(options, known.invocation())};
  v1::ResumeExperimentRequest request;
  request.set_request_id(NewRequestId());
  request.set_id(options.resume);
  opened.experiment =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::ResumeExperiment, request)
          .experiment();
  AddRuns(daemon, opened);
  opened.warnings.push_back(fmt::format("{} of {} runs had ended; the others follow",
                                        opened.done.size(), RunCount(opened.options)));
  return opened;
}

}  // namespace

Opened Open(const Daemon& daemon, const ExperimentOptions& options) {
  return options.resume.empty() ? Create(daemon, options) : Resume(daemon, options);
}

}  // namespace murphy::cli
