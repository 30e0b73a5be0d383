// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "daemon/runs/layer.h"
#include "proto/time.h"

namespace murphy::runs {
Run::Run(RunSpec spec, journal::Journal& journal, Calls calls)
    : spec_(std::move(spec)),
      journal_(journal),
      calls_(std::move(calls)),
      begin_time_(absl::Now()),
      begin_(std::chrono::steady_clock::now()),
      layers_(std::make_shared<const Layers>()),
      canaries_(std::make_shared<const Canaries>()) {
  if (spec_.plan == nullptr) return;
  auto layer =
      std::make_shared<Layer>(spec_.plan, spec_.index, absl::ZeroDuration(), spec_.arm, viewers_++);
  layer->is_scenario = true;
  if (!spec_.experiment.empty()) layer->record = spec_.id;
  layer->decider.Continue(spec_.counts, spec_.injections);
  scenario_ = layer.get();
  Add(std::move(layer));
}

Run::~Run() = default;

std::optional<double> Run::Cost(std::string_view model, uint64_t input_tokens,
                                uint64_t output_tokens) const {
  if (spec_.prices == nullptr) return std::nullopt;
  return spec_.prices->Cost(model, input_tokens, output_tokens);
}

Now Run::now() const {
  return {absl::FromChrono(std::chrono::steady_clock::now() - begin_), absl::Now()};
}

std::shared_ptr<const Run::Layers> Run::layers() const {
  std::lock_guard lock(mutex_);
  return layers_;
}

void Run::Add(std::shared_ptr<Layer> layer) {
  auto more = std::make_shared<Layers>(*layers_);
  more->push_back(std::move(layer));
  layers_ = std::move(more);
  observed_ = true;
}

void Run::Remove(Layer& layer, const std::string& reason) {
  layer.gone = true;
  layer.decider.Disarm(reason);
  auto rest = std::make_shared<Layers>(*layers_);
  std::erase_if(*rest, [&](const std::shared_ptr<Layer>& other) { return other.get() == &layer; });
  layers_ = std::move(rest);
  if (layers_->empty()) observed_ = false;
}

Run::After Run::AfterEvent() {
  After after;
  // Only scenarios have groups.
  for (const std::shared_ptr<Layer>& layer : *layers_) {
    if (!layer->is_fault()) after.wake = layer->decider.TakeWake() || after.wake;
  }
  if (after.wake && !waiting_.empty()) SettleWaiting(after.events);
  // What it had counted last has changed nothing: the guard's limit is not reached after all.
  if (scenario_ != nullptr && disarm_cause_ == v1::DISARM_CAUSE_GUARD &&
      scenario_->decider.disarm_reason().empty()) {
    disarm_reason_.clear();
    disarm_cause_ = v1::DISARM_CAUSE_UNSPECIFIED;
  }
  // A guard of the scenario's that was reached; a halt passes, and what else is armed ends alone.
  if (scenario_ != nullptr && !suspended_ && disarm_reason_.empty()) {
    const engine::Decider& decider = scenario_->decider;
    disarm_reason_ = decider.disarm_reason();
    if (decider.guard_reached()) disarm_cause_ = v1::DISARM_CAUSE_GUARD;
    if (!decider.broken().empty()) disarm_cause_ = v1::DISARM_CAUSE_BROKEN;
  }
  if (const auto due = NextDue(); due.has_value()) calls_.due(*this, *due);
  return after;
}

void Run::Tell(After after) {
  for (v1::Event& event : after.events) Append(std::move(event));
  if (after.wake) calls_.release(*this);
}

// Nullopt: nobody has to be told. Earlier than was told, it is told at once; later, when that time
// has come.
std::optional<absl::Duration> Run::NextDue() {
  absl::Duration due = absl::InfiniteDuration();
  if (scenario_ != nullptr) due = scenario_->decider.Due();
  for (const std::shared_ptr<Layer>& layer : *layers_) due = std::min(due, layer->expires);
  if (due >= told_) return std::nullopt;
  return told_ = due;
}

void Run::TellDue() {
  std::lock_guard lock(mutex_);
  if (const auto due = NextDue(); due.has_value()) calls_.due(*this, *due);
}

bool Run::Pass() {
  const Now time = now();
  bool over = false;
  After after;
  {
    std::lock_guard lock(mutex_);
    told_ = absl::InfiniteDuration();
    bool expired = false;
    const std::shared_ptr<const Layers> layers = layers_;
    for (const std::shared_ptr<Layer>& layer : *layers) {
      if (layer->expires > time.run) continue;
      layer->leash->LetGo();
      Remove(*layer, "its time is up");
      expired = true;
    }
    if (scenario_ != nullptr) over = scenario_->decider.Pass(time);
    // One-off faults on the same run have times of their own.
    if (over) scenario_->leash->LetGo();
    after = AfterStep();
    after.wake = after.wake || over || expired;
  }
  Tell(std::move(after));
  return over;
}

void Run::Expire(const engine::Gate& gate) {
  const Now time = now();
  After after;
  {
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Layer>& layer : *layers_) {
      if (!layer->is_fault()) layer->decider.Expire(gate, time);
    }
    after = AfterStep();
  }
  Tell(std::move(after));
}

