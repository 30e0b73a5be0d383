// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace murphy::wire {

// Knows which of a worker's connections have been closed at the other end, without a look at each:
// the kernel keeps the list.
class Departures {
 public:
  Departures();
  ~Departures();
  Departures(const Departures&) = delete;
  Departures& operator=(const Departures&) = delete;

  // Sets `hung_up` with the next Collect after the peer has closed its sending side, or all. It is
  // forgotten when the descriptor is closed. Where the kernel does not help, it is set at once:
  // whoever reads it must look.
  void Add(int descriptor, bool& hung_up);
  void Collect();

 private:
  int epoll_;
};

}  // namespace murphy::wire
