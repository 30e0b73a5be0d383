// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/fault.h"
#include "tests/support/fake_dialect.h"

namespace murphy::test {

// What a fault did, as text: `Delay 2s`, `Reset after 10`, `Emit ": x\n\n"`, `no_op: why`.
using Transcript = std::vector<std::string>;

// What came of a whole answer.
struct Played {
  // Actions of all hooks, in order.
  Transcript actions;
  // Bytes that the agent got.
  std::string bytes;
  // Why nothing was changed; empty when something was.
  std::string no_op;
};

// One rule of one fault, driven as the daemon drives it, without sockets and without waiting.
// Fields may be changed between calls.
class FaultScript {
 public:
  // `fault` in protobuf text form, as `cut_stream { how: CUT_MODE_RESET }`.
  explicit FaultScript(std::string_view fault, uint64_t seed = 1);

  // A new exchange of the same rule: fresh exchange state, another address.
  void NextExchange();

  Admission Admit();
  Transcript Request();
  // Ends the exchange for the rule's limiter.
  void Settle(Admission admission, uint64_t tokens = 0);

  // The upstream answers with a plain body, or with events, each written out with its framing.
  Played Answer(std::string body, int status = 200);
  Played Stream(const std::vector<std::string>& events);

  std::string Parameters() const;
  const Fault& fault() const { return *fault_; }

  FakeDialect dialect;
  message::Call call;
  message::Request request;
  std::string agent = "agent";
  absl::Duration now;
  std::vector<std::string> history;
  // Nullopt: not known.
  std::optional<absl::Duration> client_timeout;
  // How far its rule has come.
  Elapsed elapsed;
  // The answer was too large to hold.
  bool too_large = false;

 private:
  Scope MakeScope() const;
  Played Play(message::Document document, int status);

  std::unique_ptr<const Fault> fault_;
  uint64_t seed_;
  uint64_t exchanges_ = 0;
  std::unique_ptr<RuleState> rule_state_;
  std::unique_ptr<ExchangeState> exchange_state_;
  std::unique_ptr<Draw> draw_;
};

// One event of a stream: `data: DATA`.
std::string Event(std::string_view data);

}  // namespace murphy::test
