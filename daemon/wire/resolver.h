// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/wire/io.h"

namespace murphy::wire {

// Finds the addresses of a name. The system's resolver blocks, so it runs on threads of its own:
// a slow name holds up nobody but those who ask for it, as long as not all threads wait for one.
// What is found is kept for half a minute, and that nothing is found for a second.
//
// Threads: any.
class Resolver {
 public:
  using Addresses = std::vector<asio::ip::address>;
  using Answer = std::function<void(const absl::StatusOr<Addresses>&)>;

  // UNAVAILABLE when no thread can be made.
  static absl::StatusOr<std::unique_ptr<Resolver>> Start();
  ~Resolver();

  // Calls `answer` once: at once for what is known, else from one of its threads.
  void Find(const std::string& name, Answer answer);

 private:
  struct State;
  explicit Resolver(std::shared_ptr<State> state) : state_(std::move(state)) {}
  // Its threads may outlive it: the system's resolver cannot be interrupted.
  std::shared_ptr<State> state_;
};

}  // namespace murphy::wire
