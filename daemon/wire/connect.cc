// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/connect.h"

#include <boost/asio/post.hpp>
#include <memory>

namespace murphy::wire {
namespace {

std::string Name(const runs::Route& route) {
  return "upstream " + route.name + " (" + route.host + ":" + std::to_string(route.port) + ")";
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

// Tries one address after the other; each has its share of what is left of the time.
Task<std::optional<std::string>> TryAll(Vigil& vigil, Upstream& upstream,
                                        const runs::Route& route,
                                        const Resolver::Addresses& addresses) {
  const Clock::time_point until = Clock::now() + vigil.worker.limits.connect_timeout;
  std::string why;
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto left = static_cast<Clock::rep>(addresses.size() - i);
    vigil.deadline = Clock::now() + (until - Clock::now()) / left;
    error_code ignored;
    upstream.socket().close(ignored);
    const tcp::endpoint endpoint(addresses[i], route.port);
    auto [error] = co_await upstream.socket().async_connect(endpoint, kAsTuple);
    if (!error) {
      vigil.deadline = until;
      co_return std::nullopt;
    }
    if (vigil.agent_left()) break;
    why = "The " + Name(route) + " did not accept a connection: " + error.message() + ".";
    if (left == 1 || Clock::now() >= until) break;
    vigil.ClearExpired();
  }
  co_return why;
}

Task<std::optional<std::string>> StartTls(Worker& worker, Upstream& upstream,
                                          const runs::Route& route) {
  upstream.UseTls(worker.pool.tls(), route.host);
  const error_code error = co_await upstream.Handshake();
  if (!error) co_return std::nullopt;
  co_return "The " + Name(route) + " failed the TLS handshake: " + error.message() + ".";
}

}  // namespace

Task<std::optional<NoConnection>> Connect(Vigil& vigil, Upstream& upstream,
                                         const runs::Route& route, bool watch_agent) {
  Worker& worker = vigil.worker;
  auto pending = std::make_shared<Pending>(worker.io.get_executor());
  Making making(upstream, *pending);
  vigil.Watch(&making, watch_agent);
  vigil.SetDeadline(worker.limits.connect_timeout);
  co_await Resolve(worker, route.host, pending);
  std::optional<std::string> why;
  v1::FailureCause cause = v1::FAILURE_CAUSE_UNREACHABLE;
  if (pending->found.ok()) {
    why = co_await TryAll(vigil, upstream, route, *pending->found);
  } else {
    cause = v1::FAILURE_CAUSE_UNRESOLVED;
    why = "The name of the " + Name(route) +
          " could not be resolved: " + std::string(pending->found.status().message()) + ".";
  }
  if (!why.has_value()) {
    error_code ignored;
    upstream.socket().set_option(tcp::no_delay(true), ignored);
    if (route.tls) why = co_await StartTls(worker, upstream, route);
    if (why.has_value()) cause = v1::FAILURE_CAUSE_TLS;
  }
  vigil.Watch(nullptr, false);
  if (!why.has_value() && (vigil.expired() || vigil.agent_left()))
    why = "The " + Name(route) + " did not accept a connection.";
  std::optional<NoConnection> none;
  if (why.has_value()) {
    upstream.Close();
    none.emplace();
    none->cause = cause;
    none->sentence = *std::move(why);
  }
  co_return none;
}

}  // namespace murphy::wire
