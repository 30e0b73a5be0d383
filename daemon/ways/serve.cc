// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/serve.h"

#include "daemon/ways/drive.h"
#include "daemon/ways/late.h"
#include "daemon/ways/pass_through.h"

namespace murphy::ways {
namespace {

using wire::Downstream;
using wire::Incoming;
using wire::RequestHead;
using wire::Scan;
using wire::Task;

// What an idle connection may keep of its buffer.
constexpr size_t kKeptInput = 8192;

// Waits for a complete head. False: the connection is over, and has been answered where that makes
// sense.
Task<bool> ReadHead(Downstream& down, RequestHead& head) {
  std::string why;
  const size_t most = down.worker.limits.max_head_bytes;
  down.SetDeadline(down.worker.limits.head_timeout);
  while (true) {
    const Scan scan = wire::ScanRequest(down.input, head, why);
    if (scan == Scan::kDone && head.size <= most) co_return true;
    if (scan == Scan::kRefused) {
      why = "The request cannot be read safely: " + why + ".";
      co_await wire::Refuse(down, 400, v1::ORIGIN_DOWNSTREAM, why);
      co_return false;
    }
    if (scan == Scan::kDone || down.input.size() >= most) {
      co_await wire::Refuse(down, 431, v1::ORIGIN_DOWNSTREAM, "The head of the request is too large.");
      co_return false;
    }
    if (co_await down.ReadMore() > 0) continue;
    if (down.expired() && !down.input.empty() && !down.worker.draining) {
      down.ClearExpired();
      co_await wire::Refuse(down, 408, v1::ORIGIN_DOWNSTREAM,
                      "The head of the request did not arrive in time.");
    }
    down.Close();
    co_return false;
  }
}

// The run of traffic that names none.
constexpr std::string_view kDefault = "default";

struct Refusal {
  int status = 0;
  std::string sentence;
};

std::string KnownRoutes(const runs::RouteTable& routes) {
  std::string names;
  for (const auto& [name, route] : routes) names += (names.empty() ? "" : ", ") + name;
  return names;
}

// Finds run and route. A status other than 0 refuses.
Refusal Locate(Incoming& in) {
  const auto target = wire::SplitTarget(in.head.target);
  if (!target.has_value()) {
    return {404, "The gateway serves /r/RUN/ROUTE/…, and this is " +
                     std::string(in.head.target.substr(0, 100)) +
                     ". Set the base URL that `murphy run` or StartRun gives."};
  }
  in.target = *target;
  // The path names a run, or leaves it to the header (design section 2).
  const std::string_view named = in.head.headers.Find("x-murphy-run");
  if (target->run == kDefault && !named.empty()) in.target.run = named;
  runs::Runs& runs = in.down.worker.runs;
  const runs::Runs::Lookup found = runs.Find(in.target.run, in.down.worker.view);
  if (found.found == runs::Runs::Found::kUnknown) {
    return {404,
            "There is no run `" + std::string(in.target.run.substr(0, 64)) +
                "`: it was never started on this daemon, or has been over for too long. Runs are "
                "listed by `murphy run list`."};
  }
  in.run = found.run;
  const runs::RouteTable& routes = in.run != nullptr               ? in.run->spec().routes
                                   : found.ended_routes != nullptr ? *found.ended_routes
                                                                   : runs.routes();
  const auto route = routes.find(target->route);
  if (route == routes.end()) {
    return {404, "There is no route `" + std::string(target->route.substr(0, 64)) + "`. Known: " +
                     KnownRoutes(routes) + ". Add one with `murphy run --route NAME=URL`."};
  }
  in.route = runs::ForCall(route->second, in.target.rest);
  if (wire::LeavesRoute(in.target.rest)) {
    return {400, "The path of the request leads out of what stands behind the route `" +
                     in.route->name + "`."};
  }
  return {};
}

Task<bool> Route(Incoming& in) {
  if (message::EqualsIgnoreCase(in.head.upgrade, "websocket")) {
    co_return co_await wire::AnswerFailure(in, 426, v1::ORIGIN_INTERNAL,
                                     "WebSocket is not offered here; clients fall back to HTTP.");
  }
  if (in.head.method == "CONNECT" || in.head.target.front() != '/') {
    co_await wire::Refuse(in.down, 405, v1::ORIGIN_INTERNAL,
                    "This is a gateway and no forward proxy: use the base URL of a route.");
    co_return false;
  }
  const Refusal refusal = Locate(in);
  if (refusal.status != 0) {
    const wire::Buffered rest = co_await wire::BufferBody(in, 65536);
    if (rest == wire::Buffered::kComplete)
      co_return co_await wire::AnswerFailure(in, refusal.status, v1::ORIGIN_INTERNAL, refusal.sentence);
    co_await wire::Refuse(in.down, refusal.status, v1::ORIGIN_INTERNAL, refusal.sentence);
    co_return false;
  }
  in.down.worker.exchanges.fetch_add(1, std::memory_order_relaxed);
  if (in.run != nullptr && in.run->observed()) co_return co_await Drive(in);
  const PassedThrough passed = co_await PassThrough(in);
  if (in.run == nullptr) in.down.worker.runs.Late(LateRecord(in, passed));
  co_return passed.keep_alive;
}

// One request. False: the connection is over.
Task<bool> ServeOne(Downstream& down) {
  if (down.input.empty()) {
    down.idle = true;
    if (down.input.capacity() > kKeptInput) down.input.shrink_to_fit();
    if (down.worker.draining) co_return false;
    down.SetDeadline(down.worker.limits.idle_timeout);
    if (co_await down.ReadMore() == 0) co_return false;
  }
  down.idle = false;
  Incoming in(down);
  if (!co_await ReadHead(down, in.head)) co_return false;
  in.arrived = wire::Clock::now();
  down.BeginExchange();
  in.framing = wire::BodyFraming(in.head.length, in.head.content_length);
  const bool keep_alive = co_await Route(in);
  down.input.erase(0, in.head.size + in.buffered);
  down.input.append(in.following);
  co_return keep_alive && !down.expired();
}

}  // namespace

wire::Task<void> Serve(std::unique_ptr<wire::Downstream> down) {
  // GCC 12 miscompiles a `co_await` in the condition of an empty loop.
  bool open = true;
  while (open) open = co_await ServeOne(*down);
  down->Close();
}

}  // namespace murphy::ways
