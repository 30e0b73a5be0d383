// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "daemon/exchange/held.h"
#include "daemon/runs/runs.h"
#include "daemon/wire/children.h"
#include "daemon/wire/departures.h"
#include "daemon/wire/descriptors.h"
#include "daemon/wire/io.h"
#include "daemon/wire/pool.h"
#include "daemon/wire/proxy.h"
#include "daemon/wire/watchdog.h"

namespace murphy::wire {

// Bounds of the data plane; see GatewayConfig for what each means.
struct Limits {
  uint32_t max_connections = 20000;
  size_t max_head_bytes = 65536;
  size_t max_held_bytes = 8 << 20;
  std::chrono::milliseconds head_timeout{30000};
  std::chrono::milliseconds idle_timeout{75000};
  std::chrono::milliseconds connect_timeout{10000};
  std::chrono::milliseconds upstream_timeout{600000};
  std::chrono::milliseconds agent_timeout{60000};
  size_t pool_size = 64;
};

// What the workers of a daemon share.
struct Shared {
  runs::Runs& runs;
  const Limits& limits;
  exchange::HeldLimit& held;
  asio::ssl::context& tls;
  Resolver& resolver;
  const Proxies& proxies;
  Descriptors descriptors;
  // Open connections of agents.
  std::atomic<uint32_t>& connections;
};

// One thread's share of the data plane. Nothing here is touched by another thread but `io` (to
// post), and the counters.
struct Worker {
  explicit Worker(const Shared& shared)
      : runs(shared.runs),
        limits(shared.limits),
        held(shared.held),
        proxies(shared.proxies),
        descriptors(shared.descriptors),
        connections(shared.connections),
        pool(io, shared.tls, shared.resolver, shared.limits.pool_size),
        children(io) {}

  runs::Runs& runs;
  runs::Runs::View view;
  const Limits& limits;
  exchange::HeldLimit& held;
  const Proxies& proxies;
  const Descriptors descriptors;
  std::atomic<uint32_t>& connections;
  std::atomic<uint64_t> exchanges{0};
  bool draining = false;
  BlockPool blocks;
  // For bytes that are read and passed on before anything is waited for.
  Block scratch;
  Watchdog watchdog;
  Departures departures;
  // What is still under way when the loop goes is destroyed with it, and needs all that is above.
  // One thread runs it, so that its sockets need no locks; posting from other threads stays safe.
  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  UpstreamPool pool;
  // Everything that runs on `io`; nothing outlives it.
  Children children;
};

}  // namespace murphy::wire
