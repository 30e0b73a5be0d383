// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/results.h"

#include <utility>

namespace murphy::outcome {

v1::ExpectResult Held(std::string evidence) {
  v1::ExpectResult result;
  result.set_held(true);
  result.set_evidence(std::move(evidence));
  return result;
}

v1::ExpectResult Violated(std::string evidence) {
  v1::ExpectResult result;
  result.set_evidence(std::move(evidence));
  return result;
}

v1::ExpectResult Idle(std::string evidence) {
  v1::ExpectResult result = Held(std::move(evidence));
  result.set_vacuous(true);
  return result;
}

v1::ExpectResult Unjudged(std::string evidence) {
  v1::ExpectResult result = Violated(std::move(evidence));
  result.set_vacuous(true);
  return result;
}

}  // namespace murphy::outcome
