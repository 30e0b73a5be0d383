// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "daemon/runs/layer.h"

namespace murphy::runs {
namespace {

constexpr size_t kMostCanaries = 256;

google::protobuf::Timestamp Timestamp(absl::Time time) {
  google::protobuf::Timestamp out;
  out.set_seconds(absl::ToUnixSeconds(time));
  out.set_nanos(static_cast<int32_t>(absl::ToUnixNanos(time) % 1'000'000'000));
  return out;
}

}  // namespace

Run::Run(RunSpec spec, journal::Journal& journal, std::function<void(const Run&)> release)
    : spec_(std::move(spec)),
      journal_(journal),
      release_(std::move(release)),
      begin_time_(absl::Now()),
      begin_(std::chrono::steady_clock::now()) {
  if (spec_.plan == nullptr) return;
  layers_.push_back(
      std::make_shared<Layer>(spec_.plan, spec_.index, absl::ZeroDuration(), spec_.arm));
  layers_.back()->scenario = true;
  if (!spec_.experiment.empty()) layers_.back()->record = spec_.id;
  layers_.back()->machine.Continue(spec_.counts);
  observed_ = true;
}

Run::~Run() = default;

Now Run::now() const {
  return {absl::FromChrono(std::chrono::steady_clock::now() - begin_), absl::Now()};
}

bool Run::AfterEvent() {
  bool wake = false;
  // Only scenarios have groups.
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (!layer->is_fault()) wake = layer->machine.TakeWake() || wake;
  }
  // A guard of the scenario's that was reached; a halt passes, and what else is armed ends alone.
  const bool planned = !layers_.empty() && layers_.front()->scenario;
  if (planned && !suspended_ && disarm_reason_.empty()) {
    const engine::Machine& machine = layers_.front()->machine;
    disarm_reason_ = machine.disarm_reason();
    if (machine.guard_reached()) disarm_cause_ = v1::DISARM_CAUSE_GUARD;
    if (!machine.broken().empty()) disarm_cause_ = v1::DISARM_CAUSE_BROKEN;
  }
  return wake;
}

void Run::Expire(const engine::Gate& gate) {
  const Now time = now();
  bool wake = false;
  std::vector<v1::Event> steps;
  {
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Layer>& layer : layers_) {
      if (!layer->is_fault()) layer->machine.Expire(gate, time);
    }
    wake = AfterEvent();
    steps = TakeSteps();
  }
  AppendAll(std::move(steps));
  if (wake) release_(*this);
}

namespace {

// Decisions of several plans on one exchange: by stage, then by plan; one terminal fault acts
// (design section 5).
void Compose(std::vector<engine::Decision>& decisions) {
  std::stable_sort(decisions.begin(), decisions.end(), [](const auto& a, const auto& b) {
    return a.rule->fault->stage() < b.rule->fault->stage();
  });
  const engine::Decision* acting = nullptr;
  for (engine::Decision& decision : decisions) {
    if (!engine::Acts(decision.state) || !decision.rule->fault->terminal()) continue;
    if (acting == nullptr) {
      acting = &decision;
    } else {
      decision.state = v1::INJECTION_STATE_MASKED;
      decision.outranked = true;
      decision.detail = fmt::format("`{}` acts on this exchange", acting->rule->id);
    }
  }
}

}  // namespace

engine::Begun Run::Begin(const engine::Arrival& arrival) {
  bool wake = false;
  engine::Begun begun = Decide(arrival, wake);
  if (wake) release_(*this);
  return begun;
}

engine::Begun Run::Decide(const engine::Arrival& arrival, bool& wake) {
  const Now time = now();
  std::lock_guard lock(mutex_);
  ++open_;
  engine::Begun begun;
  const uint64_t sequence = ++sequence_;
  for (const std::shared_ptr<Layer>& layer : layers_) {
    engine::Begun own = layer->machine.Begin(arrival, time);
    for (engine::Decision& decision : own.decisions) {
      decision.leash = layer->leash;
      decision.one_off = layer->is_fault();
    }
    if (layer->guest != nullptr) layer->guest->Meet(sequence, own);
    layer->known[sequence] = {own.sequence, {}};
    for (const engine::Decision& decision : own.decisions) {
      if (engine::Acts(decision.state)) ++layer->armed.fired;
    }
    if (layer == layers_.front()) {
      begun = std::move(own);
      continue;
    }
    for (engine::Decision& decision : own.decisions) begun.decisions.push_back(std::move(decision));
  }
  begun.sequence = sequence;
  if (layers_.size() > 1) {
    Compose(begun.decisions);
    const bool acts = std::any_of(
        begun.decisions.begin(), begun.decisions.end(),
        [](const auto& decision) { return engine::Acts(decision.state) && !decision.shadow; });
    if (acts) faulted_.insert(sequence);
  }
  for (engine::Decision& decision : begun.decisions) {
    if (decision.state != v1::INJECTION_STATE_UNSPECIFIED) decision.injection = ++injections_;
  }
  if (has_guests_) AddToGuests(begun);
  wake = AfterEvent();
  return begun;
}

void Run::Note(const std::string& lost) {
  std::lock_guard lock(mutex_);
  if (integrity_.empty()) integrity_ = lost;
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->guest != nullptr && layer->guest->lost.empty()) layer->guest->lost = lost;
  }
}

