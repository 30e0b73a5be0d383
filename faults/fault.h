// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "faults/action.h"
#include "faults/message/dialect.h"
#include "faults/message/document.h"
#include "faults/message/http.h"
#include "faults/rng.h"

namespace murphy {

// A fault is a pure description of what to break. Its hooks map (input, state, draw, now) to
// actions and a new state; it never sleeps, reads a clock, sees a socket or draws from a shared
// generator. `daemon/exchange` performs the actions.

// Time as faults see it. `run` is monotonic since the run began; `wall` is only for what is written
// into headers and texts.
struct Now {
  absl::Duration run;
  absl::Time wall;
};

// How far a rule has come since its phase began, without one since the run did.
struct Elapsed {
  // Exchanges of its targets before this one.
  uint64_t calls = 0;
  absl::Duration time;
};

// State of a rule in a run: shared by its exchanges, kept by the engine, touched only in Admit and
// Settle.
struct RuleState {
  virtual ~RuleState() = default;
};

// State of a fault on one exchange.
struct ExchangeState {
  virtual ~ExchangeState() = default;
};

// Order in which faults act on one exchange (design section 5, "Composition").
enum class Stage { kAdmission, kLatency, kPreCommit, kPostCommit, kBody, kStream, kTrailing };

// What a fault needs to see.
struct Needs {
  // Hold the answer until it is complete, decoded.
  bool held_answer = false;
  // See each event of a streamed answer before it is passed on, decoded.
  bool events = false;
  // The events that were passed on before the present one.
  bool sent = false;
  // Earlier successful answers of the same target and shape.
  bool history = false;
  // How long the client waits for an answer.
  bool client_timeout = false;
  // How far its rule has come.
  bool elapsed = false;
};

struct RequestInput {
  const message::Request& request;
  const message::Call& call;
  const message::Dialect& dialect;
  // Who calls; empty when unknown.
  std::string_view agent = {};
};

struct ResponseInput {
  const message::Call& call;
  const message::Dialect& dialect;
  const message::AnswerHead& head;
  // The whole answer, when it was asked for and fits the limit; else null.
  const message::Document* document = nullptr;
  // Earlier answers, latest first, when asked for.
  const std::vector<std::shared_ptr<const message::Document>>& history;
};

struct EventInput {
  const message::Call& call;
  const message::Dialect& dialect;
  // The event that has arrived and is not passed on yet: from the upstream, or from the fault
  // before this one.
  const message::Part& part;
  // Events with data, and body bytes, that this fault has passed on before it.
  uint32_t events = 0;
  uint64_t bytes = 0;
  // The last parts that this fault has passed on, oldest first, at least 64 where there were so
  // many; empty unless asked for.
  const std::vector<message::Part>& sent;
  // Events with data of the whole answer, when the answer was held.
  std::optional<uint32_t> total;
};

enum class Admission {
  kFire,      // this exchange gets the fault
  kDeclined,  // selected, but let through: not an injection, yet OnResponse is called (a limiter
              // that has room)
};

// What a rule's limiter learns when an exchange ends that it was asked about.
struct Finished {
  const message::Call& call;
  uint64_t tokens = 0;
  // What Admit had answered, and for whom.
  Admission admission = Admission::kDeclined;
  std::string_view agent = {};
};

// What one hook may know besides its input. `state` lives as long as the exchange.
struct Scope {
  ExchangeState* state = nullptr;
  const Draw& draw;
  Now now;
  // How long the client waits for an answer, when that is asked for and known.
  std::optional<absl::Duration> client_timeout = std::nullopt;
  // How far the rule had come when the exchange began, when that is asked for.
  Elapsed elapsed = {};
};

class Fault {
 public:
  virtual ~Fault() = default;

  virtual Stage stage() const = 0;
  // At most one terminal fault acts on an exchange; the others are masked.
  virtual bool terminal() const { return false; }
  virtual Needs needs() const { return {}; }

  virtual std::unique_ptr<RuleState> NewRuleState() const { return nullptr; }
  virtual std::unique_ptr<ExchangeState> NewExchangeState() const { return nullptr; }

  // Run-wide admission, in decision order. Called once for every exchange that passed the trigger.
  virtual Admission Admit(const RequestInput&, RuleState*, Scope&) const {
    return Admission::kFire;
  }
  // An exchange that Admit was asked about has ended, whatever the answer was.
  virtual void Settle(const Finished&, RuleState*, Now) const {}

  // The request has arrived; the upstream has seen nothing.
  virtual RequestActions OnRequest(const RequestInput&, Scope&) const { return {}; }
  // The answer's head (or the whole answer) has arrived; the agent has seen nothing.
  virtual AnswerActions OnResponse(const ResponseInput&, Scope&) const { return {}; }
  // An event has arrived. Actions are performed in order; then the event goes to the next fault
  // unless dropped.
  virtual EventActions OnEvent(const EventInput&, Scope&) const { return {}; }
  // The answer has ended. What was held back can be emitted, and it is the last chance to say
  // `no_op`.
  virtual EventActions OnEnd(Scope&) const { return {}; }

  // What was drawn for this exchange, as a JSON object: for the journal, and for replays.
  virtual std::string Parameters(const Scope&) const { return "{}"; }
};

}  // namespace murphy
