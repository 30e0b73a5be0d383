// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>
#include <string_view>
#include <tuple>

namespace murphy::wire {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// A concrete executor, not `any_io_executor`: no allocation and no virtual call for each operation.
using Executor = asio::io_context::executor_type;
template <typename T>
using Task = asio::awaitable<T, Executor>;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

// Errors are values: every operation gives a tuple that begins with its error code.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAsTuple{};

inline constexpr size_t kBlockBytes = 16384;
using Block = std::array<char, kBlockBytes>;

// Blocks of one worker that are not in use: an idle connection holds none.
class BlockPool {
 public:
  std::unique_ptr<Block> Take() {
    if (free_.empty()) return std::unique_ptr<Block>(new Block);
    std::unique_ptr<Block> block = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  void Give(std::unique_ptr<Block> block) {
    if (block != nullptr && free_.size() < kMostFree) free_.push_back(std::move(block));
  }

 private:
  static constexpr size_t kMostFree = 256;
  std::vector<std::unique_ptr<Block>> free_;
};

}  // namespace murphy::wire
