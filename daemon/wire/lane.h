// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/wire/downstream.h"
#include "daemon/wire/tls.h"

namespace murphy::wire {

using Endpoint = tcp::endpoint;

unsigned Cores();

// One worker with its listener and thread. A connection never leaves it.
//
// Threads: any.
class Lane {
 public:
  using Serve = std::function<Task<void>(std::unique_ptr<Downstream>)>;

  Lane(const Shared& shared, Serve serve);
  ~Lane();

  // Lanes share a port. UNAVAILABLE names the address and why.
  absl::Status Bind(const Endpoint& endpoint);
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // Serves, on a thread of its own. UNAVAILABLE when none can be made.
  absl::Status Run();
  uint64_t exchanges() const { return worker_.exchanges.load(std::memory_order_relaxed); }

  // The faults of a run are released.
  void Release(const std::string& run);
  // Takes no new connections, closes idle ones, lets go of what faults hold; with `now`, ends
  // everything.
  void Drain(bool now);
  // Waits until all that runs on it has ended, after Drain(true).
  void Join();

 private:
  Task<void> Accept();
  std::string_view WhyFull(int descriptor);
  void Tick();
  void EndAll(int attempts);

  Worker worker_;
  Serve serve_;
  boost::asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  Timer tick_;
  Timer end_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace murphy::wire
