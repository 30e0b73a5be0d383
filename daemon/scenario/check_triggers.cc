// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/scenario/check.h"
#include "daemon/scenario/condition.h"
#include "daemon/scenario/where.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::scenario {
namespace {

constexpr int kDeepest = 4;
constexpr int kMostConditions = 64;
constexpr int kLongestPattern = 256;

void CheckNumbers(Review& review, const std::string& path, const v1::Trigger& trigger) {
  const Series numbers(trigger);
  if (!trigger.between().empty()) {
    const std::string field = path + ".between";
    if (trigger.between_size() != 2)
      return review.Say(field, "write the first and the last, as `[2, 5]`");
    if (trigger.between(0) > trigger.between(1)) {
      return review.Say(field,
                        fmt::format("nothing lies between {} and {}: the first is above the last",
                                    trigger.between(0), trigger.between(1)));
    }
    if (numbers.least > numbers.most) {
      return review.Say(field, fmt::format("the first {} are over before number {}",
                                           trigger.first(), numbers.least));
    }
  }
  if (numbers.pattern.size() > kLongestPattern) {
    return review.Say(path + ".pattern",
                      fmt::format("a pattern has at most {} steps", kLongestPattern));
  }
  if (!numbers.pattern.empty() && !std::count(numbers.pattern.begin(), numbers.pattern.end(), true))
    return review.Say(path + ".pattern", "no step says `fail`: it would select nothing");
  if (numbers.SelectSomething()) return;
  if (trigger.has_nth()) {
    review.Say(path + ".nth",
               fmt::format("the other keys of `when` never let number {} through", trigger.nth()));
  } else if (!numbers.pattern.empty()) {
    review.Say(path + ".pattern", "the other keys of `when` let only steps through that say `ok`");
  } else {
    review.Say(path + ".every", fmt::format("no multiple of {} lies between {} and {}",
                                            numbers.every, numbers.least, numbers.most));
  }
}

// `equals` and `matches`, beside `pointer` or `header`.
template <typename Spec>
void CheckValue(Review& review, const std::string& path, const Spec& wanted) {
  const bool compares = wanted.has_equals() || wanted.has_matches();
  if (wanted.has_pointer() && wanted.has_header() && compares) {
    review.SayOf(
        path + (wanted.has_equals() ? ".equals" : ".matches"),
        "could mean the `pointer` or the `header`: write one condition for each, in `all`");
  }
  if (wanted.has_equals() && !wanted.has_pointer() && !wanted.has_header())
    review.Say(path + ".equals", "equals what? Name a `pointer` or a `header`");
  if (wanted.has_header() && wanted.header().empty())
    review.Say(path + ".header", "a header has a name");
  if (wanted.has_pointer()) {
    const std::string problem = ProblemOfPointer(wanted.pointer());
    if (!problem.empty()) {
      review.Say(path + ".pointer",
                 fmt::format("`{}` is no JSON Pointer: {}", wanted.pointer(), problem));
    }
  }
  if (wanted.has_matches()) {
    const std::string problem = ProblemOfExpression(wanted.matches());
    if (!problem.empty())
      review.Say(path + ".matches", fmt::format("this is no regular expression: {}", problem));
  }
}

void CheckWhere(Review& review, const std::string& path, const v1::Where& where) {
  if (where.ByteSizeLong() == 0) {
    return review.SayOf(path,
                        "says nothing: name at least one of `pointer`, `header`, `matches`, "
                        "`model`, `tool`, `agent`, `session`, `attempts`");
  }
  CheckValue(review, path, where);
  if (where.has_model() && where.has_tool())
    review.Say(path + ".tool", "no call is to a model and to a tool: use `any`");
  if (where.attempts_size() == 2 && where.attempts(0) > where.attempts(1)) {
    review.Say(path + ".attempts",
               fmt::format("no attempt lies between {} and {}: the first is above the last",
                           where.attempts(0), where.attempts(1)));
  }
}

class TriggerCheck {
 public:
  explicit TriggerCheck(Review& review) : review_(review) {}

  void Check(const std::string& path, const v1::Trigger& trigger, int depth) {
    if (depth > kDeepest) {
      return review_.Say(path, fmt::format("conditions nest at most {} levels deep", kDeepest));
    }
    if (++conditions_ == kMostConditions + 1) {
      return review_.Say(path, fmt::format("a rule has at most {} conditions", kMostConditions));
    }
    if (depth > 0 && trigger.ByteSizeLong() == 0)
      return review_.SayOf(path, "says nothing: a condition needs a key of `when`");
    if (trigger.has_after()) CheckProgress(review_, path + ".after", trigger.after(), false);
    if (trigger.has_on()) CheckOn(review_, path + ".on", trigger.on());
    if (trigger.has_where()) CheckWhere(review_, path + ".where", trigger.where());
    CheckProbabilityPer(review_, path, trigger);
    CheckNumbers(review_, path, trigger);
    CheckList(path + ".any", trigger.any(), depth);
    CheckList(path + ".all", trigger.all(), depth);
    CheckList(path + ".none", trigger.none(), depth);
  }

