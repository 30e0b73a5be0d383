// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "daemon/runs/layer.h"

namespace murphy::runs {

Run::Layer* Run::FindGuest(std::string_view id) {
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->guest != nullptr && !layer->gone && layer->guest->id == id) return layer.get();
  }
  return nullptr;
}

void Run::Admit(GuestSpec guest) {
  std::unique_lock lock(mutex_);
  auto layer =
      std::make_shared<Layer>(std::move(guest.plan), guest.index, now().run, v1::ARM_TREATMENT);
  layer->guest = std::make_unique<GuestRecords>();
  layer->guest->id = layer->record = std::move(guest.id);
  if (suspended_) layer->Stop("injections are halted");
  if (!disarm_reason_.empty()) layer->Stop(disarm_reason_);
  layers_.push_back(std::move(layer));
  has_guests_ = true;
  observed_ = true;
  std::vector<v1::Event> steps = TakeSteps();
  lock.unlock();
  AppendAll(std::move(steps));
}

std::optional<GuestState> Run::Guest(std::string_view id) {
  const Now time = now();
  std::unique_lock lock(mutex_);
  Layer* layer = FindGuest(id);
  if (layer == nullptr) return std::nullopt;
  GuestState state{.open = layer->known.size(), .stopped = layer->guest->stopped};
  if (layer->machine.PassToEnd(time)) state.ended = "its last phase has ended";
  // What was disarmed from outside is no end of the plan.
  state.guarded = layer->machine.guard_reached() && layer->machine.broken().empty();
  if (state.guarded || !layer->machine.broken().empty())
    state.ended = layer->machine.disarm_reason();
  std::vector<v1::Event> steps = TakeSteps();
  lock.unlock();
  AppendAll(std::move(steps));
  return state;
}

void Run::StopGuest(std::string_view id, const std::string& reason) {
  std::unique_lock lock(mutex_);
  Layer* layer = FindGuest(id);
  if (layer == nullptr) return;
  layer->guest->unreached = layer->machine.Unreached();
  layer->machine.Disarm(reason);
  std::vector<v1::Event> steps = TakeSteps();
  lock.unlock();
  AppendAll(std::move(steps));
}

void Run::ReleaseGuest(std::string_view id) {
  {
    std::lock_guard lock(mutex_);
    Layer* layer = FindGuest(id);
    if (layer == nullptr) return;
    layer->leash->LetGo();
  }
  release_(*this);
}

GuestEnd Run::Dismiss(std::string_view id) {
  std::lock_guard lock(mutex_);
  Layer* layer = FindGuest(id);
  if (layer == nullptr) return {};
  GuestRecords& guest = *layer->guest;
  GuestEnd end{
      std::move(guest.unreached), guest.lost.empty() ? layer->machine.broken() : guest.lost, {}};
  layer->machine.Realise(end.realised);
  for (v1::Injection& injection : end.unreached) {
    injection.set_run(guest.id);
    injection.set_id(++guest.injections);
  }
  layer->gone = true;
  Forget();
  return end;
}

void Run::AddToGuests(engine::Begun& begun) {
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->guest == nullptr) continue;
    GuestRecords& guest = *layer->guest;
    const auto met = guest.met.find(begun.sequence);
    if (met == guest.met.end()) continue;
    for (const engine::Decision& decision : begun.decisions) {
      if (decision.leash != layer->leash || decision.injection == 0) continue;
      met->second.injections.push_back(decision.injection);
      guest.places[decision.injection] = {++guest.injections, met->second.sequence,
                                          met->second.address};
    }
  }
}

void Run::GiveToGuest(v1::Injection& injection) {
  const bool delivered = injection.state() == v1::INJECTION_STATE_DELIVERED;
  const uint64_t sequence = injection.exchange();
  std::lock_guard lock(mutex_);
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->guest == nullptr) continue;
    const auto place = layer->guest->places.find(injection.id());
    if (place == layer->guest->places.end()) continue;
    const std::string leg = injection.address().substr(
        std::min(injection.address().rfind('!'), injection.address().size()));
    injection.set_run(layer->guest->id);
    injection.set_id(place->second.injection);
    injection.set_exchange(place->second.exchange);
    injection.set_address(place->second.address + leg);
    const auto met = layer->guest->met.find(sequence);
    if (delivered && met != layer->guest->met.end()) met->second.delivered = true;
    return;
  }
  if (!delivered) return;
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->guest == nullptr) continue;
    const auto met = layer->guest->met.find(sequence);
    if (met != layer->guest->met.end()) met->second.host_delivered = true;
  }
}

std::vector<v1::Exchange> Run::CopiesForGuests(v1::Exchange& exchange) {
  std::vector<v1::Exchange> copies;
  std::set<std::string> injecting;
  std::lock_guard lock(mutex_);
  for (const std::shared_ptr<Layer>& layer : layers_) {
    if (layer->guest == nullptr) continue;
    const auto met = layer->guest->met.find(exchange.sequence());
    if (met == layer->guest->met.end()) continue;
    const GuestRecords::Meeting& seen = met->second;
    if (seen.delivered) injecting.insert(layer->guest->id);
    if (seen.host_delivered) injecting.insert(spec_.id);
    v1::Exchange& copy = copies.emplace_back(exchange);
    copy.set_run(layer->guest->id);
    copy.set_sequence(seen.sequence);
    copy.set_operation(seen.operation);
    copy.set_attempt(seen.attempt);
    copy.set_attempt_layer(seen.layer);
    copy.set_address(seen.address);
    copy.mutable_targets()->Assign(seen.targets.begin(), seen.targets.end());
    copy.set_repeat(seen.repeat);
    copy.set_fallback_of(seen.fallback_of);
    copy.set_revision_of(seen.revision_of);
    copy.set_revision(seen.revision);
    copy.set_late(layer->gone);
    layer->KeepInput(exchange.sequence(), copy);
  }
  const auto name = [&injecting](v1::Exchange& record) {
    for (const std::string& run : injecting) {
      if (run != record.run()) record.add_injected_by(run);
    }
  };
  name(exchange);
  for (v1::Exchange& copy : copies) name(copy);
  return copies;
}

}  // namespace murphy::runs
