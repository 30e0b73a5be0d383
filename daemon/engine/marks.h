// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "daemon/engine/reading.h"

namespace murphy::engine {

// What an exchange is recognised by, besides who calls what. Found without the run's mutex: a body
// can be large.
struct Marks {
  // Of what the request says; empty when unknown.
  std::string digest;
  // SHA-256, in hex, of its idempotency key; empty without one.
  std::string idempotency;
};

// The idempotency key is the first that the exchange carries where one of its targets, by any plan,
// says (`header:NAME` or `json:POINTER`; the pointer leads into the arguments of a tool call, or
// else into the body). A key in a document is no part of what the request says: a client that draws
// a new one for each attempt still says the same. So is what a target names in `ignore`.
Marks MarksOf(const message::Request& request, const message::Call& call,
              std::span<const Reading> readings);

}  // namespace murphy::engine
