// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/outcome/classify.h"

namespace murphy::outcome {

// The runs of an experiment, by what they are there for; each in order of its index. One that was
// interrupted is left out where it was repeated.
struct Arms {
  std::vector<const v1::Run*> treatment;
  std::vector<const v1::Run*> shadow;
  std::vector<const v1::Run*> baseline;
};

Arms ByArm(const std::vector<v1::Run>& runs);

// Runs of treatment with those of the shadow arm that have the same index.
using Twin = std::pair<const v1::Run*, const v1::Run*>;
std::vector<Twin> Twins(const Arms& arms);

// Runs without faults, and those that ended badly before they got one: both show the agent alone.
void CountBaseline(const Arms& arms, v1::Conclusion& conclusion);
// Empty where no run without faults failed.
std::string BaselineText(const v1::Conclusion& conclusion);

// What treatment cost beyond its twins in the shadow arm: runs of the same index.
void CountExtra(const Arms& arms, v1::Conclusion& conclusion);

}  // namespace murphy::outcome
