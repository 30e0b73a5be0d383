// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"

namespace murphy::control {

// Stands between TCP callers and gRPC, whose HPACK parser (as of 1.51) collects an unfinished block
// of header fields without a bound, before it knows who calls: connections that send one are
// closed. Everything else is passed on as it is.
//
// Threads: any. It has one of its own.
class Front {
 public:
  static constexpr size_t kMostHeaderBytes = 64 << 10;
  static constexpr size_t kMostConnections = 1000;

  // `take` gets a connected socket, which it owns, for each connection; on the front's thread, once
  // that has begun.
  static absl::StatusOr<std::unique_ptr<Front>> Listen(const std::string& address,
                                                       std::function<void(int socket)> take);
  ~Front();

  void Begin();
  uint16_t port() const { return port_; }
  // Takes no more connections. When it returns, `take` is not called any more.
  void StopListening();
  // The caller behind a socket that was handed out, as `127.0.0.1:50000`; empty for none.
  std::string CallerOf(int socket) const;

 private:
  struct Relay;

  Front(int listener, uint16_t port, std::function<void(int)> take);
  void Loop();
  void Accept();
  // False when it is over.
  bool Move(Relay& relay, short client_events, short inner_events);

  const uint16_t port_;
  const std::function<void(int)> take_;
  int wake_ = -1;
  // Of what follows.
  mutable std::mutex mutex_;
  int listener_;
  bool stopping_ = false;
  std::map<int, std::string> callers_;
  // Of the thread alone.
  std::vector<std::unique_ptr<Relay>> relays_;
  std::thread thread_;
};

}  // namespace murphy::control
