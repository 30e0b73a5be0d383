// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/departures.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>

namespace murphy::wire {

Departures::Departures() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

Departures::~Departures() {
  if (epoll_ >= 0) ::close(epoll_);
}

void Departures::Add(int descriptor, bool& hung_up) {
  epoll_event event = {};
  event.events = EPOLLRDHUP | EPOLLET;
  event.data.ptr = &hung_up;
  hung_up = ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0;
}

void Departures::Collect() {
  // With more, the rest is there for the next tick.
  constexpr int kMostRounds = 64;
  std::array<epoll_event, 256> events;
  for (int round = 0; round < kMostRounds; ++round) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) *static_cast<bool*>(events[i].data.ptr) = true;
    if (count < static_cast<int>(events.size())) return;
  }
}

}  // namespace murphy::wire
