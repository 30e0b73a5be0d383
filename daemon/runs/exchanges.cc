// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/runs/layer.h"

namespace murphy::runs {
namespace {

// Enough to tell the calls of a run apart.
constexpr size_t kDigestShown = 16;

using Readings = absl::InlinedVector<engine::Reading, 1>;

// Decisions of several plans on one exchange: by stage, then by plan; one terminal fault acts
// (design section 5).
void Compose(std::vector<engine::Decision>& decisions) {
  std::stable_sort(decisions.begin(), decisions.end(), [](const auto& a, const auto& b) {
    return a.fault().stage() < b.fault().stage();
  });
  const engine::Decision* acting = nullptr;
  for (engine::Decision& decision : decisions) {
    if (!engine::Acts(decision.state) || !decision.fault().terminal()) continue;
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

bool Run::MayAct(const scenario::Subject& subject) const {
  const std::shared_ptr<const Layers> asked = layers();
  return std::any_of(asked->begin(), asked->end(), [&](const std::shared_ptr<Layer>& layer) {
    return !layer->plan->RulesFor(subject, layer->plan->TargetsOf(subject)).empty();
  });
}

engine::Begun Run::Begin(const engine::Arrival& arrival) {
  engine::Begun begun;
  After after;
  std::shared_ptr<const Layers> asked = layers();
  while (true) {
    // Each plan reads the exchange before the run is asked: a body can be large.
    Readings readings;
    for (const std::shared_ptr<Layer>& layer : *asked) {
      readings.emplace_back(*layer->plan, arrival, layer->viewer);
      readings.back().LookIntoContent();
    }
    const engine::Marks marks =
        engine::MarksOf(arrival.request, arrival.call, {readings.data(), readings.size()});
    for (const uint64_t sequence : presences_.TakeGone(marks.digest)) Gone(sequence);
    const Now time = now();
    std::lock_guard lock(mutex_);
    // Something was armed or disarmed meanwhile.
    if (asked != layers_) {
      asked = layers_;
      continue;
    }
    begun = Decide(arrival, marks, {readings.data(), readings.size()}, time);
    if (!arrival.call.unclassified) begun.request_digest = marks.digest.substr(0, kDigestShown);
    if (arrival.presence != nullptr)
      presences_.Add(marks.digest, begun.sequence, arrival.presence);
    after = AfterEvent();
    break;
  }
  Tell(std::move(after));
  return begun;
}

engine::Begun Run::Decide(const engine::Arrival& arrival, const engine::Marks& marks,
                          std::span<engine::Reading> readings, Now time) {
  last_ = std::max(last_, time.run);
  const uint64_t sequence = ++sequence_;
  const engine::Identity identity = recogniser_.Begin({.request = arrival.request,
                                                       .call = arrival.call,
                                                       .marks = marks,
                                                       .agent = arrival.agent,
                                                       .sequence = sequence,
                                                       .at = last_},
                                                      readings);
  auto open = std::make_unique<Open>();
  open->layers = layers_;
  open->operation = identity.operation;
  engine::Begun begun = engine::Introduce(identity, readings.empty() ? nullptr : &readings.front());
  begun.sequence = sequence;
  Ask(arrival, identity, readings, time, *open, begun);
  for (engine::Decision& decision : begun.decisions) {
    if (decision.state != v1::INJECTION_STATE_UNSPECIFIED) decision.injection = ++injections_;
    if (decision.shadow && decision.gate != nullptr)
      waiting_.push_back({decision.injection, decision.gate, std::nullopt});
  }
  if (has_guests_) GiveToGuests(begun, *open);
  open_.emplace(sequence, std::move(open));
  return begun;
}

void Run::Ask(const engine::Arrival& arrival, const engine::Identity& identity,
              std::span<engine::Reading> readings, Now time, Open& open, engine::Begun& begun) {
  bool holds = false;
  for (size_t i = 0; i < layers_->size(); ++i) {
    Layer& layer = *(*layers_)[i];
    engine::Ruling ruling = layer.decider.Begin(arrival, identity, readings[i], time);
    holds = holds || ruling.held;
    const scenario::Plan& plan = layer.decider.plan();
    begun.keeps_answer = begun.keeps_answer || plan.wants_history();
    begun.waits_for_answer = begun.waits_for_answer || plan.waits_for_answers();
    begun.reads_answer = begun.reads_answer || plan.reads_answers();
    for (engine::Decision& decision : ruling.decisions) {
      decision.leash = layer.leash;
      decision.one_off = layer.is_fault();
      if (engine::Acts(decision.state)) ++layer.armed.fired;
    }
    ++layer.open;
    Open::Part& part = open.parts.emplace_back();
    part.sequence = ruling.sequence;
    if (layer.guest != nullptr) {
      const engine::Begun own = engine::Introduce(identity, &readings[i]);
      part.meeting = std::make_unique<Meeting>(Meeting{own.targets, own.fallback_of, {}});
    }
    if (begun.decisions.empty()) {
      begun.decisions = std::move(ruling.decisions);
    } else {
      std::move(ruling.decisions.begin(), ruling.decisions.end(),
                std::back_inserter(begun.decisions));
    }
  }
  if (holds) recogniser_.Hold(identity.operation);
  if (layers_->size() < 2) return;
  Compose(begun.decisions);
  open.faulted = std::any_of(
      begun.decisions.begin(), begun.decisions.end(),
      [](const auto& decision) { return engine::Acts(decision.state) && !decision.shadow; });
}

void Run::Concludes(uint64_t sequence, const engine::Ending& ending, Now time) {
  const auto found = open_.find(sequence);
  if (found == open_.end() || found->second->concluded) return;
  Open& open = *found->second;
  open.concluded = true;
  recogniser_.End(open.operation, sequence, engine::ResultOf(ending));
  engine::Ending seen = ending;
  seen.faulted = open.faulted;
  for (size_t i = 0; i < open.parts.size(); ++i) {
    Layer& layer = *(*open.layers)[i];
    // Nobody asks any more what a fault that is gone has counted.
    if (layer.gone && layer.guest == nullptr) continue;
    auto input = layer.decider.Finish(open.parts[i].sequence, seen, time);
    if (!layer.record.empty()) open.parts[i].input = std::move(input);
  }
}

void Run::Conclude(uint64_t sequence, const engine::Ending& ending) {
  const Now time = now();
  After after;
  {
    std::lock_guard lock(mutex_);
    Concludes(sequence, ending, time);
    after = AfterEvent();
  }
  Tell(std::move(after));
}

void Run::Gone(uint64_t sequence) {
  std::lock_guard lock(mutex_);
  const auto open = open_.find(sequence);
  if (open != open_.end()) recogniser_.Leave(open->second->operation, sequence);
}

void Run::End(v1::Exchange exchange, const engine::Ending& ending) {
  const Now time = now();
  const uint64_t sequence = exchange.sequence();
  exchange.set_run(spec_.id);
  After after;
  std::vector<v1::Exchange> records;
  {
    std::lock_guard lock(mutex_);
    Concludes(sequence, ending, time);
    after = AfterEvent();
    const auto open = open_.find(sequence);
    if (open != open_.end()) {
      records = RecordsOf(std::move(exchange), *open->second);
    } else {
      records.push_back(std::move(exchange));
    }
  }
  presences_.Remove(sequence);
  Tell(std::move(after));
  for (v1::Exchange& record : records) {
    v1::Event event;
    *event.mutable_exchange() = std::move(record);
    Append(std::move(event));
  }
  std::lock_guard lock(mutex_);
  const auto open = open_.find(sequence);
  if (open == open_.end()) return;
  for (const std::shared_ptr<Layer>& layer : *open->second->layers) --layer->open;
  open_.erase(open);
  if (!open_.empty()) return;
  idle_.notify_all();
  has_guests_ = std::any_of(layers_->begin(), layers_->end(),
                            [](const auto& layer) { return layer->guest != nullptr; });
}

bool Run::Record(v1::Injection injection) {
  v1::Event event;
  *event.mutable_injection() = std::move(injection);
  event.mutable_injection()->set_run(spec_.id);
  if (has_guests_ || spec_.arm == v1::ARM_SHADOW) {
    std::lock_guard lock(mutex_);
    if (KeepsForLater(event.injection())) return true;
    GiveToGuest(*event.mutable_injection());
  }
  return Append(std::move(event));
}

bool Run::Append(v1::Event event) {
  if (journal_.Append(std::move(event))) return true;
  const std::string why = journal_.failure();
  Note(why.empty() ? "The journal's queue was full: something of this run was not recorded."
                   : fmt::format("Something of this run was not recorded: {}", why));
  return false;
}

void Run::Note(const std::string& lost) {
  std::lock_guard lock(mutex_);
  if (integrity_.empty()) integrity_ = lost;
  for (const std::shared_ptr<Layer>& layer : *layers_) {
    if (layer->guest != nullptr && layer->guest->lost.empty()) layer->guest->lost = lost;
  }
}

}  // namespace murphy::runs
