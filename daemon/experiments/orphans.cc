// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/orphans.h"

#include <utility>

#include "daemon/experiments/moments.h"

namespace murphy::experiments {
namespace {

constexpr size_t kPage = 1000;

}  // namespace

absl::StatusOr<std::vector<v1::Run>> EndOrphans(journal::Journal& journal,
                                                const std::string& reason) {
  std::vector<v1::Run> runs;
  while (true) {
    auto page = journal.Runs("", kPage, runs.empty() ? "" : runs.back().id());
    if (!page.ok()) return page.status();
    if (page->empty()) break;
    for (v1::Run& run : *page) {
      runs.push_back(run);
      // `default` begins anew with each start.
      if (run.state() == v1::RUN_STATE_FINISHED || run.id() == "default") continue;
      run.set_state(v1::RUN_STATE_FINISHED);
      *run.mutable_end_time() = Now();
      run.mutable_outcome()->set_outcome_class(v1::OUTCOME_CLASS_INVALID);
      run.mutable_outcome()->set_reason(reason);
      run.mutable_outcome()->set_integrity(reason);
      run.mutable_outcome()->set_interrupted(true);
      v1::Event event;
      *event.mutable_run() = std::move(run);
      journal.Append(std::move(event));
    }
  }
  if (absl::Status status = journal.Flush(); !status.ok()) return status;
  return runs;
}

}  // namespace murphy::experiments
