// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/exchange/digest.h"
#include "daemon/exchange/life.h"
#include "faults/action.h"

namespace murphy::exchange {

// A place in the body behind which the agent gets nothing, and whose doing that is.
struct Cut {
  Injection* injection = nullptr;
  uint64_t keep = 0;
  action::CutBody::End end = action::CutBody::End::kHonest;
};

// An answer on its way from the upstream to the agent.
struct Answer {
  explicit Answer(Life& of) : life(of) {}

  Life& life;
  bool has_body = false;
  message::Framing framing = message::Framing::kWhole;
  AnswerEdits edits;
  std::vector<Cut> cuts;

  // What has been read of the body and not been passed on, coded as it came; and that this is the
  // end of it, or why there is no more.
  std::string read;
  bool ended = false;
  std::optional<Failure> failure;
  // Where in `read` what arrived when began, for streams: (bytes, time since the head).
  std::vector<std::pair<size_t, absl::Duration>> arrivals;
  absl::Duration head_at;

  // The whole of it, decoded, where it was held.
  message::Document document;
  bool held = false;
  // A fault has edited it.
  bool edited = false;

  // It goes out part by part, decoded.
  bool in_parts = false;
  // Digests of what the agent would have got, and got.
  Digest before;
  std::optional<Digest> after;
  uint64_t sent_bytes = 0;

  const Digest& sent_digest() const { return after.has_value() ? *after : before; }
  // From here on the agent gets something else.
  void Diverge() {
    if (!after.has_value()) after = before;
  }
};

// hold.cc

// More of the body, for `read` to be set aside in or passed on from. False at its end, after a
// failure, and when the agent has left.
Leg<bool> ReadMore(Answer& answer);

// Reads the whole answer, if it fits: `document` then has it, decoded, each event with its arrival.
Leg<void> Hold(Answer& answer);

// out.cc

// The head goes out. What is observed of what the agent gets begins with it.
Leg<Next> SendHead(Answer& answer);
// More of the body, in the framing that the head has stated. Ends where a cut falls inside it.
// `part`: what the bytes are, where that is known.
Leg<Next> SendBody(Answer& answer, std::string_view bytes, const message::Part* part = nullptr);
// The body is complete.
Leg<Next> EndBody(Answer& answer);

// relay.cc

// Passes the answer on, in the way that touches it least.
Leg<Next> Relay(Answer& answer);

// stream.cc

// An answer whose parts pass the faults one by one.
Leg<Next> RelayParts(Answer& answer);

// answer_leg.cc

// From the upstream's head to the end of the exchange.
Leg<void> AnswerLeg(Life& life);

}  // namespace murphy::exchange
