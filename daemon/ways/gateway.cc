// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/gateway.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/time/clock.h"
#include "daemon/listen_address.h"
#include "daemon/ways/serve.h"
#include "daemon/wire/lane.h"

namespace murphy::ways {
namespace {

using wire::Limits;

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
  return std::clamp(wire::Cores(), 1u, 8u);
}

class WorkerGateway final : public Gateway {
 public:
  WorkerGateway(const v1::GatewayConfig& config, runs::Runs& runs, uint64_t held)
      : limits_(LimitsOf(config)), runs_(runs), held_(held) {}

  ~WorkerGateway() override { Drain(absl::ZeroDuration()); }

  absl::Status Listen(const v1::GatewayConfig& config) {
    const auto address =
        ReadListenAddress("gateway.listen", config.has_listen() ? config.listen() : kDefault);
    if (!address.ok()) return address.status();
    wire::Endpoint endpoint(boost::asio::ip::make_address(address->host), address->port);
    if (const absl::Status status = wire::TrustAuthorities(
            tls_, config.has_ca_file() ? config.ca_file() : std::string());
        !status.ok())
      return status;
    auto proxies = wire::Proxies::Read(config, [](const char* name) { return std::getenv(name); });
    if (!proxies.ok()) return proxies.status();
    proxies_ = *std::move(proxies);
    auto resolver = wire::Resolver::Start();
    if (!resolver.ok()) return resolver.status();
    resolver_ = *std::move(resolver);
    for (uint32_t i = 0; i < WorkersOf(config); ++i) {
      lanes_.push_back(std::make_unique<wire::Lane>(
          wire::Shared{runs_, limits_, held_, tls_, *resolver_, proxies_, descriptors_, open_}, &Serve));
      if (const absl::Status status = lanes_.back()->Bind(endpoint); !status.ok()) return status;
      endpoint.port(lanes_.back()->port());
    }
    endpoint_ = endpoint;
    return absl::OkStatus();
  }

  absl::Status Serving() {
    runs_.OnRelease([this](const runs::Run& run) {
      for (const auto& lane : lanes_) lane->Release(run.spec().id);
    });
    for (const auto& lane : lanes_) {
      if (const absl::Status status = lane->Run(); !status.ok()) return status;
    }
    return absl::OkStatus();
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
    for (const auto& lane : lanes_) sum += lane->exchanges();
    return sum;
  }

  void Drain(absl::Duration patience) override {
    if (stopped_) return;
    stopped_ = true;
    for (const auto& lane : lanes_) lane->Drain(false);
    const absl::Time until = absl::Now() + patience;
    while (connections() > 0 && absl::Now() < until) absl::SleepFor(absl::Milliseconds(5));
    for (const auto& lane : lanes_) lane->Drain(true);
    // What was cut off runs to its end, records included.
    for (const auto& lane : lanes_) lane->Join();
    runs_.OnRelease(nullptr);
    resolver_.reset();
  }

 private:
  static constexpr char kDefault[] = "127.0.0.1:7460";

  const Limits limits_;
  runs::Runs& runs_;
  exchange::HeldLimit held_;
  wire::TlsContext tls_;
  wire::Proxies proxies_;
  const wire::Descriptors descriptors_ = wire::Descriptors::OfThisProcess();
  std::unique_ptr<wire::Resolver> resolver_;
  std::atomic<uint32_t> open_{0};
  std::vector<std::unique_ptr<wire::Lane>> lanes_;
  wire::Endpoint endpoint_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const v1::GatewayConfig& config,
                                                        runs::Runs& runs, uint64_t held) {
  auto gateway = std::make_unique<WorkerGateway>(config, runs, held);
  if (absl::Status status = gateway->Listen(config); !status.ok()) return status;
  if (absl::Status status = gateway->Serving(); !status.ok()) return status;
  return std::unique_ptr<Gateway>(std::move(gateway));
}

}  // namespace murphy::ways
