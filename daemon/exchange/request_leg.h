// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/exchange/life.h"

namespace murphy::exchange {

// What the faults made of the request.
struct Outgoing {
  RequestEdits edits;
  // How often it is sent, and which of the answers the agent gets.
  action::ForwardCopies copies{.copies = 1};
  Injection* copier = nullptr;
};

// Before the upstream has seen anything: the faults are asked, in the order in which they act.
Leg<Next> RequestLeg(Life& life, Outgoing& outgoing);

// Hands the request over, copies before it included.
Leg<Next> Forward(Life& life, Outgoing& outgoing);

// The copies after the one whose answer the agent got.
Leg<void> SendLateCopies(Life& life, Outgoing& outgoing);

}  // namespace murphy::exchange
