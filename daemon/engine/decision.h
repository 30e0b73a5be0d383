// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/engine/gate.h"
#include "daemon/engine/leash.h"
#include "daemon/engine/presence.h"
#include "daemon/scenario/plan.h"
#include "faults/fault.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::engine {

// An exchange begins: its request has been read and classified.
struct Arrival {
  const message::Request& request;
  const message::Call& call;
  const message::Dialect& dialect;
  std::string_view route;
  std::string_view agent;
  // A tool is called with a planted instruction of the run's.
  bool canary = false;
  // Host of the upstream; empty when unknown.
  std::string_view upstream;
  // Null where nobody can tell.
  std::shared_ptr<Presence> presence = nullptr;
};

// One rule's decision on one exchange.
struct Decision {
  // Number of the injection within the run, from 1; 0 when declined.
  uint64_t injection = 0;
  const scenario::Rule* rule = nullptr;
  // Which of the rule's faults.
  const scenario::Variant* variant = nullptr;
  // Name of the rule's target that the exchange is of; empty for a rule without.
  std::string_view target;
  // FIRED; MATCHED, when it waits at `gate` and fires if that opens; WOULD_FIRE in shadow; MASKED
  // with a reason; UNSPECIFIED when declined (see Admission::kDeclined): hooks run, nothing is
  // injected.
  v1::InjectionState state = v1::INJECTION_STATE_UNSPECIFIED;
  std::string detail;
  std::unique_ptr<ExchangeState> exchange_state;
  Draw draw;
  // How long after it fires its hooks run.
  absl::Duration offset = absl::ZeroDuration();
  std::vector<std::shared_ptr<const message::Document>> history;
  // Where the fault asks for it and it is known.
  std::optional<absl::Duration> client_timeout;
  // Where the fault asks for it: how far its rule had come.
  Elapsed elapsed;
  // On which what it holds is held: null for as long as it takes.
  std::shared_ptr<const Leash> leash;
  // Null, or what the exchange waits at before this decision's hooks run.
  std::shared_ptr<const Gate> gate;
  // Nothing of it may act: no hook runs.
  bool shadow = false;
  // In shadow: an earlier exchange would have been injected.
  bool approximate = false;
  // Of a one-off fault; and masked by another plan's. Both are for whoever asks several machines.
  bool one_off = false;
  bool outranked = false;

  const Fault& fault() const { return *variant->fault; }
};

// A decision in this state takes, or would take, its exchange's one place for a terminal fault.
bool Acts(v1::InjectionState state);

// Who an exchange is, and what happens to it.
struct Begun {
  uint64_t sequence = 0;
  uint64_t operation = 0;
  uint32_t attempt = 1;
  v1::AttemptLayer layer = v1::ATTEMPT_LAYER_UNSPECIFIED;
  // Canonical address, attempt included.
  std::string address;
  std::vector<std::string> targets;
  // Same digest as an operation that had already succeeded (rule A4).
  bool repeat = false;
  // Address, without attempt, of the operation that this one replaces (rule A6).
  std::string fallback_of;
  // Address, without attempt, of the operation whose arguments this one changes (rule A5), and how
  // many times they have been changed; 0 for none.
  std::string revision_of;
  uint32_t revision = 0;
  // SHA-256 of the idempotency key; empty without one.
  std::string idempotency_digest;
  // Equal for exchanges that say the same; empty where that is not known.
  std::string request_digest;
  // Somebody may want a successful answer again.
  bool keeps_answer = false;
  // Some plan waits for what upstreams answer; and for what their JSON says.
  bool waits_for_answer = false;
  bool reads_answer = false;
  // In the order in which they act (design section 5, "Composition").
  std::vector<Decision> decisions;
};

// How an exchange ended.
struct Ending {
  v1::EndState end = v1::END_STATE_COMPLETE;
  // The answer said that the call failed, or there was none.
  bool failed = false;
  // Status that the agent saw; 0 for none.
  uint32_t status = 0;
  uint64_t tokens = 0;
  // US dollars, where the model's price is known.
  double cost = 0;
  // What the agent got: bytes of the body, and events where it is a stream.
  uint64_t bytes = 0;
  uint32_t events = 0;
  // A model's answer repeats a planted instruction of the run's.
  bool canary = false;
  // A fault of another plan acted on it: what failed, or took long, did not so by itself.
  bool faulted = false;
  // Rules, of any plan, that fired on it and found nothing to change.
  std::vector<const scenario::Rule*> no_ops;
  // What the upstream answered; null when it did not, or nobody asked. A record has instead which
  // conditions it met, by their places in Plan::ons.
  std::shared_ptr<scenario::UpstreamAnswer> upstream;
  std::vector<uint32_t> answered;
  // A successful answer as the upstream gave it, for `stale_*`; null when too large or not wanted.
  std::shared_ptr<const message::Document> answer;
};

}  // namespace murphy::engine
