// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

// An agent that makes the same calls in groups of three parallel ones, whatever happens to them,
// and retries each until it succeeds: by its SDK or by itself.
class StubbornAgent {
 public:
  StubbornAgent(World& world, uint64_t seed) : world_(world), random_(seed) {}

  // The operations in the order in which they were first sent, without attempts.
  std::vector<std::string> Run(int groups) {
    std::vector<std::string> operations;
    for (int group = 0; group < groups; ++group) {
      std::vector<Call> open;
      for (int member = 0; member < 3; ++member) {
        Call call{.shot = {.name = member == 2 ? "shop.see" : "shop.pay",
                           .arguments = fmt::format("[{},{}]", group / 2, member)}};
        const Begun begun = world_.Begin(call.shot);
        operations.push_back(Operation(begun));
        EXPECT_EQ(begun.attempt, 1u);
        Receive(call, begun);
        open.push_back(call);
      }
      while (!open.empty()) Continue(open);
    }
    return operations;
  }

  int retries() const { return retries_; }

 private:
  struct Call {
    Shot shot;
    std::string operation;
    uint32_t sent = 0;
    bool over = false;
  };

  static std::string Operation(const Begun& begun) {
    return begun.address.substr(0, begun.address.rfind('@'));
  }

  void Receive(Call& call, const Begun& begun) {
    if (call.sent == 0) call.operation = Operation(begun);
    EXPECT_EQ(Operation(begun), call.operation);
    EXPECT_EQ(begun.attempt, ++call.sent);
    call.over = begun.decisions.empty();
    world_.Finish(begun.sequence, {.failed = !call.over});
  }

  // One more attempt of any open call.
  void Continue(std::vector<Call>& open) {
    const size_t chosen = random_() % open.size();
    Call& call = open[chosen];
    if (!call.over) {
      ++retries_;
      Shot shot = call.shot;
      if (random_() % 2 == 0) {
        shot.headers.push_back({"x-stainless-retry-count", std::to_string(call.sent)});
      }
      Receive(call, world_.Begin(shot));
    }
    if (call.over) open.erase(open.begin() + static_cast<long>(chosen));
  }

  World& world_;
  std::mt19937_64 random_;
  int retries_ = 0;
};

TEST(RetryStorms, LeaveEveryOtherAddressAsItWas) {
  World calm("");
  const std::vector<std::string> expected = StubbornAgent(calm, 0).Run(20);
  ASSERT_EQ(expected.size(), 60u);
  int retries = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    World storm(
        PlanOf("guard { max_injections: 100000 } "
               "rule { when { probability: 0.6 } fault { reset {} } }",
               seed));
    StubbornAgent agent(storm, seed);
    EXPECT_EQ(agent.Run(20), expected) << "seed " << seed;
    retries += agent.retries();
  }
  EXPECT_GT(retries, 200 * 60) << "there was no storm";
}

}  // namespace
}  // namespace murphy::engine
