// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "daemon/engine/likeness.h"
#include "daemon/engine/marks.h"
#include "daemon/engine/reading.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::engine {

// An exchange, as far as it matters for telling which operation it belongs to.
struct Transmission {
  const message::Request& request;
  const message::Call& call;
  const Marks& marks;
  std::string_view agent;
  uint64_t sequence = 0;
  absl::Duration at;
};

// Which operation an exchange belongs to.
struct Identity {
  uint64_t operation = 0;
  uint32_t attempt = 1;
  v1::AttemptLayer layer = v1::ATTEMPT_LAYER_UNSPECIFIED;
  // With attempt.
  std::string address;
  bool repeat = false;
  // Without attempt; the operation whose arguments this one changes. `revision` counts from 1.
  std::string revision_of;
  uint32_t revision = 0;
  // The operation that it is a revision of, at first; else the operation itself.
  uint64_t intent = 0;
  std::string idempotency_digest;
};

// How an operation's latest attempt ended.
enum class Result {
  kSuccess,
  // The answer finds fault with the call itself.
  kRefused,
  kFailed,
  // There was no whole answer: nobody knows whether it took effect.
  kUnknown,
};

Result ResultOf(const Ending& ending);

// The logical calls of a run: tells an attempt from a new operation, and gives each its address,
// once for all plans that look at the run. An attempt never renumbers anything. First rule that
// holds, for the same agent and call name:
//   A1  a client's retry header above 0, same digest                attempt, by the SDK
//   A2  same idempotency key as an operation not yet successful     attempt
//   A3  same digest, and its latest attempt failed                  attempt, by the application
//   A4  same digest after a success                                 new operation, a repeat
//   A5  a tool's arguments, much like those of a recent failure     revision: keeps the ordinal
//   A6  the declared fallback of a failed operation                 new operation, a fallback
//   A7  anything else                                               new operation
// A5 needs a sign that somebody thought about the failure, so that calls made in parallel stay what
// they are: the agent has asked a model since; or, of an agent that asks none here, the answer
// found fault with the call itself. An attempt that is still open counts as failed when its agent
// is gone; or when a terminal fault holds it and the same request comes again after kPatience: the
// client has given up, and its disconnect is on the way. Before that, it is a parallel call. What a
// plan declares (idempotency keys, fallbacks, roles) counts for that plan's view; the idempotency
// key is the first that any of them finds.
class Recogniser {
 public:
  static constexpr size_t kRemembered = 100'000;
  static constexpr size_t kWindow = 6;
  static constexpr double kAlike = 0.6;
  static constexpr absl::Duration kPatience = absl::Milliseconds(100);

  explicit Recogniser(size_t remembered = kRemembered) : remembered_(remembered) {}

  // An exchange begins. Each reading learns what its plan makes of its agent's way here.
  Identity Begin(const Transmission& transmission, std::span<Reading> readings);
  // A terminal fault acts on the operation's latest attempt.
  void Hold(uint64_t operation);
  // The agent of the operation's attempt with this number has gone; its end is on the way.
  void Leave(uint64_t operation, uint64_t sequence);
  void End(uint64_t operation, uint64_t sequence, Result result);

 private:
  enum class Standing { kOpen, kFailed, kSucceeded };
  using Ids = absl::InlinedVector<uint64_t, 2>;
  // Operations that are found under one digest or idempotency key.
  using Entry = std::pair<const std::string, Ids>;

  // One of an agent's last operations; with a sketch of it while a revision may come.
  struct Recent {
    uint64_t operation = 0;
    bool sketched = false;
    v1::TargetKind kind = v1::TARGET_KIND_UNSPECIFIED;
    std::string name;
    Likeness likeness;
  };
  struct Agent {
    // Latest first; the first `count` of them.
    std::array<Recent, kWindow> recent;
    size_t count = 0;
    // Its latest call to a model.
    uint64_t decision = 0;
  };
  struct Operation {
    uint64_t id = 0;
    // Without attempt.
    std::string address;
    // By viewer: the targets of its plan that the operation belongs to.
    absl::InlinedVector<std::pair<uint32_t, uint32_t>, 2> targets;
    // Digests first, idempotency keys behind.
    absl::InlinedVector<Entry*, 2> entries;
    // Null beyond those that are remembered.
    Agent* agent = nullptr;
    Standing standing = Standing::kOpen;
    bool held = false;
    bool gone = false;
    bool repeat = false;
    bool of_model = false;
    Result result = Result::kSuccess;
    // The last exchange that had begun when it failed.
    uint64_t over = 0;
    // Its declared fallback, or a revision, has succeeded.
    bool replaced = false;
    uint32_t attempts = 0;
    uint64_t latest = 0;
    absl::Duration begun;
    uint64_t fallback_of = 0;
    // By viewer: address of the operation that this one is the declared fallback for.
    std::vector<std::pair<uint32_t, std::string>> fallbacks;
    uint64_t revision_of = 0;
    std::string revision_address;
    // The first of its revisions, which all are numbered after, and its address where that is
    // another one's.
    uint64_t root = 0;
    std::string root_address;
    uint32_t revision = 0;
    uint32_t revisions = 0;
  };

  static bool GivenUp(const Operation& operation, absl::Duration now);
  Entry* Found(char kind, const Transmission& transmission, std::string_view value);
  Operation* At(uint64_t id);
  Operation* Retried(const Ids& ids, uint32_t retry, absl::Duration now);
  Operation* Repeated(const Transmission& transmission, const Entry* digest, const Entry* key,
                      v1::AttemptLayer& layer);
  Operation& Add(const Transmission& transmission, const Entry* digest,
                 std::span<Reading> readings);
  Agent* AgentOf(std::string_view name);
  static bool MayBeRevised(const message::Call& call);
  Operation* Revised(const message::Call& call, const Agent& agent);
  void Revise(Operation& operation, const Operation& failed);
  void Supersede(const Operation& operation);
  static std::vector<uint32_t> TargetsOf(const Operation& operation, uint32_t viewer);
  static bool IsEffectful(const Operation& operation, const Reading& reading);
  void LinkFallback(Operation& operation, absl::Duration now, Reading& reading);
  void NoteOtherWays(const Agent* agent, absl::Duration now, Reading& reading);
  static void Register(Operation& operation, Entry* entry);
  void Touch(Agent& agent, const Transmission& transmission, uint64_t operation);
  static void Unsketch(const Operation& operation);
  uint64_t NextOrdinal(const std::string& prefix);
  void Forget(const Entry* digest, const Entry* key);
  void Drop(Entry* entry);

  const size_t remembered_;
  uint64_t last_ = 0;
  absl::node_hash_map<uint64_t, Operation> operations_;
  // Oldest first.
  std::deque<uint64_t> order_;
  absl::node_hash_map<std::string, Ids> entries_;
  absl::flat_hash_map<std::string, uint64_t> ordinals_;
  absl::node_hash_map<std::string, Agent> agents_;
  // Where keys are put together.
  std::string key_;
  // Number of the last exchange that has begun.
  uint64_t begun_ = 0;
};

}  // namespace murphy::engine
