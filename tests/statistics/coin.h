// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>

namespace murphy::statistics {

// Chance for simulations: the same on every machine.
class Coin {
 public:
  explicit Coin(uint64_t seed) : random_(seed) {}

  double Uniform() { return static_cast<double>(random_() >> 11) / 9007199254740992.0; }
  bool Falls(double chance) { return Uniform() < chance; }

 private:
  std::mt19937_64 random_;
};

}  // namespace murphy::statistics
