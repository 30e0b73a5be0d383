// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/answered.h"

namespace murphy::scenario {
namespace {

v1::FinishReason ReasonOf(message::FinishReason reason) {
  switch (reason) {
    case message::FinishReason::kStop:
      return v1::FINISH_REASON_STOP;
    case message::FinishReason::kLength:
      return v1::FINISH_REASON_LENGTH;
    case message::FinishReason::kToolCalls:
      return v1::FINISH_REASON_TOOL_CALLS;
    case message::FinishReason::kFiltered:
      return v1::FINISH_REASON_FILTERED;
    case message::FinishReason::kUnknown:
      break;
  }
  return v1::FINISH_REASON_UNSPECIFIED;
}

}  // namespace

bool AnswerCondition::Matches(const UpstreamAnswer& answer) const {
  if (answer.status == 0) return false;
  if (spec_.status_size() == 2 &&
      (answer.status < spec_.status(0) || answer.status > spec_.status(1)))
    return false;
  if (spec_.has_finish_reason() && spec_.finish_reason() != ReasonOf(answer.finish)) return false;
  if (spec_.has_header()) {
    const std::string_view value = answer.headers.Find(spec_.header());
    // A header that is there may be empty: its view has an address.
    if (value.data() == nullptr) return false;
    if (!spec_.has_pointer() && !wanted_.Is(value)) return false;
  }
  if (!spec_.has_pointer()) return true;
  if (!answer.body.has_value()) return false;
  const std::optional<Value> value = ValueAt(*answer.body, spec_.pointer());
  // With a header beside it, neither has more to say than that it is there.
  return value.has_value() && (spec_.has_header() || wanted_.Is(value->text, value->number));
}

}  // namespace murphy::scenario
