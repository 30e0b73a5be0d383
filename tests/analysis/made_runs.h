// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "murphy/v1/exchange.pb.h"

namespace murphy::analysis {

// A finished run of the treatment arm.
inline v1::Run MadeRun(uint32_t index, v1::OutcomeClass outcome_class, uint64_t tokens = 100) {
  v1::Run run;
  run.set_id("r" + std::to_string(index));
  run.set_index(index);
  run.set_arm(v1::ARM_TREATMENT);
  v1::Outcome& outcome = *run.mutable_outcome();
  outcome.set_outcome_class(outcome_class);
  outcome.set_delivered(1);
  outcome.set_operations(2);
  outcome.set_exchanges(3);
  outcome.mutable_usage()->set_output_tokens(tokens);
  return run;
}

inline void Expect(v1::Run& run, const std::string& expect, bool held, bool vacuous = false) {
  v1::ExpectResult& result = *run.mutable_outcome()->add_expects();
  result.set_expect(expect);
  result.set_held(held);
  result.set_vacuous(vacuous);
}

}  // namespace murphy::analysis
