// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/experiment.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "fmt/format.h"
#include "tools/murphy/crew.h"
#include "tools/murphy/endpoints.h"
#include "tools/murphy/opening.h"
#include "tools/murphy/log_folder.h"
#include "tools/murphy/progress.h"
#include "tools/murphy/signals.h"
#include "tools/murphy/trial.h"
#include "tools/murphy/utf8.h"

namespace murphy::cli {
namespace {

// One experiment on its way.
class Conductor {
 public:
  Conductor(const Console& console, const Daemon& daemon, Signals& signals, Opened opened,
            const std::function<void(const RunRecord&)>& finished)
      : console_(console),
        daemon_(daemon),
        signals_(signals),
        opened_(std::move(opened)),
        finished_(finished),
        logs_(LogPath()),
        progress_(console, RunCount(options())),
        trial_(console, daemon, opened_.options, opened_.experiment.scenario(), logs_, progress_,
               signals_, RunCount(options()) == 1) {
    for (const std::string& warning : trial_.warnings()) progress_.Note(warning);
    for (const std::string& warning : opened_.warnings) progress_.Note(warning);
  }

  ExperimentResult Conduct() {
    report_.invocation = options().invocation;
    report_.experiment = opened_.experiment;
    report_.baseline = opened_.baseline;
    report_.baseline_failure = RunBaseline();
    RunRest();
    report_.interrupted = report_.interrupted || signals_.interrupted();
    progress_.Clear();
    if (!logs_.path().empty())
      progress_.Note(fmt::format("what the agents wrote is in {}", logs_.path().string()));
    ExperimentResult result;
    for (auto& [place, run] : ended_) {
      if (result.child_exit_code == 0) result.child_exit_code = run.exit_code;
      report_.runs.push_back(std::move(run.record));
    }
    Conclude();
    result.report = std::move(report_);
    return result;
  }

 private:
  struct Ended {
    RunRecord record;
    int exit_code = 0;
  };

  const ExperimentOptions& options() const { return opened_.options; }

  std::filesystem::path LogPath() const {
    if (options().logs == "-") return {};
    if (!options().logs.empty()) return options().logs;
    if (RunCount(options()) == 1) return {};
    const std::string& id = opened_.experiment.id();
    return LogsOf(console_.environment, id.empty() ? NewRequestId() : id);
  }

  bool Over() {
    const std::lock_guard lock(mutex_);
    return report_.interrupted || signals_.interrupted() || !report_.baseline_failure.empty();
  }

  // Where a run stands in the report.
  uint64_t PlaceOf(uint32_t index, v1::Arm arm) const {
    const auto& arms = options().arms;
    const auto position = std::find(arms.begin(), arms.end(), arm) - arms.begin();
    return static_cast<uint64_t>(index) * arms.size() + static_cast<uint64_t>(position);
  }

  // What is still to be run, in order.
  std::vector<Errand> Rest() {
    for (const RunRecord& done : opened_.done) {
      const v1::Run& run = done.run;
      ended_[PlaceOf(run.index(), run.arm())] = {done, run.outcome().exit_code()};
    }
    std::vector<Errand> rest;
    for (uint32_t i = 0; i < options().runs; ++i) {
      for (const v1::Arm arm : options().arms) {
        const uint32_t index = options().first_index + i;
        if (!ended_.contains(PlaceOf(index, arm)))
          rest.push_back({report_.experiment.id(), index, arm});
      }
    }
    return rest;
  }

  void RunRest() {
    if (Over()) return;
    const std::vector<Errand> rest = Rest();
    progress_.Start(static_cast<uint32_t>(ended_.size()));
    DoTogether(
        static_cast<uint32_t>(rest.size()), options().parallel,
        [this] { return !Over() && !decided_; },
        [this, &rest](uint32_t i) { Take(rest[i], trial_.Run(rest[i])); });
    if (decided_) report_.runs_saved = RunCount(options()) - static_cast<uint32_t>(ended_.size());
  }

  // Puts down how a run ended, and where the experiment stands with it.
  void Take(const Errand& errand, Finished run) {
    const std::lock_guard lock(mutex_);
    report_.interrupted = report_.interrupted || run.end.interrupted;
    Ended& ended = ended_[PlaceOf(errand.index, errand.arm)];
    ended = {std::move(run.record), run.end.exit_code};
    finished_(ended.record);
    progress_.End(ended.record, SoFar());
  }

