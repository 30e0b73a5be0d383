// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/support/living_world.h"

namespace murphy::control {
namespace {

class Watches : public test::LivingWorld {
 protected:
  struct Watcher {
    std::mutex mutex;
    std::vector<v1::Event> events;
    std::unique_ptr<Subscription> subscription;
    size_t most = SIZE_MAX;

    std::vector<v1::Event> seen() {
      const std::lock_guard lock(mutex);
      return events;
    }
  };

  absl::Status Watch(const v1::WatchRequest& request, Watcher& watcher) {
    const auto push = [&watcher](const v1::Event& event) {
      const std::lock_guard lock(watcher.mutex);
      watcher.events.push_back(event);
      return watcher.events.size() < watcher.most;
    };
    return control::WatchJournal(*journal_, request, push, &watcher.subscription);
  }

  void Append(const std::string& run, uint64_t injection, v1::InjectionState state) {
    v1::Event event;
    event.mutable_injection()->set_run(run);
    event.mutable_injection()->set_id(injection);
    event.mutable_injection()->set_state(state);
    ASSERT_TRUE(journal_->Append(std::move(event)));
  }
};

TEST_F(Watches, GetASnapshotThenSyncedThenWhatFollows) {
  const std::string run = StartRun("").run().id();
  Append(run, 1, v1::INJECTION_STATE_FIRED);
  Append(run, 1, v1::INJECTION_STATE_DELIVERED);
  Append("other", 1, v1::INJECTION_STATE_FIRED);
  ASSERT_TRUE(journal_->Flush().ok());
  v1::WatchRequest request;
  request.set_run(run);
  Watcher watcher;
  ASSERT_TRUE(Watch(request, watcher).ok());
  Append(run, 2, v1::INJECTION_STATE_FIRED);
  Append("other", 2, v1::INJECTION_STATE_FIRED);
  ASSERT_TRUE(journal_->Flush().ok());

  const auto seen = watcher.seen();
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_TRUE(seen[0].has_run());
  EXPECT_EQ(seen[1].injection().state(), v1::INJECTION_STATE_DELIVERED);
  EXPECT_TRUE(seen[2].synced());
  EXPECT_EQ(seen[3].injection().id(), 2u);
  for (size_t i = 1; i < seen.size(); ++i) EXPECT_GE(seen[i].revision(), seen[i - 1].revision());
}

TEST_F(Watches, GetOnlyTheKindsRulesAndStatesThatTheyAskFor) {
  const std::string run = StartRun("").run().id();
  const auto append = [&](uint64_t id, const std::string& rule, v1::InjectionState state) {
    v1::Event event;
    event.mutable_injection()->set_run(run);
    event.mutable_injection()->set_id(id);
    event.mutable_injection()->set_rule(rule);
    event.mutable_injection()->set_state(state);
    ASSERT_TRUE(journal_->Append(std::move(event)));
  };
  append(1, "a", v1::INJECTION_STATE_DELIVERED);
  append(2, "b", v1::INJECTION_STATE_DELIVERED);
  ASSERT_TRUE(journal_->Flush().ok());
  v1::WatchRequest request;
  request.set_run(run);
  request.add_kinds(v1::EVENT_KIND_INJECTION);
  request.set_rule("a");
  request.add_states(v1::INJECTION_STATE_DELIVERED);
  Watcher watcher;
  ASSERT_TRUE(Watch(request, watcher).ok());
  append(3, "a", v1::INJECTION_STATE_FIRED);
  append(4, "b", v1::INJECTION_STATE_DELIVERED);
  append(5, "a", v1::INJECTION_STATE_DELIVERED);
  ASSERT_TRUE(journal_->Flush().ok());
  const auto seen = watcher.seen();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].injection().id(), 1u);
  EXPECT_TRUE(seen[1].synced()) << "that much is always told";
  EXPECT_EQ(seen[2].injection().id(), 5u);
}

TEST_F(Watches, OfAnExperimentFindItsRunsAlsoWhenTheyAskForNone) {
  const std::string experiment = CreateExperiment();
  v1::WatchRequest request;
  request.set_experiment(experiment);
  request.add_kinds(v1::EVENT_KIND_INJECTION);
  Watcher watcher;
  ASSERT_TRUE(Watch(request, watcher).ok());
  const std::string run = StartRun(experiment).run().id();
  Append(run, 1, v1::INJECTION_STATE_FIRED);
  ASSERT_TRUE(journal_->Flush().ok());
  const auto seen = watcher.seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].injection().run(), run);
}

