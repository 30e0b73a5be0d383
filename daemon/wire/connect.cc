// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/connect.h"

#include <boost/asio/post.hpp>
#include <memory>
#include <tuple>

#include "daemon/wire/tunnel.h"

namespace murphy::wire {
namespace {

// The first thing on the way to an upstream that a connection is made to.
struct Hop {
  const std::string& host;
  uint16_t port;
  // What sentences call it.
  std::string name;
};

std::string NameOf(const runs::Route& route) {
  return "upstream " + route.name + " (" + route.host + ":" + std::to_string(route.port) + ")";
}

Hop FirstHop(const runs::Route& route, const Proxy* proxy) {
  if (proxy == nullptr) return {route.host, route.port, NameOf(route)};
  return {proxy->host, proxy->port,
          "proxy " + proxy->name + ", which leads to the " + NameOf(route) + ","};
}

// An answer of the resolver's that is waited for, and may be given up.
struct Pending {
  explicit Pending(Executor executor) : signal(executor, Clock::time_point::max()) {}
  Timer signal;
  bool answered = false;
  absl::StatusOr<Resolver::Addresses> found = absl::CancelledError("");
};

// Ends whatever of a connection is being made.
class Making final : public Cancellable {
 public:
  Making(Upstream& upstream, Pending& pending) : upstream_(upstream), pending_(pending) {}
  void Cancel() override {
    pending_.signal.cancel();
    upstream_.Close();
  }

 private:
  Upstream& upstream_;
  Pending& pending_;
};

Task<void> Resolve(Worker& worker, const std::string& host, std::shared_ptr<Pending> pending) {
  error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (!no_address) {
    pending->found = Resolver::Addresses{address};
    co_return;
  }
  worker.pool.resolver().Find(host, [pending, &io = worker.io](const auto& found) {
    asio::post(io, [pending, found] {
      pending->found = found;
      pending->answered = true;
      pending->signal.cancel();
    });
  });
  if (!pending->answered) co_await pending->signal.async_wait(kAsTuple);
}

Failure OfUpstream(std::string sentence, v1::FailureCause cause) {
  return {502, v1::ORIGIN_UPSTREAM, std::move(sentence), cause};
}

Failure NoDescriptor() {
  return {503, v1::ORIGIN_INTERNAL,
          "The gateway has no file descriptor left for a connection to an upstream (`ulimit -n`)."};
}

// Tries one address after the other; each has its share of what is left of the time.
Task<std::optional<Failure>> TryAll(Vigil& vigil, Upstream& upstream, const Hop& hop,
                                    const Resolver::Addresses& addresses,
                                    Clock::time_point until) {
  std::optional<Failure> why;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto left = static_cast<Clock::rep>(addresses.size() - i);
    vigil.deadline = Clock::now() + (until - Clock::now()) / left;
    upstream.Close();
    const tcp::endpoint endpoint(addresses[i], hop.port);
    error_code error;
    upstream.socket().open(endpoint.protocol(), error);
    const bool scarce =
        error || vigil.worker.descriptors.AreScarce(upstream.socket().native_handle());
    if (scarce) {
      // What waits for its next exchange goes first.
      vigil.worker.pool.Clear();
      co_return NoDescriptor();
    }
    std::tie(error) = co_await upstream.socket().async_connect(endpoint, kAsTuple);
    if (!error) {
      vigil.deadline = until;
      co_return std::nullopt;
    }
    why = OfUpstream("The " + hop.name + " did not accept a connection: " + error.message() + ".",
                     v1::FAILURE_CAUSE_UNREACHABLE);
    if (left == 1 || vigil.agent_left() || Clock::now() >= until) break;
    vigil.ClearExpired();
  }
  co_return why;
}

Task<std::optional<Failure>> StartTls(Worker& worker, Upstream& upstream,
                                      const runs::Route& route, const Proxy* proxy) {
  upstream.UseTls(worker.pool.tls(), route.host);
  const error_code error = co_await upstream.Handshake();
  if (!error) co_return std::nullopt;
  const std::string way = proxy == nullptr ? "" : " through the proxy " + proxy->name;
  co_return OfUpstream(
      "The " + NameOf(route) + " failed the TLS handshake" + way + ": " + error.message() + ".",
      v1::FAILURE_CAUSE_TLS);
}

// What is said on a connection that has just been made, before it can carry a request.
Task<std::optional<Failure>> Greet(Worker& worker, Upstream& upstream, const runs::Route& route,
                                   const Proxy* proxy) {
  error_code ignored;
  upstream.socket().set_option(tcp::no_delay(true), ignored);
  std::optional<Failure> why;
  if (!route.tls) co_return why;
  std::optional<std::string> said;
  if (proxy != nullptr)
    said = co_await OpenTunnel(upstream, route, *proxy, worker.limits.max_head_bytes);
  if (said.has_value()) {
    why = OfUpstream(*std::move(said), v1::FAILURE_CAUSE_UNREACHABLE);
  } else {
    why = co_await StartTls(worker, upstream, route, proxy);
  }
  co_return why;
}

Failure NotInTime(const runs::Route& route, const Proxy* proxy) {
  const std::string upstream = "The upstream " + route.name;
  return {504, v1::ORIGIN_UPSTREAM,
          proxy == nullptr
              ? upstream + " did not accept a connection in time."
              : upstream + " could not be reached in time through the proxy " + proxy->name + ".",
          v1::FAILURE_CAUSE_UNREACHABLE};
}

}  // namespace

Task<std::optional<Failure>> Connect(Vigil& vigil, Upstream& upstream, const runs::Route& route,
                                     const Proxy* proxy, bool watch_agent) {
  Worker& worker = vigil.worker;
  const Hop hop = FirstHop(route, proxy);
  auto pending = std::make_shared<Pending>(worker.io.get_executor());
  Making making(upstream, *pending);
  vigil.Watch(&making, watch_agent);
  vigil.SetDeadline(worker.limits.connect_timeout);
  const Clock::time_point until = vigil.deadline;
  co_await Resolve(worker, hop.host, pending);
  std::optional<Failure> why;
  if (pending->found.ok()) {
    why = co_await TryAll(vigil, upstream, hop, *pending->found, until);
  } else {
    why = OfUpstream("The name of the " + hop.name + " could not be resolved: " +
                         std::string(pending->found.status().message()) + ".",
                     v1::FAILURE_CAUSE_UNRESOLVED);
  }
  if (!why.has_value()) why = co_await Greet(worker, upstream, route, proxy);
  vigil.Watch(nullptr, false);
  if (vigil.expired()) {
    why = NotInTime(route, proxy);
  } else if (watch_agent && vigil.agent_left()) {
    why = Failure{0, v1::ORIGIN_DOWNSTREAM, "The agent left."};
  }
  if (why.has_value()) upstream.Close();
  co_return why;
}

}  // namespace murphy::wire