  // What the runs come to until now, where somebody wants to know.
  std::optional<v1::Conclusion> SoFar() {
    const bool wanted = options().stop_early || progress_.redraws();
    if (!wanted || report_.experiment.id().empty() || RunCount(options()) == 1) return std::nullopt;
    v1::GetExperimentRequest request;
    request.set_id(report_.experiment.id());
    const v1::Conclusion so_far =
        daemon_.Call(daemon_.experiments, &v1::ExperimentService::Stub::GetExperiment, request)
            .so_far();
    // One run is no rate.
    const bool certain = so_far.runs() > 1 && (so_far.verdict() == v1::VERDICT_CLASS_PASS ||
                                               so_far.verdict() == v1::VERDICT_CLASS_FAIL);
    decided_ = decided_ || (options().stop_early && certain);
    return so_far;
  }

  void Conclude() {
    if (report_.experiment.id().empty()) return;
    v1::FinishExperimentRequest request;
    request.set_id(report_.experiment.id());
    request.set_interrupted(report_.interrupted);
    report_.experiment =
        daemon_.Call(daemon_.experiments, &v1::ExperimentService::Stub::FinishExperiment, request)
            .experiment();
  }

  // Runs without faults; why all of them failed, or nothing.
  std::string RunBaseline() {
    const uint32_t runs = options().baseline.value_or(0);
    const auto done = static_cast<uint32_t>(opened_.baseline.size());
    if (runs <= done) return {};
    progress_.Note("run without faults, to see that the agent works");
    std::string failure;
    uint32_t failed = 0;
    DoTogether(
        runs - done, options().parallel, [this] { return !Over(); },
        [&](uint32_t i) {
          const Finished run =
              trial_.Run({report_.experiment.id(), done + i, v1::ARM_BASELINE});
          const std::string why = WhyBroken(run);
          const std::lock_guard lock(mutex_);
          report_.interrupted = report_.interrupted || run.end.interrupted;
          if (!run.end.interrupted) report_.baseline.push_back(run.record);
          if (why.empty()) return;
          ++failed;
          failure = why;
        });
    if (failed < runs || Over()) return {};
    return runs == 1 ? failure : fmt::format("{} So it was in all {} runs.", failure, runs);
  }

  // Why a run without faults failed, or nothing.
  static std::string WhyBroken(const Finished& run) {
    const v1::Outcome& outcome = run.record.run.outcome();
    // One judgement of what ended well: a checker outranks an exit code here as everywhere.
    const bool well = outcome.outcome_class() == v1::OUTCOME_CLASS_RECOVERED ||
                      outcome.outcome_class() == v1::OUTCOME_CLASS_RECOVERED_COSTLY;
    if (well) return {};
    if (outcome.outcome_class() == v1::OUTCOME_CLASS_INVALID && outcome.troubles_size() > 0)
      return fmt::format("Without any fault, the run already fails: {}.", outcome.reason());
    if (outcome.outcome_class() == v1::OUTCOME_CLASS_RUNAWAY ||
        outcome.outcome_class() == v1::OUTCOME_CLASS_UNSAFE) {
      return fmt::format("Without any fault, the run is already {}: {}.",
                         v1::OutcomeClass_Name(outcome.outcome_class())
                             .substr(std::string_view("OUTCOME_CLASS_").size()),
                         outcome.reason());
    }
    if (run.end.hung) return "Without any fault, the agent does not end within the time limit.";
    if (run.end.exit_code != 0) {
      return fmt::format("Without any fault, the agent already ends with exit code {}.",
                         run.end.exit_code);
    }
    if (run.said && run.said->task() != v1::TASK_STATE_CORRECT &&
        run.said->task() != v1::TASK_STATE_UNSPECIFIED) {
      return "Without any fault, the agent's result is already not correct.";
    }
    return {};
  }

  const Console& console_;
  const Daemon& daemon_;
  Signals& signals_;
  const Opened opened_;
  const std::function<void(const RunRecord&)>& finished_;
  const LogFolder logs_;
  Progress progress_;
  const Trial trial_;

  std::mutex mutex_;
  Report report_;
  std::map<uint64_t, Ended> ended_;
  std::atomic<bool> decided_ = false;
};

}  // namespace

uint32_t RunCount(const ExperimentOptions& options) {
  return options.runs * static_cast<uint32_t>(options.arms.size());
}

ExperimentResult RunExperiment(const Console& console, const Daemon& daemon, Signals& signals,
                               const ExperimentOptions& options,
                               const std::function<void(const RunRecord&)>& finished) {
  // Before there is an experiment: a folder that cannot be written leaves none behind.
  if (options.logs != "-") LogFolder folder(options.logs);
  return Conductor(console, daemon, signals, Open(daemon, options), finished).Conduct();
}

}  // namespace murphy::cli