TEST_F(Watches, ResumeWithEverythingAfterARevision) {
  Append("a", 1, v1::INJECTION_STATE_FIRED);
  Append("a", 1, v1::INJECTION_STATE_DELIVERED);
  ASSERT_TRUE(journal_->Flush().ok());
  v1::WatchRequest request;
  request.set_revision(0);
  Watcher watcher;
  ASSERT_TRUE(Watch(request, watcher).ok());
  ASSERT_EQ(watcher.seen().size(), 3u);
  EXPECT_EQ(watcher.seen()[0].injection().state(), v1::INJECTION_STATE_FIRED);
  request.set_revision(1);
  Watcher later;
  ASSERT_TRUE(Watch(request, later).ok());
  EXPECT_EQ(later.seen().size(), 2u);
  request.set_revision(99);
  EXPECT_EQ(Watch(request, later).code(), absl::StatusCode::kOutOfRange);
}

TEST_F(Watches, FollowTheRunsOfAnExperiment) {
  const std::string experiment = CreateExperiment();
  const std::string before = StartRun(experiment).run().id();
  v1::WatchRequest request;
  request.set_experiment(experiment);
  Watcher watcher;
  ASSERT_TRUE(Watch(request, watcher).ok());
  const std::string after = StartRun(experiment).run().id();
  const std::string other = StartRun("").run().id();
  for (const std::string& run : {before, after, other}) Exchange(run);
  ASSERT_TRUE(journal_->Flush().ok());
  int exchanges = 0;
  for (const v1::Event& event : watcher.seen()) {
    EXPECT_NE(event.exchange().run(), other);
    EXPECT_NE(event.run().id(), other);
    exchanges += event.has_exchange() ? 1 : 0;
  }
  EXPECT_EQ(exchanges, 2);
}

TEST_F(Watches, OfWhatIsNotThereAreRefused) {
  Watcher watcher;
  v1::WatchRequest request;
  request.set_run("no-such-run");
  EXPECT_EQ(Watch(request, watcher).code(), absl::StatusCode::kNotFound);
  request.clear_run();
  request.set_experiment("no-such-experiment");
  EXPECT_EQ(Watch(request, watcher).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(watcher.seen().empty());
}

TEST_F(Watches, StopWhenTheReaderHasEnough) {
  const std::string run = StartRun("").run().id();
  for (uint64_t i = 1; i <= 10; ++i) Append(run, i, v1::INJECTION_STATE_FIRED);
  ASSERT_TRUE(journal_->Flush().ok());
  v1::WatchRequest request;
  request.set_run(run);
  Watcher watcher;
  watcher.most = 3;
  ASSERT_TRUE(Watch(request, watcher).ok());
  EXPECT_EQ(watcher.seen().size(), 3u);
}

// Begins in the middle of a stream of events: nothing is missing and nothing comes twice.
TEST_F(Watches, MissNothingWhileTheySetUp) {
  constexpr uint64_t kEvents = 20'000;
  const std::string run = StartRun("").run().id();
  std::thread appender([this, run] {
    for (uint64_t i = 1; i <= kEvents; ++i) {
      v1::Event event;
      event.mutable_injection()->set_run(run);
      event.mutable_injection()->set_id(i);
      while (!journal_->Append(event)) std::this_thread::yield();
    }
  });
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < 20; ++i) {
    v1::WatchRequest request;
    request.set_run(run);
    if (i % 2 == 0) request.set_revision(0);
    watchers.push_back(std::make_unique<Watcher>());
    EXPECT_TRUE(Watch(request, *watchers.back()).ok());
  }
  appender.join();
  ASSERT_TRUE(journal_->Flush().ok());
  for (const auto& watcher : watchers) {
    uint64_t last = 0;
    for (const v1::Event& event : watcher->seen()) {
      if (event.has_injection()) {
        ASSERT_EQ(event.injection().id(), ++last);
      }
    }
    EXPECT_EQ(last, kEvents);
    watcher->subscription.reset();
  }
}

}  // namespace
}  // namespace murphy::control
