// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace murphy::engine {

// Whether the agent of an exchange is still there, as far as its connection tells.
//
// Threads: any.
class Presence {
 public:
  virtual ~Presence() = default;
  virtual bool gone() = 0;
};

}  // namespace murphy::engine
