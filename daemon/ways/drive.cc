// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/drive.h"

#include "daemon/ways/http1_driver.h"
#include "daemon/ways/unattended.h"

namespace murphy::ways {
namespace {

// What the gateway knows of an exchange before its body has come.
exchange::Subject SubjectOf(const wire::Incoming& in) {
  exchange::Subject subject{.route = in.route->name,
                            .provider = in.route->provider,
                            .host = in.route->host,
                            .bodiless = !in.wants_body(),
                            .presence = in.down.presence(),
                            .most_held = in.down.worker.limits.max_held_bytes,
                            .held = &in.down.worker.held,
                            .book = in.run.get()};
  message::Request& request = subject.request;
  request.method = in.head.method;
  const std::string_view rest = in.target.rest;
  const size_t mark = rest.find('?');
  request.path = in.route->prefix + std::string(rest.substr(0, mark));
  request.prefix = in.route->prefix.size();
  if (request.path.empty()) request.path = "/";
  if (mark != std::string_view::npos) request.query = std::string(rest.substr(mark + 1));
  request.headers = in.head.headers;
  const absl::Duration since = absl::FromChrono(wire::Clock::now() - in.arrived);
  const Now now = in.run->now();
  subject.arrived = {now.run - since, now.wall - since};
  return subject;
}

// What a coroutine has on its stack once, it keeps for as long as a stream is open.
std::unique_ptr<exchange::Conversation> Begin(const wire::Incoming& in) {
  return std::make_unique<exchange::Conversation>(SubjectOf(in));
}

void GoOnWithoutAgent(wire::Incoming& in, const Http1Driver& driver,
                      std::unique_ptr<exchange::Conversation> conversation) {
  Unattended unattended{.conversation = std::move(conversation),
                        .run = in.run,
                        .route = in.route,
                        .head = driver.sent_head(),
                        .body = std::string(driver.sent_body()),
                        .bodiless = !in.wants_body()};
  in.down.worker.children.Start(DriveUnattended(in.down.worker, std::move(unattended)));
}

}  // namespace

wire::Task<bool> Drive(wire::Incoming& in) {
  auto conversation = Begin(in);
  Http1Driver driver(in);
  Event came = event::Done{};
  while (!driver.detached()) {
    conversation->NoteRequestBytes(in.framing.payload_bytes());
    const exchange::Effect* next = conversation->Resume(std::move(came), in.run->now());
    if (next == nullptr) break;
    std::optional<Event> at_once = driver.PerformNow(*next);
    if (at_once.has_value()) {
      came = *std::move(at_once);
    } else {
      came = co_await driver.Perform(*next);
    }
  }
  if (driver.detached()) GoOnWithoutAgent(in, driver, std::move(conversation));
  co_return co_await driver.Leave();
}

}  // namespace murphy::ways
