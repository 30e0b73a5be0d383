// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>

#include "daemon/scenario/value.h"
#include "faults/message/answer.h"
#include "faults/message/http.h"
#include "murphy/v1/trigger.pb.h"

namespace murphy::scenario {

// What an upstream answered, as far as conditions look at it.
struct UpstreamAnswer {
  // 0: it has not answered.
  uint32_t status = 0;
  message::Headers headers;
  // Where it is whole, JSON and asked for.
  std::optional<boost::json::value> body;
  message::FinishReason finish = message::FinishReason::kUnknown;
};

// A v1::Answered, compiled; free of mistakes.
class AnswerCondition {
 public:
  explicit AnswerCondition(const v1::Answered& spec) : spec_(spec), wanted_(spec) {}

  bool Matches(const UpstreamAnswer& answer) const;

 private:
  v1::Answered spec_;
  WantedValue wanted_;
};

}  // namespace murphy::scenario
