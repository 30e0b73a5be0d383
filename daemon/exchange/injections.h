// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/exchange/book.h"
#include "daemon/exchange/dialogue.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::exchange {

// An injection on its way from decision to effect.
struct Injection {
  engine::Decision* decision = nullptr;
  v1::Injection record;
  // Fired or about to, and its last state is not recorded yet.
  bool open = false;
  // Something of it has reached the agent, or is among the bytes about to be written.
  bool acted = false;
  // It acts when the agent has its answer.
  bool later = false;

  const Fault& fault() const { return decision->fault(); }
  const std::string& rule() const { return decision->rule->id; }
  // Its hooks run, and nothing of them is injected: a limiter that had room.
  bool declined() const { return decision->state == v1::INJECTION_STATE_UNSPECIFIED; }
};

// What the plans have decided about one exchange, and what becomes of it.
class Injections {
 public:
  Injections(Book& book, const Dialogue& dialogue) : book_(book), dialogue_(dialogue) {}

  // Records what fires. The decisions stay where they are.
  void Begin(engine::Begun& begun);

  std::vector<Injection>& all() { return all_; }
  bool empty() const { return all_.empty(); }
  // Whether an open one needs this.
  bool Want(bool Needs::*need) const;
  Scope ScopeOf(const Injection& injection) const;

  // A wait for its group has ended, and it fires.
  void Fire(Injection& injection);
  // Its last state. Later ones are not recorded.
  void Settle(Injection& injection, v1::InjectionState state, std::string detail = {});
  // What is still open when the exchange is over. `ended_by`: rule of the fault that ended it;
  // `agent_left`, `failed`: it ended by itself.
  void SettleRest(const std::string& ended_by, bool agent_left, bool failed);

  // Rules whose injections have found nothing to change, when the answer is over. As for
  // SettleRest.
  std::vector<const scenario::Rule*> NoOps(const std::string& ended_by, bool agent_left) const;

  // Names of the faults that altered something that the agent got, or the upstream.
  std::vector<std::string> Altered() const;

 private:
  void NoteParameters(Injection& injection);

  Book& book_;
  const Dialogue& dialogue_;
  std::vector<Injection> all_;
};

}  // namespace murphy::exchange
