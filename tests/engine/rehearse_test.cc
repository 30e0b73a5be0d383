// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/rehearse.h"

#include <gtest/gtest.h>

#include <random>

#include "fmt/format.h"
#include "proto/time.h"
#include "tests/engine/schedules.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

const absl::Time kBegun = absl::FromUnixSeconds(1'000'000);

// What an agent did, as the journal has it of a run that nobody armed.
class Tape {
 public:
  v1::Exchange& Call(std::string_view name, bool failed = false, uint64_t operation = 0,
                     uint32_t attempt = 1) {
    v1::Exchange& exchange = exchanges_.emplace_back();
    exchange.set_sequence(exchanges_.size());
    exchange.set_kind(name.starts_with("gpt") ? v1::TARGET_KIND_MODEL : v1::TARGET_KIND_TOOL);
    exchange.set_name(std::string(name));
    exchange.set_method("POST");
    exchange.set_operation(operation == 0 ? exchanges_.size() : operation);
    exchange.set_attempt(attempt);
    if (attempt > 1) exchange.set_attempt_layer(v1::ATTEMPT_LAYER_APPLICATION);
    exchange.set_address(fmt::format("-/tool:{}/x#{}@{}", name, exchange.operation(), attempt));
    *exchange.mutable_begin_time() = ToProto(kBegun + absl::Seconds(10 * exchanges_.size()));
    *exchange.mutable_duration() = ToProto(absl::Seconds(1));
    exchange.set_end(v1::END_STATE_COMPLETE);
    exchange.set_failed(failed);
    exchange.set_status(failed ? 503 : 200);
    exchange.set_upstream_status(exchange.status());
    return exchange;
  }

  v1::RehearseScenarioResponse Against(std::string_view scenario) const {
    return Rehearse({.plan = PlanOf(scenario), .begun = kBegun, .exchanges = exchanges_});
  }

 private:
  std::vector<v1::Exchange> exchanges_;
};

// `3:WOULD_FIRE 5:MASKED~`: where a rule struck; approximate after a `~`.
std::string Struck(const v1::RehearsedRule& rule) {
  std::string text;
  for (const v1::RehearsedInjection& injection : rule.injections()) {
    text += fmt::format("{}{}:{}{}", text.empty() ? "" : " ", injection.exchange(),
                        v1::InjectionState_Name(injection.state())
                            .substr(std::string_view("INJECTION_STATE_").size()),
                        injection.approximate() ? "~" : "");
  }
  return text;
}

// `target=3 attempts=1`: why not elsewhere.
std::string Stopped(const v1::RehearsedRule& rule) {
  std::string text;
  for (const v1::RehearsedStop& stop : rule.stops())
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", stop.step(), stop.exchanges());
  return text;
}

constexpr std::string_view kPay =
    "target { key: 'pay' value { name: 'shop.pay' } } target { key: 'see' value { name: 'shop.see' "
    "} } ";

TEST(Rehearsal, SaysWhereARuleStrikesAndWhyNotElsewhere) {
  Tape tape;
  tape.Call("shop.see");
  tape.Call("shop.pay", true);
  tape.Call("shop.pay", false, 2, 2);
  tape.Call("shop.pay");
  tape.Call("shop.pay");
  const auto played = tape.Against(std::string(kPay) +
                                   "rule { id: 'r' target: 'pay' attempts: [1, 1] when { first: 2 } "
                                   "fault { status { code: 503 } } }");
  EXPECT_EQ(played.exchanges(), 5u);
  EXPECT_EQ(Struck(played.rules(0)), "2:WOULD_FIRE 4:WOULD_FIRE~");
  EXPECT_EQ(Stopped(played.rules(0)), "target=1 attempts=1 counters=1");
  const v1::RehearsedInjection& first = played.rules(0).injections(0);
  EXPECT_EQ(first.called(), "shop.pay");
  EXPECT_EQ(first.operation(), 2u);
  EXPECT_EQ(first.attempt(), 1u);
  EXPECT_EQ(first.fault(), "status");
  EXPECT_NE(first.parameters().find("503"), std::string::npos);
  EXPECT_EQ(played.rules(0).stops(0).first(), 1u);
}

TEST(Rehearsal, NamesTheLimitThatStops) {
  Tape tape;
  for (int n = 0; n < 4; ++n) tape.Call("shop.pay");
  const auto played =
      tape.Against("rule { id: 'r' limit: 1 fault { latency { fixed { seconds: 1 } } } }");
  EXPECT_EQ(Struck(played.rules(0)), "1:WOULD_FIRE");
  EXPECT_EQ(Stopped(played.rules(0)), "limits=3");
  EXPECT_EQ(played.rules(0).stops(0).detail(), "its `limit` stopped it");
}

TEST(Rehearsal, CallsAfterTheGuardHasEndedFaultsAreStoppedByIt) {
  Tape tape;
  for (int n = 0; n < 4; ++n) tape.Call("shop.pay");
  const auto played =
      tape.Against("guard { max_injections: 1 } rule { id: 'r' fault { reset {} } }");
  EXPECT_EQ(Stopped(played.rules(0)), "limits=3");
  EXPECT_EQ(played.rules(0).stops(0).detail(),
            "faults were disarmed: guard.max_injections (1) is used up");
}

