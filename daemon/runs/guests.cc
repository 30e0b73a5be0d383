// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "daemon/runs/layer.h"

namespace murphy::runs {

Run::Layer* Run::FindGuest(std::string_view id) const {
  for (const std::shared_ptr<Layer>& layer : *layers_) {
    if (layer->guest != nullptr && layer->guest->id == id) return layer.get();
  }
  return nullptr;
}

void Run::Admit(GuestSpec guest) {
  std::unique_lock lock(mutex_);
  auto layer = std::make_shared<Layer>(std::move(guest.plan), guest.index, now().run, guest.arm,
                                       viewers_++);
  layer->guest = std::make_unique<GuestRecords>();
  layer->guest->id = layer->record = std::move(guest.id);
  if (suspended_) layer->Stop("injections are halted");
  if (!disarm_reason_.empty()) layer->Stop(disarm_reason_);
  Add(std::move(layer));
  has_guests_ = true;
  After after = AfterStep();
  lock.unlock();
  Tell(std::move(after));
}

std::optional<GuestState> Run::Guest(std::string_view id) {
  const Now time = now();
  std::unique_lock lock(mutex_);
  Layer* layer = FindGuest(id);
  if (layer == nullptr) return std::nullopt;
  GuestState state{.open = layer->open, .stopped = layer->guest->stopped};
  if (layer->decider.PassToEnd(time)) state.ended = "its last phase has ended";
  // What was disarmed from outside is no end of the plan.
  state.guarded = layer->decider.guard_reached() && layer->decider.broken().empty();
  if (state.guarded || !layer->decider.broken().empty())
    state.ended = layer->decider.disarm_reason();
  After after = AfterStep();
  lock.unlock();
  Tell(std::move(after));
  return state;
}

void Run::StopGuest(std::string_view id, const std::string& reason) {
  std::unique_lock lock(mutex_);
  Layer* layer = FindGuest(id);
  if (layer == nullptr) return;
  layer->guest->unreached = layer->decider.Unreached();
  layer->decider.Disarm(reason);
  After after = AfterStep();
  lock.unlock();
  Tell(std::move(after));
}

void Run::ReleaseGuest(std::string_view id) {
  {
    std::lock_guard lock(mutex_);
    Layer* layer = FindGuest(id);
    if (layer == nullptr) return;
    layer->leash->LetGo();
  }
  calls_.release(*this);
}

GuestEnd Run::Dismiss(std::string_view id) {
  std::lock_guard lock(mutex_);
  Layer* layer = FindGuest(id);
  if (layer == nullptr) return {};
  GuestRecords& guest = *layer->guest;
  GuestEnd end{
      std::move(guest.unreached), guest.lost.empty() ? layer->decider.broken() : guest.lost, {}};
  layer->decider.Realise(end.realised);
  for (v1::Injection& injection : end.unreached) {
    injection.set_run(guest.id);
    injection.set_id(++guest.injections);
  }
  Remove(*layer, "its experiment has ended");
  return end;
}

void Run::GiveToGuests(const engine::Begun& begun, Open& open) {
  for (size_t i = 0; i < open.parts.size(); ++i) {
    if (open.parts[i].meeting == nullptr) continue;
    Layer& layer = *(*open.layers)[i];
    for (const engine::Decision& decision : begun.decisions) {
      if (decision.leash != layer.leash || decision.injection == 0) continue;
      open.parts[i].meeting->injections.emplace_back(decision.injection, ++layer.guest->injections);
    }
  }
}

void Run::GiveToGuest(v1::Injection& injection) {
  const bool delivered = injection.state() == v1::INJECTION_STATE_DELIVERED;
  const auto found = open_.find(injection.exchange());
  if (found == open_.end()) return;
  Open& open = *found->second;
  for (size_t i = 0; i < open.parts.size(); ++i) {
    const std::unique_ptr<Meeting>& meeting = open.parts[i].meeting;
    if (meeting == nullptr) continue;
    for (const auto& [of_host, own] : meeting->injections) {
      if (of_host != injection.id()) continue;
      injection.set_run((*open.layers)[i]->guest->id);
      injection.set_id(own);
      injection.set_exchange(open.parts[i].sequence);
      meeting->delivered = meeting->delivered || delivered;
      return;
    }
  }
  if (!delivered) return;
  for (const Open::Part& part : open.parts) {
    if (part.meeting != nullptr) part.meeting->host_delivered = true;
  }
}

std::vector<v1::Exchange> Run::RecordsOf(v1::Exchange exchange, Open& open) {
  std::vector<v1::Exchange> records;
  std::set<std::string> injecting;
  for (size_t i = 0; i < open.parts.size(); ++i) {
    const Layer& layer = *(*open.layers)[i];
    Open::Part& part = open.parts[i];
    if (part.meeting == nullptr) continue;
    if (part.meeting->delivered) injecting.insert(layer.guest->id);
    if (part.meeting->host_delivered) injecting.insert(spec_.id);
    v1::Exchange& copy = records.emplace_back(exchange);
    copy.set_run(layer.guest->id);
    copy.set_sequence(part.sequence);
    copy.mutable_targets()->Assign(part.meeting->targets.begin(), part.meeting->targets.end());
    copy.set_fallback_of(part.meeting->fallback_of);
    copy.set_late(layer.gone);
    if (part.input.has_value()) *copy.mutable_input() = *std::move(part.input);
  }
  if (!open.parts.empty() && open.layers->front()->is_scenario &&
      open.parts.front().input.has_value())
    *exchange.mutable_input() = *std::move(open.parts.front().input);
  records.push_back(std::move(exchange));
  for (v1::Exchange& record : records) {
    for (const std::string& run : injecting) {
      if (run != record.run()) record.add_injected_by(run);
    }
  }
  return records;
}

}  // namespace murphy::runs
