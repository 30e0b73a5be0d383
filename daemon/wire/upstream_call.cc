// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/upstream_call.h"

#include <utility>

#include "daemon/wire/connect.h"
#include "daemon/wire/tunnel.h"
#include "faults/message/let_go.h"

namespace murphy::wire {
namespace {

// As many bytes of a head as are waited for at once, with what comes along of its body.
constexpr size_t kHeadRoom = 4096;

void TakeSent(size_t size, std::string_view& first, std::string_view& second) {
  const size_t from_first = std::min(size, first.size());
  first.remove_prefix(from_first);
  second.remove_prefix(size - from_first);
}

}  // namespace

UpstreamCall::~UpstreamCall() {
  vigil_.Watch(nullptr, false);
  vigil_.worker.blocks.Give(std::move(block_));
}

Failure UpstreamCall::WhyStopped(const std::string& sentence) const {
  if (vigil_.agent_left() && watch_) return {0, v1::ORIGIN_DOWNSTREAM, "The agent left."};
  if (vigil_.stalled())
    return {408, v1::ORIGIN_DOWNSTREAM, "The rest of the request's body did not arrive in time."};
  if (vigil_.expired())
    return {504, v1::ORIGIN_UPSTREAM, TheUpstream() + " was silent for too long."};
  return {502, v1::ORIGIN_UPSTREAM, sentence};
}

std::string UpstreamCall::TheUpstream() const {
  if (proxy_ == nullptr) return "The upstream " + route_.name;
  return "The upstream " + route_.name + ", through the proxy " + proxy_->name + ",";
}

bool UpstreamCall::MayRepeat() const {
  return upstream_->reused() && repeatable_ && !vigil_.agent_left() && !vigil_.expired();
}

Task<std::optional<Failure>> UpstreamCall::Open(bool allow_reuse) {
  Worker& worker = vigil_.worker;
  upstream_.reset();
  if (allow_reuse) upstream_ = worker.pool.TakeIdle(route_, proxy_);
  if (upstream_ == nullptr) {
    upstream_ = std::make_unique<Upstream>(worker.io.get_executor());
    std::optional<Failure> failed = co_await Connect(vigil_, *upstream_, route_, proxy_, watch_);
    if (failed.has_value()) co_return failed;
  }
  vigil_.Watch(this, watch_);
  co_return std::nullopt;
}

Task<bool> UpstreamCall::WriteAll(std::string_view first, std::string_view second) {
  // Most requests fit the kernel's buffer, and need no turn of the loop.
  error_code broken;
  TakeSent(upstream_->WriteNow(first, second, broken), first, second);
  if (broken) {
    last_error_ = broken;
    co_return false;
  }
  while (!first.empty() || !second.empty()) {
    vigil_.SetDeadline(vigil_.worker.limits.upstream_timeout);
    const std::array<asio::const_buffer, 2> buffers = {
        asio::const_buffer(first.data(), first.size()),
        asio::const_buffer(second.data(), second.size())};
    auto [error, size] = co_await upstream_->WriteSome(buffers);
    if (error) {
      last_error_ = error;
      co_return false;
    }
    TakeSent(size, first, second);
  }
  co_return true;
}

Task<std::optional<Failure>> UpstreamCall::Send(std::string_view head, std::string_view body,
                                                bool repeatable) {
  if (proxy_ != nullptr && !route_.tls) {
    proxied_head_ = ProxiedHead(head, route_, *proxy_);
    head = proxied_head_;
  }
  sent_head_ = head;
  sent_body_ = body;
  repeatable_ = repeatable;
  for (const bool allow_reuse : {true, false}) {
    if (std::optional<Failure> failed = co_await Open(allow_reuse)) co_return failed;
    sent_ = co_await WriteAll(head, body);
    if (sent_) break;
    if (allow_reuse && MayRepeat()) continue;
    // An upstream may answer before it has read everything and then close: its answer decides.
    if (!body.empty() && !vigil_.agent_left() && !vigil_.expired()) break;
    co_return WhyStopped(TheUpstream() +
                         " closed the connection while the request was being sent: " +
                         last_error_.message() + ".");
  }
  co_return std::nullopt;
}

Task<bool> UpstreamCall::SendMore(std::string_view bytes) {
  // Behind a gap, they would be read as something else.
  if (sent_) sent_ = co_await WriteAll(bytes, {});
  co_return sent_;
}

// What has arrived, or the next thing to arrive; empty when there is nothing more.
Task<std::string_view> UpstreamCall::ReadSome() {
  Worker& worker = vigil_.worker;
  if (std::exchange(flowing_, false)) {
    if (const auto size = upstream_->ReadNow(asio::buffer(worker.scratch))) {
      flowing_ = *size == worker.scratch.size();
      co_return std::string_view(worker.scratch.data(), *size);
    }
  }
  vigil_.SetDeadline(worker.limits.upstream_timeout);
  if (patient_) vigil_.NoDeadline();
  asio::mutable_buffer room = asio::buffer(worker.scratch);
  if (upstream_->tls()) {
    if (block_ == nullptr) block_ = worker.blocks.Take();
    room = asio::buffer(*block_);
  }
  auto [error, size] = co_await upstream_->ReadNext(room);
  last_error_ = error;
  closed_ = error == asio::error::eof;
  if (error) co_return std::string_view();
  flowing_ = !upstream_->tls() && size == room.size();
  co_return std::string_view(static_cast<const char*>(room.data()), size);
}

// False: nothing more comes.
Task<bool> UpstreamCall::ReadHeadBytes() {
  if (stopped_) co_return false;
  vigil_.SetDeadline(vigil_.worker.limits.upstream_timeout);
  const size_t before = received_.size();
  received_.resize(before + kHeadRoom);
  auto [error, size] =
      co_await upstream_->ReadSome(asio::buffer(received_.data() + before, kHeadRoom));
  received_.resize(before + (error ? 0 : size));
  flowing_ = size == kHeadRoom;
  last_error_ = error;
  closed_ = error == asio::error::eof;
  co_return !error;
}

Task<std::optional<Failure>> UpstreamCall::ReceiveHead(bool has_body) {
  std::string why;
  received_.erase(0, consumed_);
  consumed_ = 0;
  while (true) {
    const Scan scan = ScanResponse(received_, head_, why);
    if (scan == Scan::kDone) break;
    if (scan == Scan::kRefused) {
      co_return Failure{
          502, v1::ORIGIN_UPSTREAM,
          "The answer of the upstream " + route_.name + " cannot be read: " + why + "."};
    }
    if (received_.size() > vigil_.worker.limits.max_head_bytes) {
      co_return Failure{
          502, v1::ORIGIN_UPSTREAM,
          "The answer of the upstream " + route_.name + " has a head that is too large."};
    }
    if (co_await ReadHeadBytes()) continue;
    if (!received_.empty() || !MayRepeat()) {
      co_return WhyStopped(TheUpstream() +
                           " closed the connection without an answer: " + last_error_.message() +
                           ".");
    }
    repeatable_ = false;
    if (std::optional<Failure> failed = co_await Open(false)) co_return failed;
    if (!co_await WriteAll(sent_head_, sent_body_))
      co_return WhyStopped(TheUpstream() + " closed the connection.");
  }
  consumed_ = head_.size;
  if (head_.status < 200) co_return std::nullopt;
  answered_ = true;
  if (proxy_ != nullptr && !route_.tls && head_.status == 407) {
    co_return Failure{502, v1::ORIGIN_UPSTREAM,
                      "The proxy " + proxy_->name + " did not pass on the request (route " +
                          route_.name + "): " + RefusalOf(head_, *proxy_)};
  }
  if (!has_body || head_.status == 204 || head_.status == 304) head_.length = BodyLength::kNone;
  framing_ = BodyFraming(head_.length, head_.content_length);
  pending_ = std::string_view(received_).substr(consumed_);
  // Bytes after the end: the connection cannot be trusted again.
  if (framing_.done() && !pending_.empty()) head_.keep_alive = false;
  co_return std::nullopt;
}

Task<std::string_view> UpstreamCall::ReceiveBody(std::string* payload, size_t limit) {
  if (framing_.done() || failure_.has_value()) co_return std::string_view();
  std::string_view bytes = std::exchange(pending_, {});
  if (bytes.empty()) {
    // The head is not needed any more, and a stream may be long.
    message::LetGo(received_);
    bytes = co_await ReadSome();
    if (bytes.empty() && answer_whole()) co_return std::string_view();
    if (bytes.empty()) {
      failure_ =
          WhyStopped(TheUpstream() +
                     " broke off in the middle of its answer: " + last_error_.message() + ".");
      co_return std::string_view();
    }
  }
  const size_t taken = framing_.Consume(bytes, payload, limit);
  if (framing_.broken()) {
    failure_ = Failure{502, v1::ORIGIN_UPSTREAM,
                       TheUpstream() + " broke the chunked coding of its answer."};
    co_return bytes.substr(0, taken);
  }
  // Bytes after the end: the connection cannot be trusted again.
  if (taken < bytes.size()) head_.keep_alive = false;
  co_return bytes.substr(0, taken);
}

void UpstreamCall::Complete() {
  if (upstream_ == nullptr) return;
  vigil_.Watch(nullptr, false);
  const bool whole = request_whole_ && sent_ && answered_ && framing_.done();
  const bool kept = whole && head_.keep_alive && !failure_.has_value();
  if (kept) vigil_.worker.pool.Give(route_, proxy_, std::move(upstream_));
  upstream_.reset();
}

void UpstreamCall::Abandon() {
  vigil_.Watch(nullptr, false);
  upstream_.reset();
}

void UpstreamCall::StopWaiting() {
  stopped_ = true;
  Cancel();
}

void UpstreamCall::Cancel() {
  if (upstream_ != nullptr) upstream_->Cancel();
}

}  // namespace murphy::wire
