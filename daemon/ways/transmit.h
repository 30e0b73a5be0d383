// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "daemon/exchange/effect.h"
#include "daemon/wire/upstream_call.h"

namespace murphy::ways {

// One more transmission of a request.
struct Copy {
  runs::Run& run;
  const runs::Route& route;
  std::string_view head;
  std::string_view body;
  // There is no body in the answer (HEAD).
  bool bodiless = false;
  const engine::Leash* leash = nullptr;
};

// Sends it, and drops the answer: Done, Failed, or Released when whatever holds it was let go of.
wire::Task<exchange::Event> Transmit(wire::Vigil& vigil, Copy copy);

}  // namespace murphy::ways
