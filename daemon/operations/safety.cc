// SPDX-License-Identifier: Apache-2.0
#include "daemon/operations/safety.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "daemon/control/status.h"
#include "daemon/operations/moments.h"

namespace murphy::operations {

Safety::Safety(World& world, RunBook& run_book, Identity identity)
    : world_(world), run_book_(run_book), identity_(std::move(identity)) {
  subscription_ = world_.journal.Subscribe([this](const std::vector<v1::Event>& events) {
    for (const v1::Event& event : events) {
      // The record of a recovery repeats the state.
      const v1::Injection& injection = event.injection();
      const bool first = injection.recovery() == v1::RECOVERY_LAYER_UNSPECIFIED;
      if (injection.state() == v1::INJECTION_STATE_DELIVERED && first) ++delivered_;
    }
  });
}

Safety::~Safety() { world_.journal.Unsubscribe(subscription_); }

absl::Status Safety::Restore() {
  absl::StatusOr<v1::HaltState> state = world_.journal.GetHalt();
  if (!state.ok()) return state.status();
  const std::lock_guard lock(mutex_);
  halt_ = *std::move(state);
  if (halt_.halted()) world_.runs.Halt();
  return absl::OkStatus();
}

void Safety::JournalRuns() {
  for (const auto& run : world_.runs.Live()) {
    v1::Event event;
    *event.mutable_run() = run->Describe();
    world_.journal.Append(std::move(event));
  }
}

absl::Status Safety::Halt(const v1::HaltRequest& request, v1::HaltResponse* response) {
  // Before anything that may wait.
  response->set_released(world_.runs.Halt());
  const std::lock_guard switching(switch_mutex_);
  // A Resume may have come between.
  world_.runs.Halt();
  for (const auto& run : world_.runs.Live())
    run_book_.StoppedEarly(run->spec().id, "injections were halted");
  JournalRuns();
  {
    const std::lock_guard lock(mutex_);
    halt_.set_halted(true);
    halt_.set_reason(request.reason());
    *halt_.mutable_time() = Now();
    *response->mutable_state() = halt_;
  }
  const absl::Status kept = world_.journal.PutHalt(response->state());
  if (kept.ok()) return kept;
  return control::Refusal(kept.code(), "HALT_NOT_STORED",
                          fmt::format("Injections are halted, but a restart would forget it. {}",
                                      std::string(kept.message())));
}

absl::Status Safety::Resume(const v1::ResumeRequest& request, v1::ResumeResponse* response) {
  if (request.reason().empty()) {
    return control::BadRequest("Resume needs a reason",
                               {{"reason", "say why injections may go on"}});
  }
  const std::lock_guard switching(switch_mutex_);
  v1::HaltState state;
  state.set_reason(request.reason());
  *state.mutable_time() = Now();
  if (absl::Status status = world_.journal.PutHalt(state); !status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    halt_ = state;
  }
  world_.runs.Resume();
  JournalRuns();
  *response->mutable_state() = std::move(state);
  return absl::OkStatus();
}

void Safety::Announce(std::vector<std::string> control) {
  const std::lock_guard lock(mutex_);
  control_ = std::move(control);
}

absl::Status Safety::GetStatus(const v1::GetStatusRequest&, v1::GetStatusResponse* response) {
  response->set_version(identity_.version);
  response->set_pid(static_cast<uint32_t>(getpid()));
  response->set_environment(world_.policy.environment);
  response->set_gateway(identity_.gateway);
  response->set_state_directory(identity_.state_directory);
  // `default` is always there.
  response->set_active_runs(static_cast<uint32_t>(world_.runs.Live().size() - 1));
  response->set_connections(identity_.connections());
  response->set_exchanges(identity_.exchanges());
  response->set_injections(delivered_.load());
  response->set_journal_failure(world_.journal.failure());
  response->set_journal_damage(world_.journal.damage());
  const std::lock_guard lock(mutex_);
  *response->mutable_halt() = halt_;
  for (const std::string& address : control_) response->add_control(address);
  return absl::OkStatus();
}

}  // namespace murphy::operations
