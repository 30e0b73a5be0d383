// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/interjection.h"

namespace murphy::wire {

void Interjection::Start() {
  finished_ = false;
  finished_signal_.expires_at(Clock::time_point::max());
  down_.worker.children.Start(Watch());
}

Task<void> Interjection::Watch() {
  auto [error] = co_await down_.socket.async_wait(Socket::wait_read, kAsTuple);
  came_ = !error;
  if (came_) call_.StopWaiting();
  finished_ = true;
  finished_signal_.cancel();
}

Task<void> Interjection::Join() {
  if (!finished_) {
    error_code ignored;
    down_.socket.cancel(ignored);
  }
  while (!finished_) co_await finished_signal_.async_wait(kAsTuple);
  call_.WaitAgain();
}

}  // namespace murphy::wire