bool Run::Append(v1::Event event) {
  if (journal_.Append(std::move(event))) return true;
  const std::string why = journal_.failure();
  Note(why.empty() ? "The journal's queue was full: something of this run was not recorded."
                   : fmt::format("Something of this run was not recorded: {}", why));
  return false;
}

bool Run::Record(v1::Injection injection) {
  v1::Event event;
  *event.mutable_injection() = std::move(injection);
  event.mutable_injection()->set_run(spec_.id);
  if (has_guests_) GiveToGuest(*event.mutable_injection());
  return Append(std::move(event));
}

void Run::Conclude(uint64_t sequence, const engine::Ending& ending) {
  const Now time = now();
  bool wake = false;
  engine::Ending seen = ending;
  {
    std::lock_guard lock(mutex_);
    seen.faulted = faulted_.contains(sequence);
    for (const std::shared_ptr<Layer>& layer : layers_) {
      // A machine takes the end of an exchange once.
      const auto own = layer->known.find(sequence);
      if (own == layer->known.end()) continue;
      auto input = layer->machine.Finish(own->second.sequence, seen, time);
      if (input.has_value() && !layer->record.empty()) own->second.input = std::move(input);
    }
    wake = AfterEvent();
  }
  if (wake) release_(*this);
}

void Run::End(v1::Exchange exchange, const engine::Ending& ending) {
  const uint64_t sequence = exchange.sequence();
  Conclude(sequence, ending);
  exchange.set_run(spec_.id);
  std::vector<v1::Exchange> records;
  if (has_guests_) records = CopiesForGuests(exchange);
  KeepInput(exchange);
  records.push_back(std::move(exchange));
  for (v1::Exchange& record : records) {
    v1::Event event;
    *event.mutable_exchange() = std::move(record);
    Append(std::move(event));
  }
  std::lock_guard lock(mutex_);
  faulted_.erase(sequence);
  for (const std::shared_ptr<Layer>& layer : layers_) {
    layer->known.erase(sequence);
    if (layer->guest != nullptr) layer->guest->Part(sequence);
  }
  Forget();
  if (--open_ == 0) idle_.notify_all();
}

// A disarmed one-off fault goes when its last exchange has ended: decisions point into its plan.
void Run::Forget() {
  std::erase_if(layers_, [](const std::shared_ptr<Layer>& layer) {
    return layer->gone && layer->known.empty();
  });
  if (layers_.empty()) observed_ = false;
  has_guests_ = std::any_of(layers_.begin(), layers_.end(),
                            [](const auto& layer) { return layer->guest != nullptr; });
}

void Run::AddCanary(const std::string& canary) {
  std::lock_guard lock(mutex_);
  if (canaries_.size() < kMostCanaries) canaries_.push_back(canary);
  has_canaries_ = true;
}

std::vector<std::string> Run::CanariesIn(std::string_view text) const {
  std::vector<std::string> seen;
  if (!has_canaries_) return seen;
  std::lock_guard lock(mutex_);
  for (const std::string& canary : canaries_) {
    if (text.find(canary) != std::string_view::npos) seen.push_back(canary);
  }
  return seen;
}

void Run::StopDeciding(const std::string& reason) {
  std::vector<v1::Event> steps;
  {
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Layer>& layer : layers_) layer->machine.Disarm(reason);
    steps = TakeSteps();
  }
  AppendAll(std::move(steps));
}

void Run::Disarm(v1::DisarmCause cause, const std::string& reason) {
  std::vector<v1::Event> steps;
  {
    std::lock_guard lock(mutex_);
    if (disarm_reason_.empty()) {
      disarm_reason_ = reason;
      disarm_cause_ = cause;
    }
    for (const std::shared_ptr<Layer>& layer : layers_) layer->Stop(reason);
    armed_ = false;
    steps = TakeSteps();
  }
  AppendAll(std::move(steps));
  release_(*this);
}

