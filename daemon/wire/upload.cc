// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/upload.h"

namespace murphy::wire {

void Upload::Start() {
  started_ = true;
  finished_ = false;
  finished_signal_.expires_at(Clock::time_point::max());
  in_.down.worker.children.Start(Run());
}

Task<void> Upload::Run() {
  std::unique_ptr<Block> block = in_.down.worker.blocks.Take();
  while (!in_.framing.done() && !in_.framing.broken()) {
    const size_t size = co_await in_.down.ReadBody(asio::buffer(*block));
    if (size == 0) {
      call_.Cancel();
      break;
    }
    const std::string_view bytes(block->data(), size);
    const size_t taken = in_.framing.Consume(bytes, nullptr, 0);
    if (!co_await call_.SendMore(bytes.substr(0, taken))) break;
    if (in_.framing.done()) call_.set_request_whole();
    // What follows the body is the next request.
    if (taken < size && in_.framing.done()) in_.following.append(bytes.substr(taken));
  }
  if (in_.framing.broken()) call_.Cancel();
  in_.down.worker.blocks.Give(std::move(block));
  finished_ = true;
  finished_signal_.cancel();
}

Task<void> Upload::Join(bool abort) {
  if (!started_) co_return;
  if (abort && !finished_) {
    error_code ignored;
    in_.down.socket.cancel(ignored);
    call_.Cancel();
  }
  while (!finished_) co_await finished_signal_.async_wait(kAsTuple);
}

}  // namespace murphy::wire
