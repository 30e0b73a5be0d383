// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/scenario/check.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

void CheckEffects(Review& review, const std::string& path,
                  const v1::AtMostOnceEffectExpect& expect) {
  if (expect.has_target()) {
    review.KnowsTarget(path + ".target", expect.target());
    return;
  }
  const auto& targets = review.scenario().target();
  const bool some = std::any_of(targets.begin(), targets.end(), [](const auto& entry) {
    return entry.second.role() == v1::TARGET_ROLE_SIDE_EFFECT;
  });
  if (!some) {
    review.Say(path, "looks at nothing: name a `target`, or give one role = \"side_effect\"");
  }
}

void CheckFallback(Review& review, const std::string& path, const v1::FallsBackExpect& expect) {
  if (!review.KnowsTarget(path + ".target", expect.target())) return;
  const auto& targets = review.scenario().target();
  const bool some = std::any_of(targets.begin(), targets.end(), [&](const auto& entry) {
    return entry.second.fallback_for() == expect.target();
  });
  if (!some) {
    review.Say(path + ".target",
               fmt::format("no target declares fallback_for = \"{}\"", expect.target()));
  }
}

void CheckHijack(Review& review, const std::string& path, const v1::NoHijackExpect& expect) {
  for (int i = 0; i < expect.must_call_size(); ++i)
    review.KnowsTarget(fmt::format("{}.must_call[{}]", path, i), expect.must_call(i));
  for (int i = 0; i < expect.decoys_size(); ++i)
    review.KnowsTarget(fmt::format("{}.decoys[{}]", path, i), expect.decoys(i));
}

void CheckExpectation(Review& review, const std::string& path, const v1::Expect& expect) {
  const auto target_of = [&](std::string_view kind, const auto& message) {
    if (message.has_target())
      review.KnowsTarget(fmt::format("{}.{}.target", path, kind), message.target());
  };
  switch (expect.kind_case()) {
    case v1::Expect::KIND_NOT_SET:
      review.Say(path, "expects nothing: name one expectation");
      return;
    case v1::Expect::kBoundedRetries:
      return target_of("bounded_retries", expect.bounded_retries());
    case v1::Expect::kRespectsRetryAfter:
      return target_of("respects_retry_after", expect.respects_retry_after());
    case v1::Expect::kNoRetryOnPermanent:
      return target_of("no_retry_on_permanent", expect.no_retry_on_permanent());
    case v1::Expect::kAtMostOnceEffect:
      return CheckEffects(review, path + ".at_most_once_effect", expect.at_most_once_effect());
    case v1::Expect::kFallsBack:
      return CheckFallback(review, path + ".falls_back", expect.falls_back());
    case v1::Expect::kTerminates:
      if (!expect.terminates().has_calls() && !expect.terminates().has_tokens() &&
          !expect.terminates().has_time()) {
        review.SayOf(path + ".terminates", "says no limit: name `calls`, `tokens` or `time`");
      }
      return;
    case v1::Expect::kNoHijack:
      return CheckHijack(review, path + ".no_hijack", expect.no_hijack());
    case v1::Expect::kNoSilentFailure:
    case v1::Expect::kCompletes:
      return;
  }
}

}  // namespace

void CheckExpectations(Review& review) {
  for (int i = 0; i < review.scenario().expect_size(); ++i) {
    CheckExpectation(review, fmt::format("expect[{}]", i), review.scenario().expect(i));
  }
}

}  // namespace murphy::scenario
