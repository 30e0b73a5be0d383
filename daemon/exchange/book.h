// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/engine/decision.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::exchange {

// What a conversation asks of the run that it belongs to: who it is, what happens to it; and what
// it has to put on record.
//
// Threads: any; no call waits for more than one step of the engine.
class Book {
 public:
  virtual ~Book() = default;

  // Addresses an exchange and decides what happens to it. Every Begin is followed by one End.
  virtual engine::Begun Begin(const engine::Arrival& arrival) = 0;
  // Queues the state of an injection for the journal. False: nothing is recorded, and the injection
  // must not act.
  virtual bool Record(v1::Injection injection) = 0;
  // Tells the engine how an exchange ends, before the agent can see the end.
  virtual void Conclude(uint64_t sequence, const engine::Ending& ending) = 0;
  // The exchange is over, and is journalled. Concludes it, if that has not been done.
  virtual void End(v1::Exchange exchange, const engine::Ending& ending) = 0;
  // A gate that an exchange waited at has reached its deadline.
  virtual void Expire(const engine::Gate& gate) = 0;
  // A nonce that a fault has planted; those that a text carries.
  virtual void AddCanary(const std::string& canary) = 0;
  virtual std::vector<std::string> CanariesIn(std::string_view text) const = 0;
  // US dollars; nothing where the model's price is not known.
  virtual std::optional<double> Cost(std::string_view model, uint64_t input_tokens,
                                     uint64_t output_tokens) const = 0;
};

}  // namespace murphy::exchange
