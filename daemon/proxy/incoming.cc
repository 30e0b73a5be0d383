// SPDX-License-Identifier: Apache-2.0
#include "daemon/proxy/incoming.h"

#include "daemon/proxy/author.h"

namespace murphy::proxy {

std::string Incoming::GatewayBase() const {
  return "http://" + std::string(Find(head.lines, "host").value_or("")) + "/r/" +
         std::string(target.run) + "/" + std::string(target.route);
}

Task<Buffered> BufferBody(Incoming& in, size_t limit) {
  Downstream& down = in.down;
  const char* const seen_at = down.input.data();
  Buffered result = Buffered::kComplete;
  while (true) {
    const std::string_view arrived =
        std::string_view(down.input).substr(in.head.size + in.buffered);
    in.buffered += in.framing.Consume(arrived, nullptr, 0);
    if (in.framing.broken()) result = Buffered::kBroken;
    if (in.framing.done() || in.framing.broken()) break;
    if (in.buffered >= limit) {
      result = Buffered::kPartial;
      break;
    }
    down.SetDeadline(down.worker.limits.agent_timeout);
    if (co_await down.ReadMore() == 0) {
      result = Buffered::kGone;
      break;
    }
  }
  if (down.input.data() != seen_at) {
    std::string unused;
    ScanRequest(down.input, in.head, unused);
    in.target = SplitTarget(in.head.target).value_or(GatewayTarget{});
  }
  co_return result;
}

Task<void> Refuse(Downstream& down, int status, v1::Origin origin, std::string_view sentence) {
  const std::string bytes = Author(OwnFailure(status, origin, sentence), true, true);
  if (co_await down.Write(bytes)) co_await down.CloseGently();
  down.Close();
}

Task<bool> AnswerFailure(Incoming& in, int status, v1::Origin origin, std::string_view sentence) {
  // With part of the request unread, the next request cannot be found on this connection.
  const bool goes_on = in.framing.done() && in.head.keep_alive;
  const std::string bytes = Author(OwnFailure(status, origin, sentence), in.wants_body(), !goes_on);
  const bool written = co_await in.down.Write(bytes);
  if (written && !goes_on) co_await in.down.CloseGently();
  co_return written&& goes_on;
}

}  // namespace murphy::proxy
