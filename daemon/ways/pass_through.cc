// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/pass_through.h"

#include "daemon/ways/interim.h"
#include "daemon/wire/answer_body.h"
#include "daemon/wire/upload.h"
#include "daemon/wire/upstream_call.h"

namespace murphy::ways {
namespace {

using wire::AnswerBody;
using wire::Buffered;
using wire::Failure;
using wire::Incoming;
using wire::Task;
using wire::Upload;
using wire::UpstreamCall;

// Bodies up to this size are read before the upstream is asked: one write, and a dead pooled
// connection can be noticed.
constexpr size_t kInlineBody = 65536;

Failure AgentLeft() { return {0, v1::ORIGIN_DOWNSTREAM, "The agent left."}; }

// Nothing when the whole answer has been passed on.
Task<std::optional<Failure>> Relay(Incoming& in, UpstreamCall& call) {
  wire::AnswerChanges changes;
  if (call.head().headers.Has("location")) changes.gateway_base = in.GatewayBase();
  const std::string head = wire::ForwardedResponse(call.head(), *in.route, changes);
  AnswerBody body(in, call);
  std::string_view bytes;
  if (body.has_arrived()) bytes = co_await body.Next(nullptr, 0);
  if (!call.framing().done()) {
    in.DropRequest();
    in.down.BeginAnswer();
  }
  if (!co_await in.down.Write(head, bytes)) co_return AgentLeft();
  while (!call.framing().done() && !call.failure().has_value()) {
    bytes = co_await body.Next(nullptr, 0);
    if (bytes.empty()) break;
    if (!co_await in.down.Write(bytes)) co_return AgentLeft();
  }
  co_return call.failure();
}

Task<PassedThrough> Fail(Incoming& in, UpstreamCall& call, Upload& upload, Failure failure) {
  co_await upload.Join(true);
  call.Abandon();
  in.down.ClearExpired();
  if (upload.broken())
    failure = {400, v1::ORIGIN_DOWNSTREAM, "The chunked coding of the request is broken."};
  PassedThrough out{.origin = failure.origin, .failure = failure.sentence};
  if (failure.status == 0) {
    in.down.Close();
    co_return out;
  }
  out.status = failure.status;
  out.keep_alive =
      co_await wire::AnswerFailure(in, failure.status, failure.origin, failure.sentence);
  co_return out;
}

Task<PassedThrough> Forward(Incoming& in) {
  UpstreamCall call(in.down, *in.route);
  Upload upload(in, call);
  const std::string head = wire::ForwardedRequest(in.head, *in.route, in.target, {});
  if (in.framing.done()) call.set_request_whole();
  if (auto failed = co_await call.Send(head, in.body(), in.safe()))
    co_return co_await Fail(in, call, upload, std::move(*failed));
  if (!in.framing.done()) upload.Start();
  if (auto failed = co_await ReceiveFinalHead(in, call))
    co_return co_await Fail(in, call, upload, std::move(*failed));

  PassedThrough out{.status = call.head().status, .upstream_status = call.head().status};
  const std::optional<Failure> failed = co_await Relay(in, call);
  co_await upload.Join(true);
  if (failed.has_value()) {
    out.origin = failed->origin;
    out.failure = failed->sentence;
    // Never a clean end for an answer that broke off.
    call.Abandon();
    in.down.Reset();
    co_return out;
  }
  const bool until_close = call.head().length == wire::BodyLength::kUntilClose;
  call.Complete();
  out.keep_alive = in.head.keep_alive && !until_close && in.framing.done();
  if (!out.keep_alive) co_await in.down.CloseGently();
  co_return out;
}

}  // namespace

Task<PassedThrough> PassThrough(Incoming& in) {
  const size_t inline_body = in.head.expects_continue ? 0 : kInlineBody;
  const Buffered buffered = co_await wire::BufferBody(in, inline_body);
  if (buffered == Buffered::kBroken) {
    co_await wire::Refuse(in.down, 400, v1::ORIGIN_DOWNSTREAM,
                          "The chunked coding of the request is broken.");
    co_return PassedThrough{.status = 400};
  }
  if (buffered == Buffered::kGone) {
    in.down.Close();
    co_return PassedThrough{};
  }
  co_return co_await Forward(in);
}

}  // namespace murphy::ways
