// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "daemon/experiments/refusal.h"
#include "daemon/scenario/glob.h"
#include "proto/time.h"

namespace murphy::experiments {
namespace {

constexpr char kProduction[] = "production";
// As the catalogue of fields states them.
constexpr absl::Duration kDefaultDuration = absl::Minutes(10);
constexpr uint32_t kDefaultInjections = 1000;

absl::Status Refused(const char* reason, const std::string& sentence) {
  return Refusal(absl::StatusCode::kFailedPrecondition, reason, sentence);
}

std::string Lowered(std::string_view field, const std::string& asked, const std::string& ceiling) {
  return fmt::format("guard.{} is {}, above this daemon's ceiling of {}: {} holds.", field, asked,
                     ceiling, ceiling);
}

// Where both name hosts, those count that both match; hosts are the same in upper and lower case.
void TightenUpstreams(const v1::Guard& ceilings, v1::Guard& guard,
                      std::vector<std::string>& notes) {
  if (ceilings.upstreams().empty()) return;
  if (guard.upstreams().empty()) {
    *guard.mutable_upstreams() = ceilings.upstreams();
    return;
  }
  std::set<std::string> kept;
  for (const std::string& host : guard.upstreams()) {
    std::set<std::string> common;
    for (const std::string& ceiling : ceilings.upstreams()) {
      common.merge(
          scenario::CommonGlobs(absl::AsciiStrToLower(host), absl::AsciiStrToLower(ceiling)));
    }
    kept.insert(common.begin(), common.end());
    if (!common.empty()) continue;
    notes.push_back(fmt::format(
        "guard.upstreams names {}, which this daemon's ceilings do not allow: faults leave it "
        "alone.",
        host));
  }
  // An empty list would allow everything; `-` is no host.
  if (kept.empty()) kept.insert("-");
  *guard.mutable_upstreams() = {kept.begin(), kept.end()};
}

}  // namespace

absl::Status CheckEnvironment(const Policy& policy, const v1::Guard& guard, bool one_off) {
  if (guard.has_environment() && guard.environment() != policy.environment) {
    return Refused(
        "ENVIRONMENT_MISMATCH",
        fmt::format(
            "The scenario is for the environment `{}` (guard.environment), and this daemon is "
            "configured for `{}`: run it on a daemon with environment = \"{}\" in its "
            "configuration, "
            "or leave guard.environment out.",
            guard.environment(), policy.environment, guard.environment()));
  }
  if (policy.environment != kProduction) return absl::OkStatus();
  if (!policy.allow_production_faults) {
    return Refused(
        "PRODUCTION_REFUSED",
        "This daemon is configured for `production`, and allow_production_faults is false in its "
        "configuration: nothing is injected.");
  }
  if (!one_off && !guard.has_environment()) {
    return Refused(
        "PRODUCTION_REFUSED",
        "This daemon is configured for `production`: a scenario that is meant for it says so, with "
        "environment = \"production\" in [guard].");
  }
  return absl::OkStatus();
}

void AllowWhatCannotAsk(const v1::Guard& ceilings, v1::Guard& guard) {
  if (ceilings.allow_side_effects()) guard.set_allow_side_effects(true);
}

// A count without a default: where the scenario leaves it out, the ceiling holds.
void TightenCount(const std::string& name, const v1::Guard& ceilings, v1::Guard& guard,
                  std::vector<std::string>& notes) {
  const auto* field = v1::Guard::descriptor()->FindFieldByName(name);
  const auto& reflection = *v1::Guard::GetReflection();
  if (!reflection.HasField(ceilings, field)) return;
  const uint32_t ceiling = reflection.GetUInt32(ceilings, field);
  const bool said = reflection.HasField(guard, field);
  const uint32_t asked = said ? reflection.GetUInt32(guard, field) : ceiling;
  if (asked > ceiling)
    notes.push_back(Lowered(name, fmt::to_string(asked), fmt::to_string(ceiling)));
  reflection.SetUInt32(&guard, field, std::min(asked, ceiling));
}

absl::Status Tighten(const v1::Guard& ceilings, v1::Guard& guard, std::vector<std::string>& notes) {
  if (ceilings.has_allow_side_effects() && !ceilings.allow_side_effects() &&
      guard.allow_side_effects()) {
    return Refused(
        "SIDE_EFFECTS_REFUSED",
        "The scenario sets guard.allow_side_effects, and this daemon's configuration forbids it.");
  }
  if (ceilings.has_max_duration()) {
    const absl::Duration ceiling = FromProto(ceilings.max_duration());
    const absl::Duration asked =
        guard.has_max_duration() ? FromProto(guard.max_duration()) : kDefaultDuration;
    if (guard.has_max_duration() && asked > ceiling) {
      notes.push_back(
          Lowered("max_duration", absl::FormatDuration(asked), absl::FormatDuration(ceiling)));
    }
    *guard.mutable_max_duration() = ToProto(std::min(asked, ceiling));
  }
  if (ceilings.has_max_injections()) {
    const uint32_t asked = guard.has_max_injections() ? guard.max_injections() : kDefaultInjections;
    if (guard.has_max_injections() && asked > ceilings.max_injections()) {
      notes.push_back(Lowered("max_injections", fmt::to_string(asked),
                              fmt::to_string(ceilings.max_injections())));
    }
    guard.set_max_injections(std::min(asked, ceilings.max_injections()));
  }
  if (ceilings.has_max_share()) {
    const double asked = guard.has_max_share() ? guard.max_share() : 1.0;
    if (guard.has_max_share() && asked > ceilings.max_share()) {
      notes.push_back(
          Lowered("max_share", fmt::to_string(asked), fmt::to_string(ceilings.max_share())));
    }
    guard.set_max_share(std::min(asked, ceilings.max_share()));
  }
  for (const char* count : {"max_per_target", "max_per_minute", "max_injections_per_experiment"})
    TightenCount(count, ceilings, guard, notes);
  if (ceilings.has_max_cost()) {
    if (guard.has_max_cost() && guard.max_cost() > ceilings.max_cost()) {
      notes.push_back(Lowered("max_cost", fmt::to_string(guard.max_cost()),
                              fmt::to_string(ceilings.max_cost())));
    }
    const double asked = guard.has_max_cost() ? guard.max_cost() : ceilings.max_cost();
    guard.set_max_cost(std::min(asked, ceilings.max_cost()));
  }
  if (ceilings.require_approval()) guard.set_require_approval(true);
  // A condition that names no target holds for every scenario.
  guard.mutable_stop()->MergeFrom(ceilings.stop());
  TightenUpstreams(ceilings, guard, notes);
  if (ceilings.has_max_tokens()) {
    if (guard.has_max_tokens() && guard.max_tokens() > ceilings.max_tokens()) {
      notes.push_back(Lowered("max_tokens", fmt::to_string(guard.max_tokens()),
                              fmt::to_string(ceilings.max_tokens())));
    }
    const uint64_t asked = guard.has_max_tokens() ? guard.max_tokens() : ceilings.max_tokens();
    guard.set_max_tokens(std::min(asked, ceilings.max_tokens()));
  }
  return absl::OkStatus();
}

}  // namespace murphy::experiments
