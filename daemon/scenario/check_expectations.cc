// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include "daemon/scenario/check.h"
#include "faults/nearest.h"
#include "fmt/format.h"
#include "murphy/v1/outcome.pb.h"

namespace murphy::scenario {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Keys of any expectation that name targets.
constexpr std::array<std::string_view, 6> kTargetKeys = {"target",    "others", "first",
                                                         "then", "must_call", "decoys"};

bool HasRole(const v1::Scenario& scenario, v1::TargetRole role) {
  const auto& targets = scenario.target();
  return std::any_of(targets.begin(), targets.end(),
                     [role](const auto& entry) { return entry.second.role() == role; });
}

void CheckTargetsNamed(Review& review, const std::string& path, const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (std::find(kTargetKeys.begin(), kTargetKeys.end(), field->name()) == kTargetKeys.end())
      continue;
    const std::string place = fmt::format("{}.{}", path, field->name());
    if (!field->is_repeated()) {
      review.KnowsTarget(place, message.GetReflection()->GetString(message, field));
      continue;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      review.KnowsTarget(fmt::format("{}[{}]", place, i),
                         message.GetReflection()->GetRepeatedString(message, field, i));
    }
  }
}

// Whether there is a call to look at; when there is none, that is said.
template <typename Expectation>
bool LooksAtEffects(Review& review, const std::string& path, const Expectation& expect) {
  if (expect.has_target() || HasRole(review.scenario(), v1::TARGET_ROLE_SIDE_EFFECT)) return true;
  review.Say(path, "looks at nothing: name a `target`, or give one role = \"side_effect\"");
  return false;
}

void CheckLooks(Review& review, const std::string& path,
                const v1::VerifiesBeforeRepeatExpect& expect) {
  if (!LooksAtEffects(review, path, expect)) return;
  const bool looks = HasRole(review.scenario(), v1::TARGET_ROLE_VERIFY) ||
                     HasRole(review.scenario(), v1::TARGET_ROLE_READ);
  if (!looks)
    review.Say(path, "no target can be looked at: give one role = \"verify\", or \"read\"");
}

void CheckFallback(Review& review, const std::string& path, const v1::FallsBackExpect& expect) {
  const auto& targets = review.scenario().target();
  if (!targets.contains(expect.target())) return;
  const bool some = std::any_of(targets.begin(), targets.end(), [&](const auto& entry) {
    return entry.second.fallback_for() == expect.target();
  });
  if (!some) {
    review.Say(path + ".target",
               fmt::format("no target declares fallback_for = \"{}\"", expect.target()));
  }
}

// Limits of which none is said, or that exclude each other.
template <typename Expectation>
void CheckLimits(Review& review, const std::string& path, const Expectation& expect) {
  if (!expect.has_at_least() && !expect.has_at_most())
    return review.SayOf(path, "says no limit: name `at_least`, `at_most` or both");
  if (expect.has_at_least() && expect.has_at_most() && expect.at_least() > expect.at_most())
    review.Say(path + ".at_most", fmt::format("at most {} cannot be at least {}", expect.at_most(),
                                              expect.at_least()));
}

void CheckFires(Review& review, const std::string& path, const v1::FiresExpect& expect) {
  review.KnowsRule(path + ".rule", expect.rule());
  v1::FiresExpect limits = expect;
  if (!limits.has_at_least()) limits.set_at_least(1);
  CheckLimits(review, path, limits);
}

bool IsNumber(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return true;
    default:  // of protobuf's enumeration
      return field->message_type() != nullptr &&
             field->message_type()->full_name() == "google.protobuf.Duration";
  }
}

// Names of the numbers in a message, dotted for those of messages in it.
void CollectFigures(const google::protobuf::Descriptor* message, const std::string& prefix,
                    std::vector<std::string>& names) {
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (field->is_repeated()) continue;
    if (IsNumber(field)) {
      names.push_back(prefix + field->name());
    } else if (field->message_type() != nullptr) {
      CollectFigures(field->message_type(), fmt::format("{}{}.", prefix, field->name()), names);
    }
  }
}

void CheckFigure(Review& review, const std::string& path, const v1::FigureExpect& expect) {
  CheckLimits(review, path, expect);
  std::vector<std::string> names = {"tokens", "time"};
  CollectFigures(v1::Outcome::descriptor(), "", names);
  if (std::find(names.begin(), names.end(), expect.name()) != names.end()) return;
  const std::string_view nearest = NearestName(expect.name(), names);
  review.Say(path + ".name",
             nearest.empty()
                 ? fmt::format("there is no figure `{}`; there are {}", expect.name(),
                               fmt::join(names, ", "))
                 : fmt::format("there is no figure `{}`; did you mean `{}`?", expect.name(),
                               nearest));
}

void CheckSynergy(Review& review, const std::string& path, const v1::NoSynergyExpect& expect) {
  for (int i = 0; i < expect.rules_size(); ++i)
    review.KnowsRule(fmt::format("{}.rules[{}]", path, i), expect.rules(i));
  if (expect.rules_size() == 2 && expect.rules(0) == expect.rules(1))
    review.Say(path + ".rules", "two different rules are needed");
}

void CheckExpectation(Review& review, const std::string& outer, const v1::Expect& expect) {
  const FieldDescriptor* kind = expect.GetReflection()->GetOneofFieldDescriptor(
      expect, v1::Expect::descriptor()->oneof_decl(0));
  if (kind == nullptr) return review.Say(outer, "expects nothing: name one expectation");
  const std::string path = fmt::format("{}.{}", outer, kind->name());
  CheckTargetsNamed(review, path, expect.GetReflection()->GetMessage(expect, kind));
  switch (expect.kind_case()) {
    case v1::Expect::kAtMostOnceEffect:
      LooksAtEffects(review, path, expect.at_most_once_effect());
      return;
    case v1::Expect::kVerifiesBeforeRepeat:
      return CheckLooks(review, path, expect.verifies_before_repeat());
    case v1::Expect::kFallsBack:
      return CheckFallback(review, path, expect.falls_back());
    case v1::Expect::kTerminates:
      if (expect.terminates().ByteSizeLong() == 0)
        review.SayOf(path, "says no limit: name `calls`, `tokens` or `time`");
      return;
    case v1::Expect::kPoisonContained:
      if (expect.poison_contained().ByteSizeLong() == 0)
        review.SayOf(path, "says no limit: name `hops`, `agents` or both");
      return;
    case v1::Expect::kFires:
      return CheckFires(review, path, expect.fires());
    case v1::Expect::kCalls:
      return CheckLimits(review, path, expect.calls());
    case v1::Expect::kFigure:
      return CheckFigure(review, path, expect.figure());
    case v1::Expect::kNoSynergy:
      return CheckSynergy(review, path, expect.no_synergy());
    case v1::Expect::kBefore:
      if (expect.before().first() == expect.before().then())
        review.Say(path + ".then", "nothing is before itself: name another target");
      return;
    default:  // the others say nothing that could be wrong but their targets
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
