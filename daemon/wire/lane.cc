// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/lane.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <system_error>

#include "daemon/wire/http1/author.h"

namespace murphy::wire {
namespace {

// An exchange that has been cut off ends within a step or two.
constexpr auto kEndEvery = std::chrono::milliseconds(10);
constexpr int kMostEndings = 200;
// Out of descriptors: the backlog waits a moment.
constexpr auto kAcceptPause = std::chrono::milliseconds(20);

}  // namespace

unsigned Cores() { return std::thread::hardware_concurrency(); }

Lane::Lane(const Shared& shared, Serve serve)
    : worker_(shared),
      serve_(std::move(serve)),
      acceptor_(worker_.io.get_executor()),
      tick_(worker_.io.get_executor()),
      end_(worker_.io.get_executor()) {}

Lane::~Lane() { Join(); }

absl::Status Lane::Bind(const Endpoint& endpoint) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  const int on = 1;
  ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Our own workers share the port; that no other process has it was checked before, without this
  // option.
  ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(4096, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("The gateway cannot listen on {}:{}: {}.",
                                            endpoint.address().to_string(), endpoint.port(),
                                            error.message()));
}

absl::Status Lane::Run() {
  worker_.children.Start(Accept());
  Tick();
  try {
    thread_ = std::thread([&io = worker_.io] { io.run(); });
  } catch (const std::system_error& error) {
    return absl::UnavailableError(
        fmt::format("No thread can be made for the gateway: {}.", error.what()));
  }
  return absl::OkStatus();
}

Task<void> Lane::Accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
    if (error == asio::error::operation_aborted) break;
    if (error) {
      Timer pause(worker_.io.get_executor(), kAcceptPause);
      co_await pause.async_wait(kAsTuple);
      continue;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto down = std::make_unique<Downstream>(std::move(socket), worker_);
    const std::string_view full = WhyFull(down->socket.native_handle());
    if (!full.empty()) {
      const std::string answer = Author(OwnFailure(503, v1::ORIGIN_INTERNAL, full), true, true);
      ::send(down->socket.native_handle(), answer.data(), answer.size(),
             MSG_DONTWAIT | MSG_NOSIGNAL);
      continue;
    }
    worker_.children.Start(serve_(std::move(down)));
  }
}

// Why a connection that was just accepted cannot be served; empty when it can.
std::string_view Lane::WhyFull(int descriptor) {
  const uint32_t open = worker_.connections.load(std::memory_order_relaxed);
  if (open > worker_.limits.max_connections)
    return "The gateway has as many connections as it may have.";
  if (open <= worker_.descriptors.agents() && !worker_.descriptors.AreScarce(descriptor)) return {};
  // What waits for its next exchange makes room for the next connection.
  worker_.pool.Clear();
  return "The gateway has no file descriptors left for one more connection (`ulimit -n`).";
}

void Lane::Tick() {
  tick_.expires_after(Watchdog::kTick);
  tick_.async_wait([this](error_code error) {
    // A tick that is due already cannot be cancelled any more.
    if (error || ended_) return;
    worker_.departures.Collect();
    worker_.watchdog.Tick();
    worker_.pool.Sweep(Clock::now());
    Tick();
  });
}

// Ends what there is, and what comes of that, until nothing is left to run.
void Lane::EndAll(int attempts) {
  worker_.watchdog.Drain(true);
  worker_.pool.Clear();
  if (worker_.children.count() == 0 || attempts == 0) {
    ended_ = true;
    tick_.cancel();
    if (attempts == 0) worker_.io.stop();
    return;
  }
  end_.expires_after(kEndEvery);
  end_.async_wait([this, attempts](error_code) { EndAll(attempts - 1); });
}

void Lane::Release(const std::string& run) {
  asio::post(worker_.io, [this, run] { worker_.watchdog.Release(run); });
}

void Lane::Drain(bool now) {
  asio::post(worker_.io, [this, now] {
    error_code ignored;
    acceptor_.close(ignored);
    worker_.draining = true;
    worker_.watchdog.Drain(now);
    if (now) EndAll(kMostEndings);
  });
}

void Lane::Join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace murphy::wire
