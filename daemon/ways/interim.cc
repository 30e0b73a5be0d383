// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/interim.h"

namespace murphy::ways {
namespace {

constexpr int kMostInterim = 32;

wire::Task<std::optional<wire::Failure>> Receive(wire::Incoming& in, wire::UpstreamCall& call,
                                                 bool continued, bool until_continue) {
  for (int interim = 0; interim < kMostInterim; ++interim) {
    if (std::optional<wire::Failure> failed = co_await call.ReceiveHead(in.wants_body()))
      co_return failed;
    const int status = call.head().status;
    if (status >= 200) co_return std::nullopt;
    if (status == 101) break;
    if (in.head.minor_version == 0 || (status == 100 && continued)) continue;
    const std::string head = wire::ForwardedResponse(call.head(), *in.route, {});
    if (!co_await in.down.Write(head))
      co_return wire::Failure{0, v1::ORIGIN_DOWNSTREAM, "The agent left."};
    if (status == 100 && until_continue) co_return std::nullopt;
  }
  co_return wire::Failure{502, v1::ORIGIN_UPSTREAM,
                          "The upstream " + in.route->name + " sent interim answers without end."};
}

}  // namespace

wire::Task<std::optional<wire::Failure>> ReceiveFinalHead(wire::Incoming& in,
                                                          wire::UpstreamCall& call,
                                                          bool continued) {
  return Receive(in, call, continued, false);
}

wire::Task<std::optional<wire::Failure>> ReceiveAnswerToExpectation(wire::Incoming& in,
                                                                    wire::UpstreamCall& call) {
  return Receive(in, call, false, true);
}

}  // namespace murphy::ways
