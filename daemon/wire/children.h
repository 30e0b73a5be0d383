// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "daemon/wire/io.h"

namespace murphy::wire {

// The coroutines of one worker. They are counted, so that its loop runs until the last of them has
// ended: what they use outlives them.
class Children {
 public:
  explicit Children(asio::io_context& io) : io_(io) {}

  void Start(Task<void> child) {
    ++count_;
    asio::co_spawn(io_.get_executor(), std::move(child),
                   [this](const std::exception_ptr&) { --count_; });
  }
  size_t count() const { return count_; }

 private:
  asio::io_context& io_;
  size_t count_ = 0;
};

}  // namespace murphy::wire
