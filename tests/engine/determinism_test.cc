// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "tests/engine/schedules.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

struct Schedule {
  v1::Scenario scenario;
  std::shared_ptr<const Plan> plan;
  uint32_t run_index = 0;
  std::vector<Event> events;
};

// A run that is fed one event at a time.
class Replay {
 public:
  Replay(const Schedule& schedule, std::shared_ptr<const Plan> plan)
      : schedule_(schedule), world_(std::move(plan), schedule.run_index) {}

  // False at the end.
  bool Advance() {
    if (next_ == schedule_.events.size()) return false;
    const Event& event = schedule_.events[next_++];
    world_.now = event.now;
    if (event.finish > 0) {
      world_.Finish(event.finish, event.ending);
    } else {
      log_ += Log(world_.Begin(event.shot));
    }
    return true;
  }

  std::string TakeLog() {
    for (const v1::Injection& injection : world_.decider().Unreached()) {
      log_ += injection.ShortDebugString() + "\n";
    }
    v1::Realised realised;
    world_.decider().Realise(realised);
    return log_ + world_.decider().disarm_reason() + realised.ShortDebugString();
  }

 private:
  const Schedule& schedule_;
  World world_;
  size_t next_ = 0;
  std::string log_;
};

std::string LogOf(const Schedule& schedule, std::shared_ptr<const Plan> plan) {
  Replay replay(schedule, std::move(plan));
  while (replay.Advance()) {
  }
  return replay.TakeLog();
}

std::vector<Schedule> RandomSchedules(std::mt19937_64& random, size_t count) {
  std::vector<Schedule> schedules;
  while (schedules.size() < count) {
    Schedule schedule{.scenario = RandomScenario(random),
                      .run_index = static_cast<uint32_t>(random() % 4)};
    std::vector<Mistake> mistakes;
    schedule.plan = Plan::Compile(schedule.scenario, random(), mistakes);
    if (schedule.plan == nullptr) continue;
    schedule.events = RandomEvents(random);
    schedules.push_back(std::move(schedule));
  }
  return schedules;
}

// Each thread owns every n-th run, and has a few of them in progress at the same time.
void ReplayShare(const std::vector<Schedule>& schedules, size_t own, size_t threads,
                 std::vector<std::string>& logs) {
  constexpr size_t kInProgress = 16;
  for (size_t begin = own; begin < schedules.size(); begin += threads * kInProgress) {
    std::vector<std::unique_ptr<Replay>> replays;
    const size_t end = std::min(schedules.size(), begin + threads * kInProgress);
    for (size_t i = begin; i < end; i += threads) {
      replays.push_back(std::make_unique<Replay>(schedules[i], schedules[i].plan));
    }
    for (bool more = true; more;) {
      more = false;
      for (const auto& replay : replays) more = replay->Advance() || more;
    }
    for (size_t r = 0; r < replays.size(); ++r) logs[begin + r * threads] = replays[r]->TakeLog();
  }
}

TEST(Determinism, TheSameEventsGiveTheSameDecisionsAtAnyNumberOfThreads) {
  constexpr int kBatches = 10;
  constexpr size_t kBatch = 1000;
  std::mt19937_64 random(20260101);
  size_t injected = 0, silent = 0;
  for (int batch = 0; batch < kBatches; ++batch) {
    const std::vector<Schedule> schedules = RandomSchedules(random, kBatch);
    std::vector<std::string> expected;
    for (const Schedule& schedule : schedules) {
      expected.push_back(LogOf(schedule, schedule.plan));
      std::vector<Mistake> mistakes;
      const auto again = Plan::Compile(schedule.scenario, schedule.plan->seed(), mistakes);
      ASSERT_EQ(LogOf(schedule, again), expected.back());
      (expected.back().find('[') != std::string::npos ? injected : silent) += 1;
    }
    for (const size_t threads : {1, 2, 8}) {
      std::vector<std::string> logs(schedules.size());
      std::vector<std::thread> workers;
      for (size_t own = 0; own < threads; ++own) {
        workers.emplace_back([&, own] { ReplayShare(schedules, own, threads, logs); });
      }
      for (std::thread& worker : workers) worker.join();
      for (size_t i = 0; i < logs.size(); ++i) {
        ASSERT_EQ(logs[i], expected[i]) << threads << " threads, schedule " << i << "\n"
                                        << schedules[i].scenario.DebugString();
      }
    }
  }
  EXPECT_GT(injected, 10 * silent) << "schedules in which nothing happens prove nothing";
}

TEST(Determinism, AnotherSeedOrRunDecidesOtherwise) {
  std::mt19937_64 random(7);
  int differ_by_seed = 0, differ_by_run = 0;
  for (const Schedule& schedule : RandomSchedules(random, 200)) {
    std::vector<Mistake> mistakes;
    const std::string log = LogOf(schedule, schedule.plan);
    const auto other = Plan::Compile(schedule.scenario, schedule.plan->seed() + 1, mistakes);
    differ_by_seed += LogOf(schedule, other) != log ? 1 : 0;
    Schedule moved = schedule;
    ++moved.run_index;
    differ_by_run += LogOf(moved, moved.plan) != log ? 1 : 0;
  }
  EXPECT_GT(differ_by_seed, 50);
  EXPECT_GT(differ_by_run, 50);
}

}  // namespace
}  // namespace murphy::engine
