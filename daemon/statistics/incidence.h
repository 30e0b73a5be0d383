// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace murphy::statistics {

// What became of one fault, and when: any unit of time, calls included.
struct Passage {
  double at = 0;
  // Number of the outcome, from 1 on; 0: it was not over when the run was (censored).
  uint32_t outcome = 0;
};

// Cumulative incidence of each outcome at a time. Giving up and hanging compete with recovering: one
// minus Kaplan-Meier, which takes them for censored, is too high (Aalen and Johansen 1978).
class Incidence {
 public:
  explicit Incidence(std::vector<Passage> passages);

  // Share that had come to `outcome` by then.
  double At(double time, uint32_t outcome) const;
  // Mean time up to `until` before it came to anything.
  double RestrictedMean(double until) const;
  // When half of them had come to `outcome`; infinity where that never was.
  double Median(uint32_t outcome) const;

 private:
  // The chance of being where nothing has happened, before each passage, and the step there.
  struct Step {
    double at;
    uint32_t outcome;
    double risen;
    double open_after;
  };
  std::vector<Step> steps_;
};

}  // namespace murphy::statistics
