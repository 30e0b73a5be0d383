// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/progress.h"

#include <set>

#include "fmt/format.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {

void Progress::Begin(const v1::StartRunResponse& started) {
  if (console_.quiet) return;
  const std::lock_guard lock(mutex_);
  Write(fmt::format("murphy: run {} through {}\n", started.run().id(), started.gateway()));
}

void Progress::Start(uint32_t done) {
  const std::lock_guard lock(mutex_);
  done_ = done_before_ = done;
  begun_ = Clock::now();
}

void Progress::End(const RunRecord& record, const std::optional<v1::Conclusion>& so_far) {
  if (console_.quiet) return;
  const std::lock_guard lock(mutex_);
  ++done_;
  if (runs_ == 1) {
    // Sets the report off from what the agent wrote.
    if (console_.live) Write("\n");
    return;
  }
  if (redraws()) {
    line_ = Line(so_far);
    return Write("");
  }
  const v1::Outcome& outcome = record.run.outcome();
  Write(fmt::format("murphy: run {} of {}  {}, {} delivered\n", done_, runs_, OutcomeWord(outcome),
                    Plural(outcome.delivered(), "fault")));
}

void Progress::Note(const std::string& sentence) {
  if (console_.quiet) return;
  const std::lock_guard lock(mutex_);
  Write(fmt::format("murphy: {}\n", Printable(sentence)));
}

void Progress::Clear() {
  const std::lock_guard lock(mutex_);
  if (line_.empty()) return;
  line_.clear();
  Write("");
}

// `37 of 100 runs, 2 violations, INCONCLUSIVE so far, 1m20s left`
std::string Progress::Line(const std::optional<v1::Conclusion>& so_far) const {
  std::string line = fmt::format("murphy: {} of {} runs", done_, runs_);
  if (so_far && so_far->violations() > 0)
    line += ", " + Plural(so_far->violations(), "violation");
  if (so_far && so_far->invalid_runs() > 0) line += fmt::format(", {} INVALID", so_far->invalid_runs());
  if (so_far && so_far->runs() > 1) {
    line += fmt::format(", {} so far", v1::VerdictClass_Name(so_far->verdict())
                                           .substr(std::string_view("VERDICT_CLASS_").size()));
  }
  const uint32_t made = done_ - done_before_;
  if (made == 0 || done_ >= runs_) return line;
  const auto left = std::chrono::duration_cast<Milliseconds>(Clock::now() - begun_) *
                    (runs_ - done_) / made;
  return line + fmt::format(", {} left", ShowDuration(left));
}

// Writes whole lines above the one that is redrawn.
void Progress::Write(const std::string& text) {
  constexpr const char* kEraseLine = "\r\x1b[K";
  console_.errors << (redraws() ? kEraseLine : "") << text << line_ << std::flush;
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
