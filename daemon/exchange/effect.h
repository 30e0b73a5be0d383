// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/gate.h"
#include "daemon/engine/leash.h"
#include "faults/message/http.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::exchange {

// Changes to the head of a message, as faults asked for them.
struct HeadEdits {
  std::vector<std::string> remove;
  std::vector<message::Header> set;
  bool empty() const { return remove.empty() && set.empty(); }
};

// What is sent up instead of the request as it was received.
struct RequestEdits {
  HeadEdits head;
  // Nobody may encode the answer, because it will be looked at.
  bool identity = false;
  // Decoded; takes the place of the body that was read.
  std::optional<std::string> body;
};

// How the body that follows a head is told apart from what comes after it.
enum class Framed {
  kAsReceived,  // as the upstream framed it: its bytes are passed on as they travel
  kAgain,       // as the upstream said that it would; parts are framed one by one
  kLength,      // by a length that is known
  kOpen,        // its length is not known
};

struct AnswerEdits {
  HeadEdits head;
  Framed framed = Framed::kAsReceived;
  // For kLength.
  uint64_t length = 0;
  // The coding of the content has been taken off.
  bool decoded = false;
};

// A failure that no fault made.
struct Failure {
  // Status for an agent that has seen nothing yet.
  int status = 502;
  v1::Origin origin = v1::ORIGIN_UPSTREAM;
  // A sentence.
  std::string sentence;
  v1::FailureCause cause = v1::FAILURE_CAUSE_BROKEN;
};

// What a conversation asks of the way that it came by, one at a time, and in brackets the events
// that can come of it. After a Failed or AgentLeft nothing but Fail, Break or the end is asked for.
namespace effect {
// Wait until this time of the run, or until the gate is no longer to be waited at; for as long as
// the leash may hold it. Null leash: what the conversation itself waits for.
// [Elapsed, Released, AgentLeft]
struct Hold {
  absl::Duration until = absl::InfiniteDuration();
  const engine::Leash* leash = nullptr;
  const engine::Gate* gate = nullptr;
};
// The body of the request, up to so many bytes. [Body, Failed, AgentLeft]
struct ReadBody {
  size_t most = 0;
};
// Send the request up, and what is not read of its body behind it. The edits are good until the
// event. [Done, Failed, AgentLeft]
struct Forward {
  const RequestEdits* edits = nullptr;
  // It will be sent again: its body is kept.
  bool again = false;
};
// Send it up once more, for an answer that nobody gets; for as long as the leash may hold it.
// [Done, Released, Failed]
struct Transmit {
  const RequestEdits* edits = nullptr;
  const engine::Leash* leash = nullptr;
};
// The head of the answer; interim ones have been passed on. [Head, Failed, AgentLeft]
struct NextHead {};
// More of its body. [Bytes, End, Failed, AgentLeft]
struct NextBytes {};
// The head goes to the agent. [Done, AgentLeft]
struct SendHead {
  const AnswerEdits* edits = nullptr;
};
// A part of the body, framed as the head says. It may be kept until the next effect that waits.
// [Done, AgentLeft]
struct SendPart {
  std::string_view bytes;
};
// The body is complete. Everything is with the kernel. [Done, AgentLeft]
struct Finish {};
// An answer of our own. [Done, AgentLeft]
struct Author {
  const message::Response* response = nullptr;
};
// An answer of our own that says whose failure it is. [Done, AgentLeft]
struct Fail {
  const Failure* failure = nullptr;
  // In the words of the protocol; null before it is known.
  const message::Response* response = nullptr;
};
// What was sent is with the kernel; then the connection ends. [Done]
struct Break {
  enum class How { kReset, kClose };
  How how = How::kReset;
};
// The agent has its answer: what follows goes on behind its back. Only Hold and Transmit are asked
// for afterwards. [Done]
struct Background {};

// Named, because GCC 12 destroys temporaries of awaited expressions twice.
inline constexpr NextHead kNextHead;
inline constexpr NextBytes kNextBytes;
inline constexpr Finish kFinish;
inline constexpr Background kBackground;
}  // namespace effect

using Effect =
    std::variant<effect::Hold, effect::ReadBody, effect::Forward, effect::Transmit,
                 effect::NextHead, effect::NextBytes, effect::SendHead, effect::SendPart,
                 effect::Finish, effect::Author, effect::Fail, effect::Break, effect::Background>;

namespace event {
// The effect has been performed; or, first of all, the conversation begins.
struct Done {};
struct Elapsed {};
// The wait was ended before its time: why, as a sentence without its end.
struct Released {
  std::string why;
};
struct AgentLeft {};
// Good until the next effect, as all views here.
struct Body {
  std::string_view bytes;
  // It is all there.
  bool complete = false;
};
struct Head {
  message::AnswerHead head = {};
  bool has_body = false;
};
struct Bytes {
  // Inside the framing.
  std::string_view payload;
  // As they travel.
  std::string_view travelled;
  // The body ends with them.
  bool last = false;
};
// The body has ended, as its framing says.
struct End {};
struct Failed {
  Failure failure;
};
}  // namespace event

using Event = std::variant<event::Done, event::Elapsed, event::Released, event::AgentLeft,
                           event::Body, event::Head, event::Bytes, event::End, event::Failed>;

// Whether the agent is gone.
inline bool Left(const Event& event) { return std::holds_alternative<event::AgentLeft>(event); }

}  // namespace murphy::exchange
