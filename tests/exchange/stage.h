// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/engine/decider.h"
#include "daemon/engine/recogniser.h"
#include "daemon/exchange/conversation.h"

namespace murphy::exchange {

// One rule of a plan, in protobuf's text format, and what the agent asks.
struct Scene {
  // Of the scenario: `rule { … }`.
  std::string rules;
  message::Request request = {.method = "POST",
                              .path = "/v1/chat/completions",
                              .headers = {{"Content-Type", "application/json"}},
                              .body = R"({"model":"gpt-4o","messages":[]})"};
  std::string provider = "openai";
  // What the upstream answers: pieces arrive one by one.
  message::AnswerHead head = {.status = 200, .headers = {{"Content-Type", "application/json"}}};
  std::vector<std::string> body = {R"({"choices":[]})"};
  // Bytes that all bodies may take together.
  uint64_t room = 1 << 30;
};

// What goes wrong, when the n-th effect is asked for (from 0).
struct Trouble {
  enum class Kind { kNone, kFailed, kAgentLeft, kReleased };
  size_t at = 0;
  Kind kind = Kind::kNone;
};

// What came of a conversation.
struct Played {
  // `<<` each effect, in order.
  std::vector<std::string> effects;
  // What the agent got of the body, and what the upstream got.
  std::string agent;
  std::vector<std::string> upstream;
  // The effects that trouble can meet, by what can meet them.
  std::vector<Trouble> troubles;
  // Records: the exchange, and each injection as it was last recorded.
  std::optional<v1::Exchange> exchange;
  std::map<uint64_t, v1::Injection> injections;
  // What the engine was told of the end, and how often each call to the book was made.
  engine::Ending ending;
  int begun = 0;
  int concluded = 0;
  int ended = 0;
};

// Plays a conversation to its end, without a socket and without waiting: time jumps over holds.
Played Play(const Scene& scene, const Trouble& trouble = {});

}  // namespace murphy::exchange
