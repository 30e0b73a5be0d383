// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "daemon/engine/likeness.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::engine {

// An exchange, as far as it matters for telling which operation it belongs to.
struct Transmission {
  const message::Request& request;
  const message::Call& call;
  std::string_view agent;
  // The scenario's targets that it belongs to.
  const std::vector<uint32_t>& targets;
  uint64_t sequence = 0;
  absl::Duration at;
};

// A way in which an agent deals with a failure.
struct Recovery {
  v1::RecoveryKind kind = v1::RECOVERY_KIND_UNSPECIFIED;
  // Targets of what had failed.
  std::vector<uint32_t> of;
};

// Which operation an exchange belongs to.
struct Identity {
  uint64_t operation = 0;
  uint32_t attempt = 1;
  v1::AttemptLayer layer = v1::ATTEMPT_LAYER_UNSPECIFIED;
  // With attempt.
  std::string address;
  bool repeat = false;
  // Without attempt.
  std::string fallback_of;
  // Without attempt; the operation whose arguments this one changes. `revision` counts from 1.
  std::string revision_of;
  uint32_t revision = 0;
  // The operation that it is a revision of, at first; else the operation itself.
  uint64_t intent = 0;
  std::string idempotency_digest;
  // What its beginning tells about its agent.
  std::vector<Recovery> recoveries;
};

// An exchange of which it is known who it is.
struct Recognised {
  // Indices into Plan::targets.
  std::vector<uint32_t> targets;
  Identity identity;
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

// The logical calls of a run: tells an attempt from a new operation, and gives each its address. An
// attempt never renumbers anything. First rule that holds, for the same agent and call name:
//   A1  a client's retry header above 0, same digest                attempt, by the SDK
//   A2  same idempotency key as an operation not yet successful     attempt
//   A3  same digest, and its latest attempt failed                  attempt, by the application
//   A4  same digest after a success                                 new operation, a repeat
//   A5  a tool's arguments, much like those of a recent failure     revision: keeps the ordinal
//   A6  the declared fallback of a failed operation                 new operation, a fallback
//   A7  anything else                                               new operation
// A5 needs a sign that somebody thought about the failure, so that calls made in parallel stay what
// they are: the agent has asked a model since; or, of an agent that asks none here, the answer
// found fault with the call itself. An attempt that is still open counts as failed when a terminal
// fault holds it and the same request comes again after kPatience: the client has given up, and its
// disconnect is on the way. Before that, it is a parallel call.
class Operations {
 public:
  static constexpr size_t kRemembered = 100'000;
  static constexpr size_t kWindow = 6;
  static constexpr double kAlike = 0.6;
  static constexpr absl::Duration kPatience = absl::Milliseconds(100);

  explicit Operations(const scenario::Plan& plan, size_t remembered = kRemembered)
      : plan_(plan), remembered_(remembered) {}

  Identity Identify(const Transmission& transmission);
  // A terminal fault acts on the operation's latest attempt.
  void Hold(uint64_t operation);
  void End(uint64_t operation, uint64_t sequence, Result result);

 private:
  enum class Standing { kOpen, kFailed, kSucceeded };
  // While a revision of it may come.
  struct Sketch {
    std::string called;
    Likeness likeness;
  };
  struct Operation {
    uint64_t id = 0;
    // Without attempt.
    std::string address;
    std::vector<uint32_t> targets;
    // Under which it is found: digests first, idempotency keys behind.
    std::vector<std::string> keys;
    Standing standing = Standing::kOpen;
    bool held = false;
    bool repeat = false;
    // It may change something.
    bool effectful = false;
    Result result = Result::kSuccess;
    // The last exchange that had begun when it failed.
    uint64_t over = 0;
    // Its declared fallback, or a revision, has succeeded.
    bool replaced = false;
    uint32_t attempts = 0;
    uint64_t latest = 0;
    absl::Duration begun;
    uint64_t fallback_of = 0;
    std::string fallback_address;
    std::unique_ptr<Sketch> sketch;
    uint64_t revision_of = 0;
    std::string revision_address;
    // The first of its revisions, which all are numbered after, and its address.
    uint64_t root = 0;
    std::string root_address;
    uint32_t revision = 0;
    uint32_t revisions = 0;
  };
  struct Agent {
    // The last operations, latest first.
    std::deque<uint64_t> recent;
    // Its latest call to a model.
    uint64_t decision = 0;
  };
  using Ids = std::vector<uint64_t>;

  static bool GivenUp(const Operation& operation, absl::Duration now);
  const Ids* Find(const std::string& key) const;
  Operation* At(uint64_t id);
  Operation* Retried(const Ids& ids, uint32_t retry, absl::Duration now);
  Operation* Repeated(const Transmission& transmission, const std::string& digest_key,
                      const std::string& idempotency_key, v1::AttemptLayer& layer);
  Operation& Add(const Transmission& transmission, const std::string& digest_key,
                 std::vector<Recovery>& recoveries);
  const Agent* AgentOf(const Transmission& transmission) const;
  const Operation* Revised(const Transmission& transmission, const Sketch& sketch);
  void Revise(Operation& operation, const Operation& failed);
  static std::unique_ptr<Sketch> SketchOf(const message::Call& call);
  void Supersede(const Operation& operation);
  void LinkFallback(Operation& operation, const Transmission& transmission,
                    std::vector<Recovery>& recoveries);
  void NoteOtherWays(const Transmission& transmission, std::vector<Recovery>& recoveries);
  bool HasRole(const std::vector<uint32_t>& targets, v1::TargetRole role) const;
  void Register(Operation& operation, const std::string& key);
  void Touch(const Transmission& transmission, uint64_t operation);
  std::string IdempotencyOf(const Transmission& transmission) const;
  uint64_t NextOrdinal(const std::string& prefix);
  void Forget();

  const scenario::Plan& plan_;
  const size_t remembered_;
  uint64_t last_ = 0;
  absl::flat_hash_map<uint64_t, Operation> operations_;
  // Oldest first.
  std::deque<uint64_t> order_;
  absl::flat_hash_map<std::string, Ids> by_key_;
  absl::flat_hash_map<std::string, uint64_t> ordinals_;
  absl::flat_hash_map<std::string, Agent> agents_;
  // Number of the last exchange that has begun.
  uint64_t begun_ = 0;
};

}  // namespace murphy::engine