void Run::AddCanary(const std::string& canary) {
  std::lock_guard lock(mutex_);
  canaries_ = std::make_shared<const Canaries>(canaries_->With(canary));
  has_canaries_ = true;
}

std::vector<std::string> Run::CanariesIn(std::string_view text) const {
  if (!has_canaries_) return {};
  std::shared_ptr<const Canaries> canaries;
  {
    std::lock_guard lock(mutex_);
    canaries = canaries_;
  }
  return canaries->In(text);
}

bool Run::WaitIdle(absl::Duration patience) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, absl::ToChronoMilliseconds(patience),
                        [this] { return open_.empty(); });
}

std::string Run::integrity() const {
  std::lock_guard lock(mutex_);
  if (!integrity_.empty() || scenario_ == nullptr) return integrity_;
  return scenario_->decider.broken();
}

std::vector<v1::Injection> Run::Unreached() {
  std::lock_guard lock(mutex_);
  std::vector<v1::Injection> unreached;
  for (const std::shared_ptr<Layer>& layer : *layers_) {
    if (layer->guest != nullptr) continue;
    for (v1::Injection& injection : layer->decider.Unreached()) {
      injection.set_run(spec_.id);
      injection.set_id(++injections_);
      unreached.push_back(std::move(injection));
    }
  }
  return unreached;
}

v1::Run Run::Describe() const {
  std::lock_guard lock(mutex_);
  v1::Run run;
  run.set_id(spec_.id);
  run.set_experiment(spec_.experiment);
  run.set_index(spec_.index);
  run.set_seed(spec_.seed);
  run.set_state(disarm_reason_.empty() && !suspended_ ? v1::RUN_STATE_ACTIVE
                                                      : v1::RUN_STATE_DISARMED);
  run.set_disarm_cause(suspended_ && disarm_reason_.empty() ? v1::DISARM_CAUSE_HALT
                                                            : disarm_cause_);
  run.set_disarm_reason(suspended_ && disarm_reason_.empty() ? "injections are halted"
                                                             : disarm_reason_);
  *run.mutable_begin_time() = ToProto(begin_time_);
  run.mutable_own_routes()->insert(spec_.own_routes.begin(), spec_.own_routes.end());
  run.set_arm(spec_.arm);
  run.mutable_counts_before()->Assign(spec_.counts.begin(), spec_.counts.end());
  if (scenario_ == nullptr) return run;
  scenario_->decider.Realise(*run.mutable_realised());
  const std::vector<v1::RuleCounts> counts = scenario_->decider.Counts();
  run.mutable_counts()->Assign(counts.begin(), counts.end());
  if (scenario_->plan->scenario().guard().has_max_injections_per_experiment()) {
    run.set_injections_before(spec_.injections);
    run.set_injections(scenario_->decider.injections());
  }
  return run;
}

}  // namespace murphy::runs
