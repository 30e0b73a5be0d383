// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "faults/message/document.h"
#include "faults/message/http.h"

namespace murphy {

// What a fault asks for. Each leg has a type of its own, which is visited exhaustively in one place
// of `daemon/exchange`: a fault cannot ask for what its leg cannot do.
namespace action {
// Wait, then go on.
struct Delay {
  absl::Duration duration;
};
// Answer with this instead of the upstream's answer.
struct Respond {
  message::Response response;
};
// TCP RST, or the stream reset of a protocol that has one.
struct Reset {};
// A clean end of the connection without (the rest of) an answer.
struct Close {};
// Silence, then Close. Absent: until the agent leaves.
struct Hang {
  std::optional<absl::Duration> duration;
};
// Send the request `copies` times, `gap` apart, and pass on answer number `answer` (from 1).
struct ForwardCopies {
  uint32_t copies = 2;
  absl::Duration gap;
  uint32_t answer = 1;
};
// Headers of the request, or of the answer: those removed go first. Framing and hop-by-hop fields
// cannot be changed.
struct EditHead {
  std::vector<message::Header> set = {};
  std::vector<std::string> remove = {};
};
// Another body for the request, decoded. It is framed anew: `Content-Length` is right,
// `Content-Encoding` is gone. Where the body was too large to hold, it is a no-op.
struct ReplaceBody {
  std::string body;
};
// Let the upstream finish, drop its answer, and go on with the next action.
struct DiscardAnswer {};
// The held answer, edited.
struct ReplaceDocument {
  message::Document document;
};
// Keep this much of the answer's body, then end.
struct CutBody {
  enum class End {
    kHonest,  // the framing admits it
    kLying,   // the framing promises more, and the connection closes
    kReset,   // TCP RST
  };
  uint64_t keep = 0;
  End end = End::kHonest;
};
// This part goes to the next fault before the current event; alone it does not replace it.
struct Emit {
  message::Part part;
};
// The current event goes no further.
struct Drop {};
// End the stream with correct framing.
struct EndStream {};
}  // namespace action

using RequestAction =
    std::variant<action::Delay, action::Respond, action::Reset, action::Close, action::Hang,
                 action::ForwardCopies, action::EditHead, action::ReplaceBody>;
using AnswerAction =
    std::variant<action::Delay, action::Respond, action::Reset, action::Close, action::Hang,
                 action::DiscardAnswer, action::ReplaceDocument, action::EditHead, action::CutBody>;
using EventAction = std::variant<action::Delay, action::Emit, action::Drop, action::EndStream,
                                 action::Reset, action::Close>;

template <typename Action>
struct ActionsOf {
  std::vector<Action> list;
  // Why nothing was changed, when nothing was.
  std::string no_op;
};
using RequestActions = ActionsOf<RequestAction>;
using AnswerActions = ActionsOf<AnswerAction>;
using EventActions = ActionsOf<EventAction>;

// Nothing was changed, and why: what any hook may return.
struct NothingDone {
  std::string reason;
  template <typename Action>
  operator ActionsOf<Action>() && {  // NOLINT: it stands for actions of any leg
    return {{}, std::move(reason)};
  }
};
inline NothingDone NoOp(std::string_view reason) { return {std::string(reason)}; }

}  // namespace murphy
