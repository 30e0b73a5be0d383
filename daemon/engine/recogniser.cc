// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/recogniser.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "daemon/engine/address.h"

namespace murphy::engine {
namespace {

// Parallel operations that share a key; of more, the oldest are not recognised again.
constexpr size_t kMostTwins = 64;
// Names that one operation is found by: a retry with the same idempotency key may have other
// digests.
constexpr size_t kMostKeys = 8;
constexpr size_t kMostAgents = 10'000;

// The number that a text begins with, or 0.
uint32_t LeadingNumber(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? number : 0;
}

// How often the client says that it has sent this before.
uint32_t RetryCount(const message::Request& request) {
  const std::string_view count = message::FindHeader(request.headers, "x-stainless-retry-count");
  if (!count.empty()) return LeadingNumber(count);
  constexpr std::string_view kAttempt = "attempt=";
  const std::string_view amazon = message::FindHeader(request.headers, "amz-sdk-request");
  const size_t at = amazon.find(kAttempt);
  if (at == std::string_view::npos) return 0;
  const uint32_t attempt = LeadingNumber(amazon.substr(at + kAttempt.size()));
  return attempt > 0 ? attempt - 1 : 0;
}

}  // namespace

Result ResultOf(const Ending& ending) {
  if (ending.end != v1::END_STATE_COMPLETE) return Result::kUnknown;
  if (!ending.failed) return Result::kSuccess;
  // An error inside a good answer is the tool's own word on the call.
  if (ending.status / 100 == 2) return Result::kRefused;
  constexpr uint32_t kOthersFault[] = {401, 403, 407, 408, 425, 429};
  const bool others = std::count(std::begin(kOthersFault), std::end(kOthersFault), ending.status);
  return ending.status / 100 == 4 && !others ? Result::kRefused : Result::kFailed;
}

Identity Recogniser::Begin(const Transmission& transmission, std::span<Reading> readings) {
  Identity identity;
  begun_ = transmission.sequence;
  identity.idempotency_digest = transmission.marks.idempotency;
  Entry* const digest = Found('d', transmission, transmission.marks.digest);
  Entry* const key = Found('i', transmission, transmission.marks.idempotency);

  Operation* operation = Repeated(transmission, digest, key, identity.layer);
  if (operation != nullptr) {
    for (Reading& reading : readings) {
      std::vector<uint32_t> of = TargetsOf(*operation, reading.viewer);
      // A plan that has come since sees what the attempt is of.
      if (of.empty()) of = reading.targets;
      reading.recoveries.push_back({v1::RECOVERY_KIND_RETRY, std::move(of)});
    }
  } else {
    Forget(digest, key);
    operation = &Add(transmission, digest, readings);
  }
  Register(*operation, digest);
  Register(*operation, key);
  Drop(digest);
  Drop(key);
  if (operation->agent != nullptr) Touch(*operation->agent, transmission, operation->id);
  ++operation->attempts;
  operation->standing = Standing::kOpen;
  operation->held = operation->gone = false;
  operation->latest = transmission.sequence;
  operation->begun = transmission.at;

  identity.operation = operation->id;
  identity.attempt = operation->attempts;
  identity.address = absl::StrCat(operation->address, "@", operation->attempts);
  identity.repeat = operation->repeat;
  identity.revision_of = operation->revision_address;
  identity.revision = operation->revision;
  identity.intent = operation->root;
  for (Reading& reading : readings) {
    for (const auto& [viewer, address] : operation->fallbacks) {
      if (viewer == reading.viewer) reading.fallback_of = address;
    }
  }
  return identity;
}

bool Recogniser::GivenUp(const Operation& operation, absl::Duration now) {
  if (operation.standing != Standing::kOpen) return operation.standing == Standing::kFailed;
  return operation.gone || (operation.held && now - operation.begun >= kPatience);
}

// The entry may be new, and empty; null without a value.
Recogniser::Entry* Recogniser::Found(char kind, const Transmission& transmission,
                                     std::string_view value) {
  if (value.empty()) return nullptr;
  // Keeps the parts apart.
  constexpr char kSeparator = '\x1f';
  key_.assign(1, kind);
  AppendBounded(transmission.agent, key_);
  key_ += kSeparator;
  key_ += static_cast<char>(transmission.call.kind);
  AppendBounded(transmission.call.name, key_);
  key_ += kSeparator;
  key_ += value;
  return &*entries_.try_emplace(key_).first;
}

Recogniser::Operation* Recogniser::At(uint64_t id) {
  const auto found = id == 0 ? operations_.end() : operations_.find(id);
  return found != operations_.end() ? &found->second : nullptr;
}

// Rule A1. Of several operations with this digest: the oldest that was given up after as many
// attempts as the client says, then the oldest given up, then the latest open one (its client's
// disconnect is not known yet), then the latest that succeeded (its answer did not reach the
// client).
Recogniser::Operation* Recogniser::Retried(const Ids& ids, uint32_t retry, absl::Duration now) {
  Operation* best = nullptr;
  int best_rank = 0;
  for (const uint64_t id : ids) {
    Operation* operation = At(id);
    if (operation == nullptr) continue;
    int rank = 1;
    if (GivenUp(*operation, now)) {
      rank = operation->attempts == retry ? 4 : 3;
    } else if (operation->standing == Standing::kOpen) {
      rank = 2;
    }
    if (rank > best_rank || (rank == best_rank && rank <= 2)) {
      best = operation;
      best_rank = rank;
    }
  }
  return best;
}

// The operation that this is an attempt of; null for a new one.
Recogniser::Operation* Recogniser::Repeated(const Transmission& transmission, const Entry* digest,
                                            const Entry* key, v1::AttemptLayer& layer) {
  const uint32_t retry = RetryCount(transmission.request);
  layer = retry > 0 ? v1::ATTEMPT_LAYER_SDK : v1::ATTEMPT_LAYER_APPLICATION;
  if (digest != nullptr && retry > 0) {
    if (Operation* retried = Retried(digest->second, retry, transmission.at)) return retried;
  }
  if (key != nullptr) {
    for (const uint64_t id : key->second) {
      Operation* operation = At(id);
      if (operation != nullptr && operation->standing != Standing::kSucceeded) return operation;
    }
  }
  // Without a body, equal digests may hide different calls.
  if (digest != nullptr && !transmission.call.unclassified) {
    for (const uint64_t id : digest->second) {
      Operation* operation = At(id);
      if (operation != nullptr && GivenUp(*operation, transmission.at)) return operation;
    }
  }
  layer = v1::ATTEMPT_LAYER_UNSPECIFIED;
  return nullptr;
}

Recogniser::Operation& Recogniser::Add(const Transmission& transmission, const Entry* digest,
                                       std::span<Reading> readings) {
  const message::Call& call = transmission.call;
  Operation& operation = operations_[++last_];
  operation.id = operation.root = last_;
  operation.agent = AgentOf(transmission.agent);
  operation.of_model = call.kind == v1::TARGET_KIND_MODEL;
  for (const Reading& reading : readings) {
    for (const uint32_t target : reading.targets)
      operation.targets.emplace_back(reading.viewer, target);
  }
  order_.push_back(last_);
  operation.repeat = digest != nullptr && !call.unclassified &&
                     std::any_of(digest->second.begin(), digest->second.end(), [&](uint64_t id) {
                       const Operation* twin = At(id);
                       return twin != nullptr && twin->standing == Standing::kSucceeded;
                     });
  Operation* failed = operation.agent == nullptr ? nullptr : Revised(call, *operation.agent);
  if (failed != nullptr) {
    Revise(operation, *failed);
    for (Reading& reading : readings) {
      reading.recoveries.push_back(
          {v1::RECOVERY_KIND_REVISION, TargetsOf(*failed, reading.viewer)});
    }
  } else {
    const std::string prefix = AddressPrefix(transmission.agent, call);
    operation.address = absl::StrCat(prefix, "#", NextOrdinal(prefix));
    for (Reading& reading : readings) LinkFallback(operation, transmission.at, reading);
  }
  for (Reading& reading : readings) NoteOtherWays(operation.agent, transmission.at, reading);
  return operation;
}

void Recogniser::Register(Operation& operation, Entry* entry) {
  if (entry == nullptr || operation.entries.size() >= kMostKeys) return;
  if (std::count(operation.entries.begin(), operation.entries.end(), entry)) return;
  operation.entries.push_back(entry);
  Ids& ids = entry->second;
  if (ids.size() >= kMostTwins) ids.erase(ids.begin());
  ids.push_back(operation.id);
}

Recogniser::Agent* Recogniser::AgentOf(std::string_view name) {
  key_.clear();
  AppendBounded(name, key_);
  const auto found = agents_.find(key_);
  if (found != agents_.end()) return &found->second;
  return agents_.size() < kMostAgents ? &agents_[key_] : nullptr;
}

// The operation becomes its agent's latest.
void Recogniser::Touch(Agent& agent, const Transmission& transmission, uint64_t operation) {
  const message::Call& call = transmission.call;
  if (call.kind == v1::TARGET_KIND_MODEL) agent.decision = transmission.sequence;
  const auto end = agent.recent.begin() + static_cast<std::ptrdiff_t>(agent.count);
  const auto known = std::find_if(agent.recent.begin(), end, [&](const Recent& recent) {
    return recent.operation == operation;
  });
  if (known != end) {
    std::rotate(agent.recent.begin(), known, known + 1);
    return;
  }
  agent.count = std::min(agent.count + 1, kWindow);
  // The oldest gives its place, and its memory, to this one.
  std::rotate(agent.recent.begin(), agent.recent.begin() + agent.count - 1,
              agent.recent.begin() + agent.count);
  Recent& latest = agent.recent.front();
  latest.operation = operation;
  latest.sketched = At(operation)->attempts == 0 && MayBeRevised(call);
  if (!latest.sketched) return;
  latest.kind = call.kind;
  latest.name = call.name;
  latest.likeness.Assign(call.shape, call.arguments);
}

void Recogniser::Unsketch(const Operation& operation) {
  if (operation.agent == nullptr) return;
  for (Recent& recent : operation.agent->recent) {
    if (recent.operation == operation.id) recent.sketched = false;
  }
}

// Beyond what is remembered, new kinds of calls share one row of numbers.
uint64_t Recogniser::NextOrdinal(const std::string& prefix) {
  if (ordinals_.size() >= remembered_ && !ordinals_.contains(prefix)) return last_;
  return ++ordinals_[prefix];
}

void Recogniser::Hold(uint64_t operation) {
  if (Operation* found = At(operation)) found->held = true;
}

void Recogniser::Leave(uint64_t operation, uint64_t sequence) {
  Operation* found = At(operation);
  if (found != nullptr && found->latest == sequence) found->gone = true;
}

void Recogniser::End(uint64_t id, uint64_t sequence, Result result) {
  Operation* operation = At(id);
  if (operation == nullptr) return;
  if (result != Result::kSuccess) {
    if (operation->latest == sequence && operation->standing == Standing::kOpen) {
      operation->standing = Standing::kFailed;
      operation->result = result;
      operation->over = begun_;
    }
    return;
  }
  operation->standing = Standing::kSucceeded;
  Unsketch(*operation);
  Supersede(*operation);
  // One success is enough to know a repeat by: loops must not make the list longer.
  for (Entry* entry : operation->entries) {
    Ids& ids = entry->second;
    if (ids.size() < 2) continue;
    ids.erase(std::remove_if(ids.begin(), ids.end(),
                             [&](uint64_t other) {
                               const Operation* twin = At(other);
                               return twin == nullptr ||
                                      (other != id && twin->standing == Standing::kSucceeded);
                             }),
              ids.end());
  }
}

// Makes room for one operation: the oldest that is over goes, or the oldest at all when none of the
// oldest few is over. The entries of the one that comes stay.
void Recogniser::Forget(const Entry* digest, const Entry* key) {
  constexpr int kPatientWith = 16;
  if (order_.size() < remembered_) return;
  for (int i = 0; i < kPatientWith; ++i) {
    const Operation* oldest = At(order_.front());
    if (oldest == nullptr || oldest->standing != Standing::kOpen) break;
    order_.push_back(order_.front());
    order_.pop_front();
  }
  const auto oldest = operations_.find(order_.front());
  order_.pop_front();
  if (oldest == operations_.end()) return;
  for (Entry* entry : oldest->second.entries) {
    Ids& ids = entry->second;
    ids.erase(std::remove(ids.begin(), ids.end(), oldest->first), ids.end());
    if (entry != digest && entry != key) Drop(entry);
  }
  operations_.erase(oldest);
}

// An entry that nothing is found under.
void Recogniser::Drop(Entry* entry) {
  if (entry != nullptr && entry->second.empty()) entries_.erase(entry->first);
}

}  // namespace murphy::engine
