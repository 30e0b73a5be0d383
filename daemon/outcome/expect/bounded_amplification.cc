// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/expect/selection.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"

namespace murphy::outcome {
namespace {

// Attempts beyond the first, by who makes them.
struct Further {
  size_t sdk = 0;
  size_t framework = 0;
  size_t application = 0;

  void Count(const v1::Exchange& exchange) {
    switch (exchange.attempt_layer()) {
      case v1::ATTEMPT_LAYER_SDK:
        ++sdk;
        return;
      case v1::ATTEMPT_LAYER_FRAMEWORK:
        ++framework;
        return;
      default:  // of protobuf's enumeration: whoever else repeats is the application
        ++application;
    }
  }

  size_t Of(v1::RetryLayer layer) const {
    switch (layer) {
      case v1::RETRY_LAYER_SDK:
        return sdk;
      case v1::RETRY_LAYER_FRAMEWORK:
        return framework;
      case v1::RETRY_LAYER_APPLICATION:
        return application;
      default:  // of protobuf's enumeration: all of them
        return sdk + framework + application;
    }
  }

  std::string Told() const {
    std::vector<std::string> parts;
    if (sdk > 0) parts.push_back(fmt::format("{} by a client library", sdk));
    if (framework > 0) parts.push_back(fmt::format("{} by a framework", framework));
    if (application > 0) parts.push_back(fmt::format("{} by the application", application));
    return parts.empty() ? "none repeated" : fmt::format("{}", fmt::join(parts, ", "));
  }
};

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::BoundedAmplificationExpect& expect) {
  const std::vector<uint64_t> operations = Selected(history, expect);
  if (operations.empty()) return Idle(fmt::format("no operation{} took place", Whose(expect)));
  Further further;
  std::vector<uint64_t> repeats;
  for (const uint64_t operation : operations) {
    const std::vector<size_t>& attempts = history.AttemptsOf(operation);
    for (auto it = attempts.begin() + 1; it < attempts.end(); ++it) {
      further.Count(history.at(*it));
      repeats.push_back(history.at(*it).sequence());
    }
  }
  const size_t attempts = operations.size() + further.Of(expect.layer());
  const double amplification = static_cast<double>(attempts) / static_cast<double>(operations.size());
  const std::string seen = fmt::format(
      "{} for {}{}: {:.2f} for each ({}); {:g} is allowed", Counted(attempts, "attempt"),
      Counted(operations.size(), "operation"), Whose(expect), amplification, further.Told(),
      expect.at_most());
  return amplification <= expect.at_most() ? Held(seen) : Shown(Violated(seen), repeats);
}

}  // namespace murphy::outcome
