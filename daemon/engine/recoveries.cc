// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/engine/recogniser.h"

namespace murphy::engine {
namespace {

bool HasRole(const Reading& reading, const std::vector<uint32_t>& targets, v1::TargetRole role) {
  return std::any_of(targets.begin(), targets.end(), [&](uint32_t target) {
    return reading.plan->targets()[target].spec.role() == role;
  });
}

bool Looks(const Reading& reading, const std::vector<uint32_t>& targets) {
  return HasRole(reading, targets, v1::TARGET_ROLE_READ) ||
         HasRole(reading, targets, v1::TARGET_ROLE_VERIFY);
}

}  // namespace

std::vector<uint32_t> Recogniser::TargetsOf(const Operation& operation, uint32_t viewer) {
  std::vector<uint32_t> targets;
  for (const auto& [of, target] : operation.targets) {
    if (of == viewer) targets.push_back(target);
  }
  return targets;
}

bool Recogniser::MayBeRevised(const message::Call& call) {
  const bool of_tool = call.kind == v1::TARGET_KIND_TOOL || call.kind == v1::TARGET_KIND_HTTP;
  return of_tool && !call.unclassified && !call.arguments.empty();
}

// Rule A5. Of several failures, the one most like this call; of equals, the latest.
Recogniser::Operation* Recogniser::Revised(const message::Call& call, const Agent& agent) {
  if (!MayBeRevised(call)) return nullptr;
  Operation* best = nullptr;
  double most = kAlike;
  for (size_t i = 0; i < agent.count; ++i) {
    const Recent& recent = agent.recent[i];
    if (!recent.sketched || recent.kind != call.kind || recent.name != call.name) continue;
    Operation* failed = At(recent.operation);
    if (failed == nullptr || failed->replaced || failed->standing != Standing::kFailed) continue;
    const bool considered =
        agent.decision != 0 ? agent.decision > failed->over : failed->result == Result::kRefused;
    if (!considered) continue;
    const double alike = Similarity(recent.likeness, Likeness(call.shape, call.arguments));
    if (alike < most || (best != nullptr && alike == most)) continue;
    best = failed;
    most = alike;
  }
  return best;
}

void Recogniser::Revise(Operation& operation, const Operation& failed) {
  Operation* root = At(failed.root);
  operation.revision_of = failed.id;
  operation.revision_address = failed.address;
  operation.root = failed.root;
  operation.root_address = failed.root_address.empty() ? failed.address : failed.root_address;
  operation.revision = root != nullptr ? ++root->revisions : failed.revision + 1;
  operation.address = absl::StrCat(operation.root_address, "~", operation.revision);
}

// Rule A6.
void Recogniser::LinkFallback(Operation& operation, absl::Duration now, Reading& reading) {
  const auto replaces = [&](uint32_t target, const std::vector<uint32_t>& failed) {
    const int replaced = reading.plan->targets()[target].fallback_for;
    return replaced >= 0 && std::count(failed.begin(), failed.end(), replaced);
  };
  const Agent* agent = operation.agent;
  if (agent == nullptr || reading.targets.empty()) return;
  for (size_t i = 0; i < agent->count; ++i) {
    const Operation* failed = At(agent->recent[i].operation);
    if (failed == nullptr || failed->replaced || !GivenUp(*failed, now)) continue;
    const std::vector<uint32_t> failed_targets = TargetsOf(*failed, reading.viewer);
    const bool found =
        std::any_of(reading.targets.begin(), reading.targets.end(),
                    [&](uint32_t target) { return replaces(target, failed_targets); });
    if (!found) continue;
    if (operation.fallback_of == 0) operation.fallback_of = failed->id;
    operation.fallbacks.emplace_back(reading.viewer, failed->address);
    reading.recoveries.push_back({v1::RECOVERY_KIND_FALLBACK, failed_targets});
    return;
  }
}

// It may change something, as this plan sees it.
bool Recogniser::IsEffectful(const Operation& operation, const Reading& reading) {
  return !operation.of_model && !Looks(reading, TargetsOf(operation, reading.viewer));
}

// A look whether something took effect, and a call for somebody else's help.
void Recogniser::NoteOtherWays(const Agent* agent, absl::Duration now, Reading& reading) {
  const bool looks = Looks(reading, reading.targets);
  const bool escalates = HasRole(reading, reading.targets, v1::TARGET_ROLE_ESCALATION);
  if (!looks && !escalates) return;
  Recovery look{v1::RECOVERY_KIND_VERIFY, {}}, escalation{v1::RECOVERY_KIND_ESCALATE, {}};
  bool open_question = false;
  for (size_t i = 0; agent != nullptr && i < agent->count; ++i) {
    const Operation* failed = At(agent->recent[i].operation);
    if (failed == nullptr || !GivenUp(*failed, now)) continue;
    const std::vector<uint32_t> of = TargetsOf(*failed, reading.viewer);
    escalation.of.insert(escalation.of.end(), of.begin(), of.end());
    // One that is held has no answer either.
    const bool unknown = failed->standing == Standing::kOpen || failed->result == Result::kUnknown;
    if (!unknown || !IsEffectful(*failed, reading)) continue;
    open_question = true;
    look.of.insert(look.of.end(), of.begin(), of.end());
  }
  if (looks && open_question) reading.recoveries.push_back(std::move(look));
  if (escalates) reading.recoveries.push_back(std::move(escalation));
}

// What the operation stands in for needs no other replacement.
void Recogniser::Supersede(const Operation& operation) {
  if (Operation* failed = At(operation.fallback_of)) failed->replaced = true;
  constexpr int kLongestChain = 64;
  const Operation* revision = &operation;
  for (int i = 0; i < kLongestChain && revision != nullptr && revision->revision_of != 0; ++i) {
    Operation* failed = At(revision->revision_of);
    if (failed != nullptr) failed->replaced = true;
    revision = failed;
  }
}

}  // namespace murphy::engine
