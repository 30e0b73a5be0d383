// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "daemon/proxy/io.h"
#include "daemon/proxy/upstream.h"
#include "daemon/proxy/watchdog.h"
#include "daemon/runs/runs.h"

namespace murphy::proxy {

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

// One thread's share of the gateway. Nothing here is touched by another thread but `io` (to post),
// and the counters.
struct Worker {
  Worker(runs::Runs& all_runs, const Limits& bounds, asio::ssl::context& tls,
         std::atomic<uint32_t>& open)
      : runs(all_runs),
        limits(bounds),
        watchdog(io),
        pool(io, tls, bounds.pool_size),
        connections(open) {}

  // One thread runs it, so that its sockets need no locks; posting from other threads stays safe.
  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  runs::Runs& runs;
  runs::Runs::View view;
  const Limits& limits;
  BlockPool blocks;
  Watchdog watchdog;
  UpstreamPool pool;
  // Open connections of all workers.
  std::atomic<uint32_t>& connections;
  std::atomic<uint64_t> exchanges{0};
  bool draining = false;
};

}  // namespace murphy::proxy
