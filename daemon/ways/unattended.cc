// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/unattended.h"

#include "daemon/ways/transmit.h"

namespace murphy::ways {
namespace {

namespace effect = exchange::effect;
namespace event = exchange::event;
using exchange::Event;
using wire::Task;

Task<Event> Wait(wire::Vigil& vigil, const Unattended& unattended, const effect::Hold& hold) {
  wire::Holding holding(vigil.worker.io.get_executor(), {*unattended.run, hold.leash, hold.gate});
  const auto left = absl::ToChronoNanoseconds(hold.until - unattended.run->now().run);
  co_await vigil.Hold(holding, wire::Clock::now() + left);
  if (holding.released().has_value()) co_return event::Released{*holding.released()};
  co_return event::Elapsed{};
}

}  // namespace

Task<void> DriveUnattended(wire::Worker& worker, Unattended unattended) {
  wire::Vigil vigil(worker);
  Event came = event::Done{};
  while (true) {
    const exchange::Effect* next =
        unattended.conversation->Resume(std::move(came), unattended.run->now());
    if (next == nullptr) break;
    if (const auto* hold = std::get_if<effect::Hold>(next)) {
      came = co_await Wait(vigil, unattended, *hold);
    } else if (const auto* transmit = std::get_if<effect::Transmit>(next)) {
      const Copy copy{.run = *unattended.run,
                      .route = *unattended.route,
                      .head = unattended.head,
                      .body = unattended.body,
                      .bodiless = unattended.bodiless,
                      .leash = transmit->leash};
      came = co_await Transmit(vigil, copy);
    } else {
      came = event::AgentLeft{};
    }
  }
}

}  // namespace murphy::ways
