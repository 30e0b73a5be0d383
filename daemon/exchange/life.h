// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/exchange/book.h"
#include "daemon/exchange/dialogue.h"
#include "daemon/exchange/held.h"
#include "daemon/exchange/injections.h"
#include "daemon/exchange/observer.h"

namespace murphy::exchange {

// What a conversation is about, as its way in knows it.
struct Subject {
  // Head of the request; the body is asked for.
  message::Request request;
  // Name, provider and host of where it leads.
  std::string route;
  std::string provider;
  std::string host;
  // When it arrived.
  Now arrived;
  // There can be no body in the answer (HEAD).
  bool bodiless = false;
  // Whether the agent is still there; null where nobody can tell.
  std::shared_ptr<engine::Presence> presence;
  // Bytes of one body that may be held, and of all.
  size_t most_held = 8 << 20;
  HeldLimit* held = nullptr;
  Book* book = nullptr;
};

// Whether an exchange goes on after something was done.
enum class Next { kGoOn, kEnded };

// What the legs of one exchange share.
struct Life {
  explicit Life(Subject given)
      : subject(std::move(given)), injections(*subject.book, talk), share(*subject.held) {}

  auto Do(Effect effect) { return talk.Do(std::move(effect)); }

  Dialogue talk;
  Subject subject;
  const message::Dialect* dialect = nullptr;
  message::Call call;
  engine::Begun begun;
  Injections injections;
  // Bodies that are held for it.
  HeldShare share;
  v1::Exchange record;
  engine::Ending ending;
  // The engine knows how it ended.
  bool concluded = false;
  // The agent has seen the head of an answer.
  bool answering = false;
  bool agent_left = false;
  // A terminal fault has ended it: its rule.
  std::string ended_by;

  // What the upstream said, and what the agent got where that differs.
  message::AnswerHead head;
  std::optional<Observer> upstream;
  std::optional<Observer> sent;
};

// Who it is, and what happens to it: told to the engine, and noted in the record.
void Begin(Life& life);

// How it ends is known, and the agent has not seen it yet: what is decided next builds on it.
void Conclude(Life& life, v1::EndState end);

// It is over. Goes to the journal.
void Finish(Life& life);

// The agent is gone.
Next AgentGone(Life& life);

}  // namespace murphy::exchange
