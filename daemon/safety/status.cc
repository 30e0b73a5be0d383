// SPDX-License-Identifier: Apache-2.0
#include "daemon/safety/status.h"

#include <unistd.h>

#include <utility>

namespace murphy::safety {

StatusReport::StatusReport(experiments::World& world, const OffSwitch& off_switch,
                           const schedules::Schedules& schedules, Identity identity)
    : world_(world),
      off_switch_(off_switch),
      schedules_(schedules),
      identity_(std::move(identity)) {
  subscription_ = world_.journal.Subscribe([this](const std::vector<v1::Event>& events) {
    for (const v1::Event& event : events) {
      // The record of a recovery repeats the state.
      const v1::Injection& injection = event.injection();
      const bool first = injection.recovery() == v1::RECOVERY_LAYER_UNSPECIFIED;
      if (injection.state() == v1::INJECTION_STATE_DELIVERED && first) ++delivered_;
    }
  });
}

StatusReport::~StatusReport() { world_.journal.Unsubscribe(subscription_); }

void StatusReport::Announce(std::vector<std::string> control) {
  const std::lock_guard lock(mutex_);
  control_ = std::move(control);
}

absl::Status StatusReport::Get(const v1::GetStatusRequest&, v1::GetStatusResponse* response) {
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
  *response->mutable_halt() = off_switch_.state();
  *response->mutable_schedules() = schedules_.Overview();
  const std::lock_guard lock(mutex_);
  for (const std::string& address : control_) response->add_control(address);
  return absl::OkStatus();
}

}  // namespace murphy::safety
