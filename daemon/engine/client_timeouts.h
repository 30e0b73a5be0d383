// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace murphy::engine {

struct Arrival;

// How long the clients of a run wait for an answer: what they state, else what was seen when they
// gave up. The OpenAI and Anthropic SDKs state it: for Python in `x-stainless-read-timeout`, in
// seconds (`_base_client.py`: openai 3.52, anthropic 2.11); for TypeScript in
// `x-stainless-timeout`, in whole seconds, rounded down (`client.js`: openai 6.49,
// @anthropic-ai/sdk 1.12), so that what was seen within that second says more.
class ClientTimeouts {
 public:
  // Clients beyond are not learned about.
  static constexpr size_t kMostClients = 1'000;

  // One agent calling one model or tool.
  static std::string KeyOf(const Arrival& arrival);

  // It has left without an answer after this time.
  void Learn(const std::string& client, absl::Duration waited);
  std::optional<absl::Duration> Of(const Arrival& arrival) const;

 private:
  // The longest seen: a client may leave early for other reasons, but never late.
  absl::flat_hash_map<std::string, absl::Duration> longest_;
};

}  // namespace murphy::engine
