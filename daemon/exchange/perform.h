// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/exchange/life.h"
#include "faults/action.h"

// What actions of every leg have in common, performed.
namespace murphy::exchange {

// Visits each alternative of a variant with a function of its own; one that is missing does not
// compile.
template <typename... Visitors>
struct ByCase : Visitors... {
  using Visitors::operator()...;
};

// A leg that has nothing to wait for.
inline Leg<Next> At(Next next) { co_return next; }

// Waits; until the agent leaves, when absent. Let go of before its time, the exchange goes on as if
// nothing had been planned.
Leg<Next> Wait(Life& life, Injection& injection, std::optional<absl::Duration> duration);

// Waits, then ends the connection.
Leg<Next> Hang(Life& life, Injection& injection, std::optional<absl::Duration> duration);

// Waits for the rest of a rendezvous. Then the injection fires, or is settled without having acted.
Leg<Next> WaitAtGate(Life& life, Injection& injection);

// Waits for as long after the rendezvous as its group says.
Leg<Next> WaitForTurn(Life& life, Injection& injection);

// Ends the connection.
Leg<Next> BreakOff(Life& life, Injection& injection, effect::Break::How how);

// Gives the agent this instead of the upstream's answer.
Leg<Next> Respond(Life& life, Injection& injection, const message::Response& response);

// A failure that no fault made.
Leg<Next> Fail(Life& life, Failure failure);

}  // namespace murphy::exchange
