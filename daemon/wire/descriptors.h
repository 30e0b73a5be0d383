// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace murphy::wire {

// File descriptors are shared by agents, upstreams, controllers and files. The last ones are not
// for agents and upstreams, however many there are of these: a halt must get through.
class Descriptors {
 public:
  // Of a process that may have so many.
  explicit Descriptors(int limit);
  // Of this process.
  static Descriptors OfThisProcess();

  // Connections of agents that there may be: each may need one to an upstream.
  unsigned agents() const { return static_cast<unsigned>(most_) / 2; }
  // The kernel gives the lowest number that is free: this one is given only when hardly any are.
  bool AreScarce(int descriptor) const { return descriptor >= most_; }

 private:
  int most_;
};

}  // namespace murphy::wire
