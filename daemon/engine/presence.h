// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace murphy::engine {

// The connection of an exchange's agent, so that one can look whether the agent is still there.
//
// Threads: any.
class Presence {
 public:
  virtual ~Presence() = default;
  // Its descriptor, which stays open until it is given back; -1: the agent is gone already. Any
  // number may have it at a time.
  virtual int Borrow() = 0;
  virtual void GiveBack() = 0;
};

}  // namespace murphy::engine