bool Run::Pass() {
  const Now time = now();
  bool over = false, wake = false;
  std::vector<v1::Event> steps;
  {
    std::lock_guard lock(mutex_);
    if (layers_.empty() || !layers_.front()->scenario) return false;
    over = layers_.front()->machine.Pass(time);
    wake = AfterEvent();
    // One-off faults on the same run have times of their own.
    if (over) layers_.front()->leash->LetGo();
    steps = TakeSteps();
  }
  AppendAll(std::move(steps));
  if (over || wake) release_(*this);
  return over;
}

void Run::Suspend() {
  armed_ = false;
  std::vector<v1::Event> steps;
  {
    std::lock_guard lock(mutex_);
    suspended_ = true;
    for (const std::shared_ptr<Layer>& layer : layers_) layer->Stop("injections are halted");
    steps = TakeSteps();
  }
  AppendAll(std::move(steps));
  release_(*this);
}

void Run::Unsuspend() {
  std::vector<v1::Event> steps;
  {
    std::lock_guard lock(mutex_);
    suspended_ = false;
    if (!disarm_reason_.empty()) return;
    for (const std::shared_ptr<Layer>& layer : layers_) {
      // A guest that was stopped stays so: its experiment has ended.
      if (layer->guest == nullptr || layer->guest->stopped.empty()) layer->machine.Rearm();
    }
    armed_ = true;
    steps = TakeSteps();
  }
  AppendAll(std::move(steps));
}

std::string Run::disarm_reason() const {
  std::lock_guard lock(mutex_);
  return suspended_ && disarm_reason_.empty() ? "injections are halted" : disarm_reason_;
}

v1::DisarmCause Run::disarm_cause() const {
  std::lock_guard lock(mutex_);
  return suspended_ && disarm_reason_.empty() ? v1::DISARM_CAUSE_HALT : disarm_cause_;
}

std::string Run::Arm(std::string text, std::shared_ptr<const engine::Plan> plan,
                     absl::Time expire) {
  std::lock_guard lock(mutex_);
  auto layer = std::make_shared<Layer>(std::move(plan), spec_.index, now().run, spec_.arm);
  layer->armed = {fmt::format("{}-fault-{}", spec_.id, ++armed_faults_), std::move(text), expire,
                  0};
  if (suspended_) layer->machine.Disarm("injections are halted");
  layers_.push_back(layer);
  observed_ = true;
  return layer->armed.id;
}

bool Run::DisarmFault(std::string_view id) {
  bool found = false;
  {
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Layer>& layer : layers_) {
      if (!layer->is_fault() || layer->armed.id != id || layer->gone) continue;
      found = layer->gone = true;
      layer->machine.Disarm("the fault was disarmed");
      layer->leash->LetGo();
    }
    Forget();
  }
  if (found) release_(*this);
  return found;
}

std::vector<ArmedFault> Run::Armed() const {
  std::lock_guard lock(mutex_);
  std::vector<ArmedFault> armed;
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->is_fault() && !layer->gone) armed.push_back(layer->armed);
  }
  return armed;
}

bool Run::WaitIdle(absl::Duration patience) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, absl::ToChronoMilliseconds(patience), [this] { return open_ == 0; });
}

std::string Run::integrity() const {
  std::lock_guard lock(mutex_);
  if (!integrity_.empty()) return integrity_;
  const bool planned = !layers_.empty() && layers_.front()->scenario;
  return planned ? layers_.front()->machine.broken() : integrity_;
}

std::vector<v1::Injection> Run::Unreached() {
  std::lock_guard lock(mutex_);
  std::vector<v1::Injection> unreached;
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->guest != nullptr) continue;
    for (v1::Injection& injection : layer->machine.Unreached()) {
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
  *run.mutable_begin_time() = Timestamp(begin_time_);
  run.mutable_own_routes()->insert(spec_.own_routes.begin(), spec_.own_routes.end());
  run.set_arm(spec_.arm);
  run.mutable_counts_before()->Assign(spec_.counts.begin(), spec_.counts.end());
  if (layers_.empty() || !layers_.front()->scenario) return run;
  layers_.front()->machine.Realise(*run.mutable_realised());
  const std::vector<v1::RuleCounts> counts = layers_.front()->machine.Counts();
  run.mutable_counts()->Assign(counts.begin(), counts.end());
  return run;
}

}  // namespace murphy::runs
