// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "daemon/exchange/life.h"

namespace murphy::exchange {

// The life of one exchange of an observed run: read, addressed, decided, broken where a fault says
// so, and recorded. It says what is to be done next, and is told what came of it; nothing in it
// knows a socket, a clock or a thread.
//
// One thread at a time. Destroyed in the middle, it leaves its exchange open in the book: drive it
// to its end.
class Conversation {
 public:
  explicit Conversation(Subject subject);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Begins with event::Done. The effect is good until the next call; null: it is over.
  const Effect* Resume(Event event, Now now) { return life_.talk.Resume(std::move(event), now); }
  // Bytes of the request's body that have come so far.
  void NoteRequestBytes(uint64_t bytes) { life_.record.set_request_bytes(bytes); }

 private:
  static Leg<void> Live(Life& life);

  Life life_;
  Leg<void> root_;
};

}  // namespace murphy::exchange
