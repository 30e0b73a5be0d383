// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/downstream.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>

namespace murphy::wire {
namespace {

// Every answer begins with it: `HTTP/1.`.
constexpr char kFirstByte = 'H';

short Condition(int descriptor) {
  pollfd polled{descriptor, POLLRDHUP, 0};
  return ::poll(&polled, 1, 0) > 0 ? polled.revents : short{0};
}

}  // namespace

Downstream::Downstream(Socket accepted, Worker& owner)
    : Vigil(owner),
      socket(std::move(accepted)),
      presence_(std::make_shared<ConnectionPresence>(socket.native_handle())) {
  worker.departures.Add(socket.native_handle(), hung_up_);
  worker.connections.fetch_add(1, std::memory_order_relaxed);
}

Downstream::~Downstream() {
  presence_->Close();
  worker.connections.fetch_sub(1, std::memory_order_relaxed);
}

Task<size_t> Downstream::ReadMore() {
  const size_t before = input.size();
  // Small heads fit the first step; a larger body doubles it, so that reading stays linear.
  const size_t room = std::clamp<size_t>(before, 4096, 1 << 20);
  input.resize(before + room);
  auto [error, size] =
      co_await socket.async_read_some(asio::buffer(input.data() + before, room), kAsTuple);
  input.resize(before + (error ? 0 : size));
  co_return error ? 0 : size;
}

Task<size_t> Downstream::ReadInto(asio::mutable_buffer buffer) {
  auto [error, size] = co_await socket.async_read_some(asio::mutable_buffers_1(buffer), kAsTuple);
  co_return error ? 0 : size;
}

Task<size_t> Downstream::ReadBody(asio::mutable_buffer buffer) {
  body_due_ = Clock::now() + worker.limits.agent_timeout;
  auto [error, size] = co_await socket.async_read_some(asio::mutable_buffers_1(buffer), kAsTuple);
  body_due_.reset();
  // Whoever ends in the middle of a request has left, unless an early answer was enough.
  if (error && error != asio::error::operation_aborted && !answering_) left_ = true;
  co_return error ? 0 : size;
}

bool Downstream::SendNow(std::string_view& first, std::string_view& second) {
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> pieces = {iovec{const_cast<char*>(first.data()), first.size()},
                                   iovec{const_cast<char*>(second.data()), second.size()}};
    msghdr message = {};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = ::sendmsg(socket.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    const auto size = static_cast<size_t>(sent);
    const size_t from_first = std::min(size, first.size());
    first.remove_prefix(from_first);
    second.remove_prefix(size - from_first);
  }
  return true;
}

Task<bool> Downstream::Write(std::string_view first, std::string_view second) {
  if (!unsent_.empty()) {
    unsent_.append(first).append(second);
    co_return co_await Flush();
  }
  if (ahead_ && !first.empty()) {
    first.remove_prefix(1);
    ahead_ = false;
  }
  deadline = Clock::now() + worker.limits.agent_timeout;
  std::string kept;
  while (true) {
    if (left_ || !socket.is_open() || !SendNow(first, second)) {
      left_ = true;
      co_return false;
    }
    if (first.empty() && second.empty()) co_return true;
    // While this waits, the worker reads something else into its block.
    if (kept.empty() && (IsScratch(first) || IsScratch(second))) {
      kept.append(first).append(second);
      first = kept;
      second = {};
    }
    auto [error] = co_await socket.async_wait(Socket::wait_write, kAsTuple);
    if (error) {
      left_ = true;
      co_return false;
    }
    deadline = Clock::now() + worker.limits.agent_timeout;
  }
}

bool Downstream::IsScratch(std::string_view bytes) const {
  const char* const begin = worker.scratch.data();
  return bytes.data() >= begin && bytes.data() < begin + worker.scratch.size();
}

Task<bool> Downstream::Flush() {
  const std::string bytes = std::exchange(unsent_, {});
  if (bytes.empty()) co_return !left_;
  co_return co_await Write(bytes);
}

void Downstream::BeginExchange() {
  answering_ = false;
  stalled_ = false;
}

void Downstream::BeginAnswer() {
  // Somebody who has closed their side by now, and is there to read, was never going to say more.
  half_closed_ = socket.is_open() && (Condition(socket.native_handle()) & POLLRDHUP) != 0;
  answering_ = true;
}

// An agent that has closed its side has left, or only has nothing more to ask: only bytes that are
// sent to it tell. Before an answer, its first byte is sent ahead; an agent that is not there any
// more refuses it.
bool Downstream::Probe() {
  const char byte = kFirstByte;
  if (::send(socket.native_handle(), &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return false;
  ahead_ = true;
  half_closed_ = true;
  return (Condition(socket.native_handle()) & (POLLERR | POLLHUP)) == 0;
}

bool Downstream::LooksGone() {
  if (left_ || !socket.is_open()) return left_;
  const short condition = Condition(socket.native_handle());
  if ((condition & (POLLERR | POLLHUP)) != 0) {
    left_ = true;
  } else if ((condition & POLLRDHUP) != 0 && !half_closed_) {
    left_ = answering_ || !Probe();
  }
  return left_;
}

void Downstream::Reset() {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  Close();
}

Task<void> Downstream::CloseGently() {
  error_code ignored;
  socket.shutdown(Socket::shutdown_send, ignored);
  SetDeadline(std::chrono::milliseconds(1000));
  // An agent may be in the middle of a large body when it is answered.
  std::unique_ptr<Block> dropped = worker.blocks.Take();
  for (int rounds = 0; rounds < 4096 && !expired_; ++rounds) {
    if (co_await ReadInto(asio::buffer(*dropped)) == 0) break;
  }
  worker.blocks.Give(std::move(dropped));
  Close();
}

void Downstream::Close() {
  presence_->Close();
  error_code ignored;
  socket.close(ignored);
}

void Downstream::CancelAll() {
  Vigil::CancelAll();
  error_code ignored;
  socket.cancel(ignored);
}

void Downstream::OnDeadline() {
  if (body_due_.has_value()) {
    deadline = *body_due_;
    if (Clock::now() < deadline) return;
    stalled_ = true;
  }
  expired_ = true;
  CancelAll();
}

void Downstream::OnTick(Clock::time_point now) {
  if (body_due_.has_value() && *body_due_ <= now) OnDeadline();
  if (!hung_up_ || !watching_agent() || left_ || !socket.is_open()) return;
  if (LooksGone()) CancelAll();
}

void Downstream::OnDrain(bool now) {
  Vigil::OnDrain(now || idle);
  if (now) Close();
}

}  // namespace murphy::wire