TEST(Rehearsal, KnowsPhasesRecoveriesAndSilences) {
  Tape tape;
  tape.Call("shop.pay", true);
  tape.Call("shop.see");
  tape.Call("shop.pay", false, 1, 2);
  tape.Call("shop.see");
  const auto played = tape.Against(
      std::string(kPay) +
      "phase { name: 'a' until { calls: 3 } } phase { name: 'b' } "
      "rule { id: 'retry' when { on { recovery: RECOVERY_KIND_RETRY of: 'pay' within { calls: 1 } } "
      "} fault { latency { fixed {} } } } "
      "rule { id: 'late' phase: 'b' fault { latency { fixed {} } } }");
  EXPECT_EQ(Struck(played.rules(0)), "3:WOULD_FIRE");
  EXPECT_EQ(Struck(played.rules(1)), "4:WOULD_FIRE~");
  EXPECT_EQ(Stopped(played.rules(1)), "phase=3");
}

TEST(Rehearsal, KnowsAFallbackThatTheNewScenarioDeclares) {
  Tape tape;
  tape.Call("gpt-a", true);
  tape.Call("gpt-b");
  const auto played = tape.Against(
      "target { key: 'one' value { model: 'gpt-a' } } "
      "target { key: 'two' value { model: 'gpt-b' fallback_for: 'one' } } "
      "rule { id: 'r' when { on { recovery: RECOVERY_KIND_FALLBACK of: 'one' } } fault { reset {} } "
      "}");
  EXPECT_EQ(Struck(played.rules(0)), "2:WOULD_FIRE");
}

TEST(Rehearsal, SaysWhatIsNotRecordedAndDoesNotGuess) {
  Tape tape;
  tape.Call("shop.pay");
  const auto played = tape.Against(
      "rule { id: 'where' when { where { pointer: '/amount' equals: '9' } } fault { reset {} } } "
      "rule { id: 'tool' when { where { tool: 'shop.*' } } fault { reset {} } } "
      "rule { id: 'tenant' when { probability: 0.5 probability_per: 'header:x-tenant' } "
      "fault { hang {} } }");
  ASSERT_EQ(played.rules(0).unknown_size(), 1);
  EXPECT_EQ(played.rules(0).unknown(0),
            "It looks into what calls say (`where`), and bodies are not recorded.");
  EXPECT_EQ(Struck(played.rules(0)), "");
  EXPECT_EQ(played.rules(1).unknown_size(), 0) << "who is called is recorded";
  EXPECT_EQ(Struck(played.rules(1)), "1:WOULD_FIRE");
  EXPECT_EQ(played.rules(2).unknown_size(), 1);
}

// Against the run that it was made in, a scenario of what is recorded strikes where it struck.
TEST(Rehearsal, OfAShadowRunAgainstItselfIsTheSame) {
  constexpr const char* kScenario = R"(
    target { key: 'pay' value { name: 'shop.pay' } }
    phase { name: 'a' until { calls: 5 } } phase { name: 'b' }
    rule { id: 'x' target: 'pay' attempts: [1, 1] when { every: 2 } fault { status { code: 500 } } }
    rule { id: 'y' phase: 'b' when { probability: 0.5 } fault { latency { fixed {} } } } )";
  std::mt19937_64 random(5);
  World world(PlanOf(kScenario), 0, absl::ZeroDuration(), v1::ARM_SHADOW);
  std::vector<v1::Exchange> exchanges;
  std::string recorded;
  for (int n = 0; n < 40; ++n) {
    world.now = absl::Seconds(n);
    Shot shot{.name = random() % 2 == 0 ? "shop.pay" : "shop.see",
              .arguments = fmt::format("[{}]", random() % 5)};
    const Begun begun = world.Begin(shot);
    v1::Exchange& exchange = exchanges.emplace_back();
    exchange.set_sequence(begun.sequence);
    exchange.set_kind(shot.kind);
    exchange.set_name(shot.name);
    exchange.set_operation(begun.operation);
    exchange.set_attempt(begun.attempt);
    exchange.set_address(begun.address);
    exchange.set_revision(begun.revision);
    exchange.set_failed(random() % 3 == 0);
    exchange.set_end(v1::END_STATE_COMPLETE);
    *exchange.mutable_begin_time() = ToProto(kBegun + world.now);
    *exchange.mutable_duration() = ToProto(absl::Milliseconds(500));
    recorded += fmt::format("{}{};", begun.sequence, Fired(begun));
    world.now += absl::Milliseconds(500);
    world.Finish(begun.sequence, {.failed = exchange.failed()});
  }
  const auto played =
      Rehearse({.plan = PlanOf(kScenario), .begun = kBegun, .exchanges = exchanges});
  std::string again;
  for (const v1::Exchange& exchange : exchanges) {
    again += fmt::format("{}", exchange.sequence());
    std::string fired;
    // In the order in which they act: latency comes before a refusal.
    for (const int rule : {1, 0}) {
      for (const v1::RehearsedInjection& injection : played.rules(rule).injections()) {
        if (injection.exchange() == exchange.sequence())
          fired += fmt::format("{}~{}", fired.empty() ? "" : " ", played.rules(rule).rule());
      }
    }
    again += fired + ";";
  }
  EXPECT_EQ(again, recorded);
}

}  // namespace
}  // namespace murphy::engine
