// SPDX-License-Identifier: Apache-2.0
// Both ends of many event streams, for the benchmark of streams:
//   streams serve PORT EVENTS PACE_US   answers every request with EVENTS server-sent events, one
//   every PACE_US (0: at once) streams read PORT PATH CONNECTIONS  opens CONNECTIONS streams and
//   reads them to their end; prints a JSON line with the events
//                                       read, the seconds taken, and "open" when all have begun
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
using Clock = std::chrono::steady_clock;

const std::string kEvent =
    "data: "
    "{\"id\":\"chatcmpl-0\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
    "\"delta\":"
    "{\"content\":\" token\"},\"finish_reason\":null}]}\n\n";

std::string Chunk(const std::string& bytes) {
  char size[20];
  std::snprintf(size, sizeof(size), "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

// Streams begin spread evenly over the pace, however the proxy has let them in: every proxy sees
// the same arrivals.
Clock::time_point FirstEvent(int number, std::chrono::microseconds pace) {
  if (pace.count() == 0) return Clock::now();
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      Clock::now().time_since_epoch());
  const std::chrono::microseconds phase(int64_t{number} * 7919 % pace.count());
  return Clock::time_point(now - now % pace + pace + phase);
}

asio::awaitable<void> Answer(tcp::socket socket, int number, int events,
                             std::chrono::microseconds pace) {
  socket.set_option(tcp::no_delay(true));
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = Chunk(kEvent);
  std::string request;
  while (true) {
    auto [error, size] =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", kTuple);
    if (error) co_return;
    request.erase(0, size);
    auto [head_error, written] = co_await asio::async_write(socket, asio::buffer(head), kTuple);
    if (head_error) co_return;
    asio::steady_timer timer(socket.get_executor());
    Clock::time_point next = FirstEvent(number, pace);
    for (int i = 0; i < events; ++i, next += pace) {
      if (pace.count() > 0) {
        timer.expires_at(next);
        co_await timer.async_wait(kTuple);
      }
      auto [write_error, bytes] = co_await asio::async_write(socket, asio::buffer(chunk), kTuple);
      if (write_error) co_return;
    }
    auto [end_error, end] =
        co_await asio::async_write(socket, asio::buffer("0\r\n\r\n", 5), kTuple);
    if (end_error) co_return;
  }
}

asio::awaitable<void> Listen(uint16_t port, int events, std::chrono::microseconds pace) {
  auto executor = co_await asio::this_coro::executor;
  tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  acceptor.listen(8192);
  for (int number = 0;; ++number) {
    auto [error, socket] = co_await acceptor.async_accept(kTuple);
    if (!error)
      asio::co_spawn(executor, Answer(std::move(socket), number, events, pace), asio::detached);
  }
}

struct Totals {
  int wanted = 0;
  int begun = 0;
  int ended = 0;
  int broken = 0;
  uint64_t events = 0;
};

asio::awaitable<void> Read(uint16_t port, std::string path, Totals& totals) {
  tcp::socket socket(co_await asio::this_coro::executor);
  auto [error] =
      co_await socket.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), kTuple);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n";
  if (!error) co_await asio::async_write(socket, asio::buffer(request), kTuple);
  std::string buffer(4096, '\0');
  std::string tail;
  bool begun = false;
  while (!error) {
    auto [read_error, size] = co_await socket.async_read_some(asio::buffer(buffer), kTuple);
    if (read_error) break;
    const std::string_view bytes(buffer.data(), size);
    if (!begun && ++totals.begun == totals.wanted) {
      std::puts("open");
      std::fflush(stdout);
    }
    begun = true;
    for (size_t at = bytes.find("data: "); at != std::string_view::npos;
         at = bytes.find("data: ", at + 1))
      ++totals.events;
    tail.append(bytes);
    if (tail.size() > 5) tail.erase(0, tail.size() - 5);
    if (tail == "0\r\n\r\n") {
      ++totals.ended;
      co_return;
    }
  }
  ++totals.broken;
}

int main(int argc, char** argv) {
  asio::io_context io(1);
  if (argc == 5 && std::string(argv[1]) == "serve") {
    asio::co_spawn(io,
                   Listen(std::atoi(argv[2]), std::atoi(argv[3]),
                          std::chrono::microseconds(std::atoi(argv[4]))),
                   asio::detached);
    io.run();
    return 0;
  }
  if (argc != 5 || std::string(argv[1]) != "read") return 2;
  Totals totals{.wanted = std::atoi(argv[4])};
  const auto began = Clock::now();
  for (int i = 0; i < totals.wanted; ++i) {
    asio::co_spawn(io, Read(std::atoi(argv[2]), argv[3], totals), asio::detached);
  }
  io.run();
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::printf("{\"seconds\": %.6f, \"events\": %llu, \"ended\": %d, \"broken\": %d}\n", seconds,
              static_cast<unsigned long long>(totals.events), totals.ended, totals.broken);
  return totals.broken == 0 ? 0 : 1;
}
