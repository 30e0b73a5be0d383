// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/progress.h"

#include <set>

#include "fmt/format.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {

void Progress::Begin(const v1::StartRunResponse& started, uint32_t number) {
  if (console_.quiet) return;
  if (number == 0) return Note("run without faults, to see that the agent works");
  if (runs_ > 1) {
    if (console_.live)
      console_.errors << fmt::format("\rmurphy: run {} of {} …", number, runs_) << std::flush;
    return;
  }
  console_.errors << fmt::format("murphy: run {} through {}\n", started.run().id(),
                                 started.gateway())
                  << std::flush;
}

void Progress::End(const RunRecord& record, uint32_t number) {
  if (console_.quiet || number == 0) return;
  if (runs_ < 2) {
    // Sets the report off from what the agent wrote.
    if (console_.live) console_.errors << std::endl;
    return;
  }
  const v1::Outcome& outcome = record.run.outcome();
  console_.errors << fmt::format("{}murphy: run {} of {}  {}, {} delivered\n",
                                 console_.live ? "\r" : "", number, runs_, OutcomeWord(outcome),
                                 Plural(outcome.delivered(), "fault"))
                  << std::flush;
}

void Progress::Note(const std::string& sentence) {
  if (console_.quiet) return;
  console_.errors << fmt::format("murphy: {}\n", Printable(sentence)) << std::flush;
}

LiveInjections::LiveInjections(const Daemon& daemon, const std::string& run, Progress& progress) {
  daemon.Authorize(context_);
  v1::WatchRequest request;
  request.set_run(run);
  reader_ = daemon.journal->Watch(&context_, request);
  thread_ = std::thread([this, &progress] { Read(progress); });
}

LiveInjections::~LiveInjections() {
  context_.TryCancel();
  thread_.join();
}

void LiveInjections::Read(Progress& progress) {
  v1::WatchResponse response;
  std::set<uint64_t> told;
  while (reader_->Read(&response)) {
    if (!response.event().has_injection()) continue;
    const v1::Injection& injection = response.event().injection();
    if (injection.state() != v1::INJECTION_STATE_DELIVERED) continue;
    // Its recovery is a further event of the same injection.
    if (!told.insert(injection.id()).second) continue;
    progress.Note(fmt::format("{} delivered to {}", injection.fault(), PlaceOf(injection)));
  }
  // How the stream ended does not matter: the report has the whole story.
  reader_->Finish();
}

}  // namespace murphy::cli
