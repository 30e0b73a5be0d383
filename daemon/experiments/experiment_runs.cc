// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "absl/time/clock.h"
#include "daemon/experiments/run_book.h"
#include "proto/time.h"

// The runs of an experiment: ended with it, and found again when it is resumed.
namespace murphy::experiments {

std::vector<std::string> RunBook::OpenRunsOf(const std::string& experiment) const {
  std::vector<std::string> runs;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, page] : pages_) {
    if (page.experiment == experiment) runs.push_back(id);
  }
  return runs;
}

absl::Status RunBook::FinishExperiment(const v1::FinishExperimentRequest& request,
                                       v1::FinishExperimentResponse* response) {
  if (request.interrupted()) {
    for (const std::string& run : OpenRunsOf(request.id())) Interrupt(run);
    experiments_.Interrupt(request.id(), "its controller was told to stop");
  } else if (const auto closed = experiments_.Close(request.id()); !closed.ok()) {
    return closed.status();
  }
  for (const std::string& run : OpenRunsOf(request.id())) Interrupt(run);
  controls_.Drop(request.id());
  return experiments_.Conclude(request.id(), response);
}

// Whoever made its runs is gone: each of them has lost its lease, or there is none any more, and
// has not been for longer than a controller takes to begin the next.
bool RunBook::LeftAlone(const std::string& experiment, const std::vector<v1::Run>& newest,
                        absl::Duration since_begin) const {
  const std::vector<std::string> open = OpenRunsOf(experiment);
  const std::lock_guard lock(mutex_);
  if (!open.empty()) {
    return std::all_of(open.begin(), open.end(),
                       [this](const std::string& run) { return leases_.Over(run); });
  }
  if (newest.empty()) return since_begin > Leases::kGrace;
  return newest.front().has_end_time() &&
         absl::Now() - FromProto(newest.front().end_time()) > Leases::kGrace;
}

absl::Status RunBook::ResumeExperiment(const v1::ResumeExperimentRequest& request,
                                       v1::ResumeExperimentResponse* response) {
  const auto runs = world_.journal.Runs(request.id(), SIZE_MAX, "");
  if (!runs.ok()) return runs.status();
  const auto experiment = world_.journal.FindExperiment(request.id());
  if (!experiment.ok()) return experiment.status();
  const absl::Duration since_begin =
      experiment->has_value() ? absl::Now() - FromProto((*experiment)->begin_time())
                              : absl::ZeroDuration();
  if (LeftAlone(request.id(), *runs, since_begin)) {
    for (const std::string& run : OpenRunsOf(request.id())) Interrupt(run);
    experiments_.Interrupt(request.id(), "its controller was gone");
  }
  if (absl::Status status = experiments_.Resume(request, response); !status.ok()) return status;
  for (const v1::Run& run : *runs) {
    const bool shows = run.has_outcome() && !run.outcome().interrupted();
    if (shows && run.arm() != v1::ARM_TREATMENT) controls_.Add(request.id(), run.outcome());
  }
  return absl::OkStatus();
}

}  // namespace murphy::experiments
