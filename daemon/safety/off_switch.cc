// SPDX-License-Identifier: Apache-2.0
#include "daemon/safety/off_switch.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/experiments/moments.h"
#include "daemon/experiments/refusal.h"

namespace murphy::safety {

absl::Status OffSwitch::Restore() {
  absl::StatusOr<v1::HaltState> state = world_.journal.GetHalt();
  if (!state.ok()) return state.status();
  const std::lock_guard lock(mutex_);
  state_ = *std::move(state);
  if (state_.halted()) world_.runs.Halt();
  return absl::OkStatus();
}

v1::HaltState OffSwitch::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void OffSwitch::JournalRuns() {
  for (const auto& run : world_.runs.Live()) {
    v1::Event event;
    *event.mutable_run() = run->Describe();
    world_.journal.Append(std::move(event));
  }
}

absl::Status OffSwitch::Halt(const v1::HaltRequest& request, v1::HaltResponse* response) {
  // Before anything that may wait.
  response->set_released(world_.runs.Halt());
  const std::lock_guard switching(switch_mutex_);
  // A Resume may have come between.
  world_.runs.Halt();
  for (const auto& run : world_.runs.Live())
    run_book_.StoppedEarly(run->spec().id, "injections were halted");
  JournalRuns();
  v1::HaltState state;
  state.set_halted(true);
  state.set_reason(request.reason());
  *state.mutable_time() = experiments::Now();
  {
    const std::lock_guard lock(mutex_);
    state_ = state;
  }
  *response->mutable_state() = state;
  const absl::Status kept = world_.journal.PutHalt(state);
  if (kept.ok()) return kept;
  return experiments::Refusal(
      kept.code(), "HALT_NOT_STORED",
      fmt::format("Injections are halted, but a restart would forget it. {}",
                  std::string(kept.message())));
}

absl::Status OffSwitch::Resume(const v1::ResumeRequest& request, v1::ResumeResponse* response) {
  if (request.reason().empty()) {
    return experiments::BadRequest("Resume needs a reason",
                                   {{"reason", "say why injections may go on"}});
  }
  const std::lock_guard switching(switch_mutex_);
  v1::HaltState state;
  state.set_reason(request.reason());
  *state.mutable_time() = experiments::Now();
  if (absl::Status status = world_.journal.PutHalt(state); !status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    state_ = state;
  }
  world_.runs.Resume();
  JournalRuns();
  *response->mutable_state() = std::move(state);
  return absl::OkStatus();
}

}  // namespace murphy::safety
