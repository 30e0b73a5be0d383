// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/incoming.h"

#include "daemon/dialect/dialects.h"
#include "daemon/dialect/own_failure.h"
#include "daemon/wire/http1/author.h"

namespace murphy::wire {
namespace {

// A body of this size is nothing to speak of: the buffers of a connection are as large.
constexpr size_t kUncounted = 64 << 10;

// In the words of the protocol, where it is known which one the agent speaks.
message::Response Spell(const Incoming& in, int status, v1::Origin origin,
                        std::string_view sentence) {
  if (in.route == nullptr) return OwnFailure(status, origin, sentence);
  message::Request request{.method = in.head.method,
                           .path = std::string(in.target.rest.substr(0, in.target.rest.find('?'))),
                           .headers = in.head.headers,
                           .body = std::string(in.body()),
                           .body_complete = in.framing.done()};
  const message::Dialect& dialect = dialect::Recognise(request, in.route->provider);
  const message::Call call = dialect.Describe(request, in.route->name);
  return dialect::OwnFailure(dialect, call, status, origin, sentence);
}

}  // namespace

std::string Incoming::GatewayBase() const {
  return "http://" + std::string(head.headers.Find("host")) + "/r/" +
         std::string(target.run) + "/" + std::string(target.route);
}

void Incoming::DropRequest() {
  down.input.erase(0, head.size + buffered);
  down.input.shrink_to_fit();
  head.size = buffered = 0;
  share.Release();
}

Task<Buffered> BufferBody(Incoming& in, size_t limit) {
  Downstream& down = in.down;
  while (true) {
    const std::string_view arrived =
        std::string_view(down.input).substr(in.head.size + in.buffered);
    const size_t taken = in.framing.Consume(arrived, nullptr, 0);
    in.buffered += taken;
    if (in.framing.broken()) co_return Buffered::kBroken;
    if (in.framing.done()) co_return Buffered::kComplete;
    const bool room = in.buffered < kUncounted || in.share.Grow(taken);
    if (in.buffered >= limit || !room) co_return Buffered::kPartial;
    down.SetDeadline(down.worker.limits.agent_timeout);
    if (co_await down.ReadMore() == 0) co_return Buffered::kGone;
  }
}

Task<void> Refuse(Downstream& down, int status, v1::Origin origin, std::string_view sentence) {
  const std::string bytes = Author(OwnFailure(status, origin, sentence), true, true);
  if (co_await down.Write(bytes)) co_await down.CloseGently();
  down.Close();
}

Task<bool> AnswerFailure(Incoming& in, int status, v1::Origin origin, std::string_view sentence) {
  // With part of the request unread, the next request cannot be found on this connection.
  const bool goes_on = in.framing.done() && in.head.keep_alive;
  const message::Response response = Spell(in, status, origin, sentence);
  const std::string bytes = Author(response, in.wants_body(), !goes_on);
  const bool written = co_await in.down.Write(bytes);
  if (written && !goes_on) co_await in.down.CloseGently();
  co_return written&& goes_on;
}

}  // namespace murphy::wire
