// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/transmit.h"

namespace murphy::ways {
namespace {

using wire::Failure;
using wire::Task;
using wire::UpstreamCall;

constexpr int kMostInterim = 32;

Task<std::optional<Failure>> SendAndDrop(UpstreamCall& call, const Copy& copy) {
  call.set_request_whole();
  if (auto failed = co_await call.Send(copy.head, copy.body, false)) co_return failed;
  for (int interim = 0; interim < kMostInterim; ++interim) {
    if (auto failed = co_await call.ReceiveHead(!copy.bodiless)) co_return failed;
    if (call.head().status >= 200) break;
  }
  while (!call.answer_whole()) {
    const std::string_view dropped = co_await call.ReceiveBody(nullptr, 0);
    if (dropped.empty()) break;
  }
  co_return call.failure();
}

}  // namespace

Task<exchange::Event> Transmit(wire::Vigil& vigil, Copy copy) {
  wire::Holding holding(vigil.worker.io.get_executor(), {copy.run, copy.leash, nullptr});
  holding.Look();
  if (holding.released().has_value()) co_return exchange::event::Released{*holding.released()};
  vigil.HoldCalls(&holding);
  UpstreamCall call(vigil, copy.route, true);
  std::optional<Failure> failed = co_await SendAndDrop(call, copy);
  vigil.HoldCalls(nullptr);
  call.Complete();
  vigil.ClearExpired();
  if (holding.released().has_value()) co_return exchange::event::Released{*holding.released()};
  // It was sent, whatever came of its answer.
  if (failed.has_value() && !call.sent()) co_return exchange::event::Failed{std::move(*failed)};
  co_return exchange::event::Done{};
}

}  // namespace murphy::ways
