// SPDX-License-Identifier: Apache-2.0
#include "daemon/proxy/gateway.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "absl/time/clock.h"
#include "daemon/proxy/author.h"
#include "daemon/proxy/serve.h"
#include "daemon/proxy/worker.h"

namespace murphy::proxy {
namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

std::chrono::milliseconds Milliseconds(const google::protobuf::Duration& time) {
  return std::chrono::milliseconds(time.seconds() * 1000 + time.nanos() / 1'000'000);
}

Limits LimitsOf(const v1::GatewayConfig& config) {
  Limits limits;
  if (config.has_max_connections()) limits.max_connections = config.max_connections();
  if (config.has_max_head_bytes()) limits.max_head_bytes = config.max_head_bytes();
  if (config.has_max_held_bytes()) limits.max_held_bytes = config.max_held_bytes();
  if (config.has_head_timeout()) limits.head_timeout = Milliseconds(config.head_timeout());
  if (config.has_idle_timeout()) limits.idle_timeout = Milliseconds(config.idle_timeout());
  if (config.has_connect_timeout()) limits.connect_timeout = Milliseconds(config.connect_timeout());
  if (config.has_upstream_timeout())
    limits.upstream_timeout = Milliseconds(config.upstream_timeout());
  if (config.has_agent_timeout()) limits.agent_timeout = Milliseconds(config.agent_timeout());
  if (config.has_pool_size()) limits.pool_size = config.pool_size();
  return limits;
}

uint32_t WorkersOf(const v1::GatewayConfig& config) {
  if (config.has_workers()) return config.workers();
  return std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
}

absl::StatusOr<tcp::endpoint> EndpointOf(const v1::GatewayConfig& config) {
  const std::string listen = config.has_listen() ? config.listen() : "127.0.0.1:7460";
  const size_t colon = listen.rfind(':');
  error_code error;
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  const bool numeric =
      !port.empty() && port.size() < 6 && port.find_first_not_of("0123456789") == std::string::npos;
  if (error || !numeric || std::stoi(port) > 65535) {
    return absl::InvalidArgumentError(fmt::format(
        "gateway.listen is `{}`; expected ADDRESS:PORT, such as 127.0.0.1:7460.", listen));
  }
  if (!address.is_loopback()) {
    return absl::InvalidArgumentError(
        fmt::format("gateway.listen is `{}`, which is not loopback: anybody who reaches it could "
                    "use your keys' upstreams. It would need TLS and "
                    "credentials, which this gateway does not offer yet. Use 127.0.0.1 and a "
                    "tunnel or a sidecar.",
                    listen));
  }
  return tcp::endpoint(address, static_cast<uint16_t>(std::stoi(port)));
}

absl::Status Bind(Acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  const int on = 1;
  ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Our own workers share the port; that no other process has it was checked before, without this
  // option.
  ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(4096, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("The gateway cannot listen on {}:{}: {}.",
                                            endpoint.address().to_string(), endpoint.port(),
                                            error.message()));
}

// One worker with its listener and thread.
struct Lane {
  Lane(runs::Runs& runs, const Limits& limits, asio::ssl::context& tls, std::atomic<uint32_t>& open)
      : worker(runs, limits, tls, open), acceptor(worker.io.get_executor()) {}
  Worker worker;
  Acceptor acceptor;
  std::thread thread;
};

Task<void> Accept(Lane& lane) {
  Worker& worker = lane.worker;
  while (lane.acceptor.is_open()) {
    auto [error, socket] = co_await lane.acceptor.async_accept(kAsTuple);
    if (error == asio::error::operation_aborted) break;
    if (error) {
      // Out of descriptors: the backlog waits a moment.
      Timer pause(worker.io.get_executor(), std::chrono::milliseconds(20));
      co_await pause.async_wait(kAsTuple);
      continue;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto down = std::make_unique<Downstream>(std::move(socket), worker);
    if (worker.connections.load(std::memory_order_relaxed) > worker.limits.max_connections) {
      const std::string full =
          Author(OwnFailure(503, v1::ORIGIN_INTERNAL,
                            "The gateway has as many connections as it may have."),
                 true, true);
      ::send(down->socket.native_handle(), full.data(), full.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      continue;
    }
    asio::co_spawn(worker.io.get_executor(), Serve(std::move(down)), asio::detached);
  }
}

Task<void> SweepPool(Worker& worker) {
  Timer timer(worker.io.get_executor());
  while (!worker.draining) {
    timer.expires_after(std::chrono::milliseconds(500));
    co_await timer.async_wait(kAsTuple);
    worker.pool.Sweep(Clock::now());
  }
}

class WorkerGateway final : public Gateway {
 public:
  WorkerGateway(const v1::GatewayConfig& config, runs::Runs& runs)
      : limits_(LimitsOf(config)), runs_(runs), tls_(asio::ssl::context::tls_client) {
    for (uint32_t i = 0; i < WorkersOf(config); ++i) {
      lanes_.push_back(std::make_unique<Lane>(runs, limits_, tls_, open_));
    }
  }

  ~WorkerGateway() override { Drain(absl::ZeroDuration()); }

  absl::Status Listen(const v1::GatewayConfig& config) {
    auto endpoint = EndpointOf(config);
    if (!endpoint.ok()) return endpoint.status();
    error_code error;
    tls_.set_verify_mode(asio::ssl::verify_peer);
    if (config.has_ca_file()) {
      tls_.load_verify_file(config.ca_file(), error);
      if (error)
        return absl::InvalidArgumentError(fmt::format("gateway.ca_file `{}` cannot be read: {}.",
                                                      config.ca_file(), error.message()));
    } else {
      tls_.set_default_verify_paths(error);
    }
    for (const auto& lane : lanes_) {
      if (const absl::Status status = Bind(lane->acceptor, *endpoint); !status.ok()) return status;
      endpoint->port(lane->acceptor.local_endpoint().port());
    }
    endpoint_ = *endpoint;
    return absl::OkStatus();
  }

  void Serve() {
    runs_.OnRelease([this](const runs::Run& run) {
      for (const auto& lane : lanes_) {
        asio::post(lane->worker.io,
                   [&dog = lane->worker.watchdog, id = run.spec().id] { dog.Release(id); });
      }
    });
    for (const auto& lane : lanes_) {
      lane->worker.watchdog.Start();
      asio::co_spawn(lane->worker.io.get_executor(), Accept(*lane), asio::detached);
      asio::co_spawn(lane->worker.io.get_executor(), SweepPool(lane->worker), asio::detached);
      lane->thread = std::thread([&io = lane->worker.io] { io.run(); });
    }
  }

  uint16_t port() const override { return endpoint_.port(); }
  std::string origin() const override {
    const std::string address = endpoint_.address().to_string();
    return endpoint_.address().is_v6() ? fmt::format("http://[{}]:{}", address, endpoint_.port())
                                       : fmt::format("http://{}:{}", address, endpoint_.port());
  }
  uint32_t connections() const override { return open_.load(std::memory_order_relaxed); }
  uint64_t exchanges() const override {
    uint64_t sum = 0;
    for (const auto& lane : lanes_) sum += lane->worker.exchanges.load(std::memory_order_relaxed);
    return sum;
  }

  void Drain(absl::Duration patience) override {
    if (stopped_) return;
    stopped_ = true;
    DrainLanes(false);
    const absl::Time until = absl::Now() + patience;
    while (connections() > 0 && absl::Now() < until) absl::SleepFor(absl::Milliseconds(5));
    DrainLanes(true);
    // What was cut off runs to its end, records included.
    const absl::Time last = absl::Now() + absl::Seconds(2);
    while (connections() > 0 && absl::Now() < last) absl::SleepFor(absl::Milliseconds(5));
    runs_.OnRelease(nullptr);
    for (const auto& lane : lanes_) {
      asio::post(lane->worker.io, [&lane = *lane] { lane.worker.watchdog.Stop(); });
      lane->worker.io.stop();
      if (lane->thread.joinable()) lane->thread.join();
    }
  }

 private:
  void DrainLanes(bool now) {
    for (const auto& lane : lanes_) {
      asio::post(lane->worker.io, [&lane = *lane, now] {
        error_code ignored;
        lane.acceptor.close(ignored);
        lane.worker.draining = true;
        lane.worker.watchdog.Drain(now);
      });
    }
  }

  const Limits limits_;
  runs::Runs& runs_;
  asio::ssl::context tls_;
  std::atomic<uint32_t> open_{0};
  std::vector<std::unique_ptr<Lane>> lanes_;
  tcp::endpoint endpoint_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const v1::GatewayConfig& config,
                                                        runs::Runs& runs) {
  auto gateway = std::make_unique<WorkerGateway>(config, runs);
  if (absl::Status status = gateway->Listen(config); !status.ok()) return status;
  gateway->Serve();
  return std::unique_ptr<Gateway>(std::move(gateway));
}

}  // namespace murphy::proxy