 private:
  template <typename Triggers>
  void CheckList(const std::string& path, const Triggers& triggers, int depth) {
    for (int i = 0; i < triggers.size() && conditions_ <= kMostConditions; ++i)
      Check(fmt::format("{}[{}]", path, i), triggers[i], depth + 1);
  }

  Review& review_;
  int conditions_ = 0;
};

bool SomeTargetHas(const Review& review, std::initializer_list<v1::TargetRole> roles) {
  const auto& targets = review.scenario().target();
  return std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
    return std::count(roles.begin(), roles.end(), target.second.role()) > 0;
  });
}

bool SomeTargetReplaces(const Review& review, const v1::On& on) {
  const auto& targets = review.scenario().target();
  return std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
    return on.has_of() ? target.second.fallback_for() == on.of() : target.second.has_fallback_for();
  });
}

// Recoveries that no target of the scenario could ever be.
void CheckRecovery(Review& review, const std::string& path, const v1::On& on) {
  switch (on.recovery()) {
    case v1::RECOVERY_KIND_FALLBACK:
      if (!SomeTargetReplaces(review, on)) {
        review.SayOf(path, fmt::format("never happens: no target says `fallback_for = \"{}\"`",
                                       on.has_of() ? on.of() : "..."));
      }
      return;
    case v1::RECOVERY_KIND_VERIFY:
      if (!SomeTargetHas(review, {v1::TARGET_ROLE_READ, v1::TARGET_ROLE_VERIFY}))
        review.SayOf(path, "never happens: no target has `role = \"read\"` or `role = \"verify\"`");
      return;
    case v1::RECOVERY_KIND_ESCALATE:
      if (!SomeTargetHas(review, {v1::TARGET_ROLE_ESCALATION}))
        review.SayOf(path, "never happens: no target has `role = \"escalation\"`");
      return;
    case v1::RECOVERY_KIND_RETRY:
    case v1::RECOVERY_KIND_REVISION:
    case v1::RECOVERY_KIND_UNSPECIFIED:
    case v1::RecoveryKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::RecoveryKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

void CheckAnswered(Review& review, const std::string& path, const v1::Answered& answer) {
  if (answer.ByteSizeLong() == 0) {
    return review.SayOf(path,
                        "says nothing: name at least one of `status`, `header`, `pointer`, "
                        "`finish_reason`");
  }
  CheckValue(review, path, answer);
  if (answer.has_matches() && !answer.has_pointer() && !answer.has_header())
    review.Say(path + ".matches", "matches what? Name a `pointer` or a `header`");
  if (answer.status_size() == 2 && answer.status(0) > answer.status(1)) {
    review.Say(path + ".status",
               fmt::format("no status lies between {} and {}: the first is above the last",
                           answer.status(0), answer.status(1)));
  }
}

// It must begin to hold before it is over.
void CheckSince(Review& review, const std::string& path, const v1::On& on) {
  const v1::Within &since = on.since(), &within = on.within();
  if (!since.has_calls() && !since.has_time())
    return review.SayOf(path + ".since", "says nothing: name `calls` or `time`");
  const bool calls = since.has_calls() && within.has_calls() && since.calls() >= within.calls();
  const bool time = since.has_time() && within.has_time() &&
                    FromProto(since.time()) >= FromProto(within.time());
  if (calls || time) {
    review.SayOf(path + ".since",
                 "never lets it hold: `within`, measured from the same moment, is over by then");
  }
}

}  // namespace

void CheckTrigger(Review& review, const std::string& path, const v1::Trigger& trigger) {
  TriggerCheck(review).Check(path, trigger, 0);
}

void CheckOn(Review& review, const std::string& path, const v1::On& on) {
  if (on.kind_case() == v1::On::KIND_NOT_SET) {
    return review.SayOf(path,
                        "waits for nothing: name one of `call`, `response`, `injection`, "
                        "`recovery`, `canary`, `silence`, `tokens`, `answer`");
  }
  const bool known = !on.has_of() || review.KnowsTarget(path + ".of", on.of());
  if (on.has_injection()) review.KnowsRule(path + ".injection", on.injection());
  if (on.has_recovery() && known) CheckRecovery(review, path + ".recovery", on);
  if (on.has_within() && !on.within().has_calls() && !on.within().has_time())
    review.SayOf(path + ".within", "says nothing: name `calls` or `time`");
  if (on.has_answer()) CheckAnswered(review, path + ".answer", on.answer());
  if (on.has_since()) CheckSince(review, path, on);
}

}  // namespace murphy::scenario
