// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "faults/message/dialect.h"
#include "faults/message/document.h"
#include "faults/message/http.h"
#include "faults/rng.h"

namespace murphy {

// A fault is a pure description of what to break. Its hooks map (input, state, draw, now) to
// actions and a new state; it never sleeps, reads a clock, sees a socket or draws from a shared
// generator. `daemon/proxy/apply` performs the actions.

// Time as faults see it. `run` is monotonic since the run began; `wall` is only for what is written
// into headers and texts.
struct Now {
  absl::Duration run;
  absl::Time wall;
};

namespace action {
struct Delay {
  absl::Duration duration;
};
// Answer with this instead of the upstream's answer.
struct Respond {
  message::Response response;
};
// TCP RST. In a response: after `after_bytes` of its body.
struct Reset {
  uint64_t after_bytes = 0;
};
// TCP FIN without (the rest of) an answer.
struct Close {};
// Silence, then Close. Absent: until the agent leaves.
struct Hang {
  std::optional<absl::Duration> duration;
};
// Send the request `copies` times, `gap` apart, and pass on answer number `answer` (from 1).
struct ForwardCopies {
  uint32_t copies = 2;
  absl::Duration gap;
  uint32_t answer = 1;
};
// Let the upstream finish, drop its answer, and go on with the next action.
struct DiscardResponse {};
// The held answer, edited.
struct ReplaceDocument {
  message::Document document;
};
// Set these headers on the answer.
struct SetHeaders {
  std::vector<message::Header> headers;
};
// Keep this much of the body; `honest` framing admits it.
struct CutBody {
  uint64_t keep = 0;
  bool honest = true;
};
// Bytes to the agent before the current event; alone they do not replace it.
struct Emit {
  std::string bytes;
};
// Nothing of the current event.
struct Drop {};
// End the stream with correct framing.
struct EndStream {};
// Call OnTimer after this time, while the exchange lasts.
struct SetTimer {
  absl::Duration after;
};
}  // namespace action

using Action = std::variant<action::Delay, action::Respond, action::Reset, action::Close,
                            action::Hang, action::ForwardCopies, action::DiscardResponse,
                            action::ReplaceDocument, action::SetHeaders, action::CutBody,
                            action::Emit, action::Drop, action::EndStream, action::SetTimer>;

struct Actions {
  std::vector<Action> list;
  // Why nothing was changed, when nothing was.
  std::string no_op;
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

// What a fault needs the proxy to do.
struct Needs {
  // Hold the answer until it is complete, decoded.
  bool held_answer = false;
  // See each event of a streamed answer before it is passed on, decoded.
  bool events = false;
  // Earlier successful answers of the same target and shape.
  bool history = false;
  // How long the client waits for an answer.
  bool client_timeout = false;
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
  // Head of the answer; its body is empty.
  const message::Response& head;
  // The whole answer, when it was asked for and fits the limit; else null.
  const message::Document* document = nullptr;
  // Earlier answers, latest first, when asked for.
  const std::vector<std::shared_ptr<const message::Document>>& history;
};

struct EventInput {
  const message::Call& call;
  const message::Dialect& dialect;
  // The event that has arrived and is not passed on yet.
  const message::Part& part;
  // Events and body bytes passed on before it.
  uint32_t events = 0;
  uint64_t bytes = 0;
  // The last parts passed on, oldest first, at most 64: for errors that continue a numbering.
  const std::vector<message::Part>& sent;
  // Number of events of the whole answer, when the answer was held.
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

  // A connection of the agent's was accepted on a listener of the run's own.
  virtual Actions OnConnect(Scope&) const { return {}; }
  // The request has arrived; the upstream has seen nothing.
  virtual Actions OnRequest(const RequestInput&, Scope&) const { return {}; }
  // The answer's head (or the whole answer) has arrived; the agent has seen nothing.
  virtual Actions OnResponse(const ResponseInput&, Scope&) const { return {}; }
  // An event has arrived. Actions are performed in order; then the event is passed on unless
  // dropped.
  virtual Actions OnEvent(const EventInput&, Scope&) const { return {}; }
  // A timer that was set has run out.
  virtual Actions OnTimer(Scope&) const { return {}; }
  // The answer has ended. The last chance to say `no_op`.
  virtual Actions OnEnd(Scope&) const { return {}; }

  // What was drawn for this exchange, as a JSON object: for the journal, and for replays.
  virtual std::string Parameters(const Scope&) const { return "{}"; }
};

}  // namespace murphy
