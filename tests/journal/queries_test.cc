// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/journal/temporary_journal.h"

namespace murphy::journal {
namespace {

class JournalQueries : public TemporaryJournal {};

TEST_F(JournalQueries, ReturnTheLastStateOfEachInjection) {
  auto journal = OpenJournal();
  ASSERT_TRUE(journal->Append(InjectionEvent("a", 1, v1::INJECTION_STATE_FIRED)));
  ASSERT_TRUE(journal->Append(InjectionEvent("a", 2, v1::INJECTION_STATE_FIRED)));
  ASSERT_TRUE(journal->Append(InjectionEvent("b", 1, v1::INJECTION_STATE_MASKED)));
  ASSERT_TRUE(journal->Append(InjectionEvent("a", 1, v1::INJECTION_STATE_DELIVERED)));
  ASSERT_TRUE(journal->Flush().ok());

  const auto injections = journal->Injections("a");
  ASSERT_TRUE(injections.ok()) << injections.status();
  ASSERT_EQ(injections->size(), 2u);
  EXPECT_EQ((*injections)[0].state(), v1::INJECTION_STATE_DELIVERED);
  EXPECT_EQ((*injections)[1].state(), v1::INJECTION_STATE_FIRED);
}

TEST_F(JournalQueries, ReturnWhatAReplayNeeds) {
  auto journal = OpenJournal();
  const auto step = [&](uint64_t number) {
    v1::Event event;
    event.mutable_step()->set_run("a");
    event.mutable_step()->set_number(number);
    return journal->Append(std::move(event));
  };
  // A halt disarms a run before it is recorded.
  ASSERT_TRUE(step(1));
  ASSERT_TRUE(journal->Append(RunEvent("a", v1::RUN_STATE_ACTIVE, kRecent)));
  ASSERT_TRUE(journal->Append(InjectionEvent("a", 1, v1::INJECTION_STATE_FIRED)));
  ASSERT_TRUE(journal->Append(InjectionEvent("a", 1, v1::INJECTION_STATE_DELIVERED)));
  for (const uint64_t number : {9, 4}) ASSERT_TRUE(step(number));
  ASSERT_TRUE(journal->Flush().ok());

  const auto decided = journal->Decided("a");
  ASSERT_EQ(decided->size(), 1u);
  EXPECT_EQ(decided->front().state(), v1::INJECTION_STATE_FIRED);
  const auto steps = journal->Steps("a", 0, 2);
  ASSERT_EQ(steps->size(), 2u);
  EXPECT_EQ(steps->back().number(), 4u);
  EXPECT_EQ(journal->Steps("a", 4, 2)->front().number(), 9u);
  EXPECT_TRUE(journal->Steps("b", 0, 2)->empty());
}

TEST_F(JournalQueries, PageThroughExchangesInOrderOfTheirNumbers) {
  auto journal = OpenJournal();
  for (const uint64_t sequence : {3, 1, 2, 5, 4})
    ASSERT_TRUE(journal->Append(ExchangeEvent("a", sequence)));
  ASSERT_TRUE(journal->Append(ExchangeEvent("b", 1)));
  ASSERT_TRUE(journal->Flush().ok());

  const auto first = journal->Exchanges("a", 0, 3);
  ASSERT_EQ(first->size(), 3u);
  EXPECT_EQ(first->back().sequence(), 3u);
  const auto second = journal->Exchanges("a", 3, 3);
  ASSERT_EQ(second->size(), 2u);
  EXPECT_EQ(second->front().sequence(), 4u);
  EXPECT_EQ(second->back().sequence(), 5u);
}

TEST_F(JournalQueries, PageThroughExchangesThatCameAfterTheEndOfTheirRun) {
  auto journal = OpenJournal();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(journal->Append(ExchangeEvent("a", 0)));
  for (const uint64_t sequence : {1, 2}) journal->Append(ExchangeEvent("a", sequence));
  ASSERT_TRUE(journal->Flush().ok());

  std::vector<uint64_t> seen;
  std::optional<ExchangePosition> at = ExchangePosition{};
  for (int pages = 0; at.has_value(); ++pages) {
    ASSERT_LT(pages, 5);
    const auto page = journal->Exchanges("a", *at, 2, absl::InfinitePast());
    for (const v1::Exchange& exchange : page->exchanges) seen.push_back(exchange.sequence());
    at = page->next;
  }
  EXPECT_EQ(seen, (std::vector<uint64_t>{0, 0, 0, 0, 0, 1, 2}));
}

TEST_F(JournalQueries, ListExchangesThatWereRecordedSinceATime) {
  auto journal = OpenJournal();
  for (uint64_t i = 1; i <= 40; ++i) journal->Append(ExchangeEvent("a", i));
  ASSERT_TRUE(journal->Flush().ok());
  absl::Time then = absl::Now();
  while (absl::Now() == then) {
  }
  then = absl::Now();
  for (uint64_t i = 41; i <= 50; ++i) journal->Append(ExchangeEvent("a", i));
  ASSERT_TRUE(journal->Flush().ok());

  const auto page = journal->Exchanges("a", {}, 100, then);
  ASSERT_EQ(page->exchanges.size(), 10u);
  EXPECT_EQ(page->exchanges.front().sequence(), 41u);
  EXPECT_EQ(journal->Exchanges("a", {}, 100, absl::Now() + absl::Hours(1))->exchanges.size(), 0u);
  EXPECT_EQ(journal->Exchanges("a", {}, 100, absl::UnixEpoch())->exchanges.size(), 50u);
}

TEST_F(JournalQueries, PageThroughInjections) {
  auto journal = OpenJournal();
  for (uint64_t i = 1; i <= 5; ++i) {
    journal->Append(InjectionEvent("a", i, v1::INJECTION_STATE_FIRED));
    journal->Append(InjectionEvent("a", i, v1::INJECTION_STATE_NO_OP));
  }
  ASSERT_TRUE(journal->Flush().ok());
  const auto page = journal->Injections("a", 3, 1);
  ASSERT_EQ(page->size(), 1u);
  EXPECT_EQ(page->front().id(), 4u);
  EXPECT_EQ(page->front().state(), v1::INJECTION_STATE_NO_OP);
  EXPECT_EQ(journal->Injections("a", 4, 10)->size(), 1u);
}

TEST_F(JournalQueries, ListRunsNewestFirstAndByExperiment) {
  auto journal = OpenJournal();
  for (int i = 1; i <= 4; ++i) {
    journal->Append(RunEvent(absl::StrCat("r", i), v1::RUN_STATE_ACTIVE, kRecent + i,
                             i % 2 == 0 ? "even" : "odd"));
  }
  journal->Append(RunEvent("r1", v1::RUN_STATE_FINISHED, kRecent + 1, "odd"));
  ASSERT_TRUE(journal->Flush().ok());

  const auto newest = journal->Runs("", 2, "");
  ASSERT_EQ(newest->size(), 2u);
  EXPECT_EQ((*newest)[0].id(), "r4");
  EXPECT_EQ((*newest)[1].id(), "r3");
  const auto rest = journal->Runs("", 10, "r3");
  ASSERT_EQ(rest->size(), 2u);
  EXPECT_EQ((*rest)[1].id(), "r1");
  EXPECT_EQ((*rest)[1].state(), v1::RUN_STATE_FINISHED);
  const auto even = journal->Runs("even", 10, "");
  ASSERT_EQ(even->size(), 2u);
  EXPECT_EQ((*even)[0].id(), "r4");
  EXPECT_EQ(journal->FindRun("r2")->value().experiment(), "even");
  EXPECT_FALSE(journal->FindRun("r9")->has_value());
}

TEST_F(JournalQueries, ShowOnlyTheCurrentLifeOfARunThatBeganAgain) {
  auto journal = OpenJournal();
  journal->Append(RunEvent("default", v1::RUN_STATE_ACTIVE, kRecent + 1));
  journal->Append(ExchangeEvent("default", 1));
  journal->Append(ExchangeEvent("default", 2));
  journal->Append(InjectionEvent("default", 1, v1::INJECTION_STATE_DELIVERED));
  journal->Append(RunEvent("default", v1::RUN_STATE_ACTIVE, kRecent + 2));
  journal->Append(ExchangeEvent("default", 1));
  ASSERT_TRUE(journal->Flush().ok());

  EXPECT_EQ(journal->Exchanges("default", 0, 10)->size(), 1u);
  EXPECT_TRUE(journal->Injections("default")->empty());
  EXPECT_EQ(journal->StateAfter(0, "default", "", 10)->size(), 2u);
  EXPECT_EQ(journal->EventsAfter(0, 100)->size(), 6u);
}

TEST_F(JournalQueries, ReturnRecentExchangesOfAllRunsOldestFirst) {
  auto journal = OpenJournal();
  for (uint64_t i = 1; i <= 5; ++i) journal->Append(ExchangeEvent(i % 2 == 0 ? "a" : "b", i));
  journal->Append(InjectionEvent("a", 1, v1::INJECTION_STATE_FIRED));
  ASSERT_TRUE(journal->Flush().ok());

  const auto recent = journal->RecentExchanges(absl::Now() - absl::Hours(1), 3);
  ASSERT_EQ(recent->size(), 3u);
  EXPECT_EQ(recent->front().sequence(), 3u);
  EXPECT_EQ(recent->back().sequence(), 5u);
  EXPECT_TRUE(journal->RecentExchanges(absl::Now() + absl::Hours(1), 3)->empty());
}

TEST_F(JournalQueries, PageThroughEventsByRevision) {
  auto journal = OpenJournal();
  for (uint64_t i = 1; i <= 5; ++i) journal->Append(ExchangeEvent("a", i));
  ASSERT_TRUE(journal->Flush().ok());

  EXPECT_EQ(journal->revision(), 5u);
  const auto events = journal->EventsAfter(2, 2);
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ(events->front().revision(), 3u);
  EXPECT_EQ(events->back().revision(), 4u);
  EXPECT_TRUE(journal->EventsAfter(5, 10)->empty());
  EXPECT_EQ(journal->EventsAfter(6, 10).status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(JournalQueries, CompactTheCurrentStateOfWhatIsSelected) {
  auto journal = OpenJournal();
  journal->Append(RunEvent("old", v1::RUN_STATE_ACTIVE, kRecent + 1, "x"));      // 1
  journal->Append(RunEvent("live", v1::RUN_STATE_ACTIVE, kRecent + 2, "x"));     // 2
  journal->Append(InjectionEvent("live", 1, v1::INJECTION_STATE_FIRED));         // 3
  journal->Append(ExchangeEvent("live", 1));                                     // 4
  journal->Append(InjectionEvent("live", 1, v1::INJECTION_STATE_DELIVERED));     // 5
  journal->Append(RunEvent("old", v1::RUN_STATE_FINISHED, kRecent + 1, "x"));    // 6
  journal->Append(RunEvent("other", v1::RUN_STATE_FINISHED, kRecent + 3, "y"));  // 7
  ASSERT_TRUE(journal->Flush().ok());

  const auto revisions = [](const absl::StatusOr<std::vector<v1::Event>>& events) {
    std::vector<uint64_t> list;
    for (const v1::Event& event : *events) list.push_back(event.revision());
    return list;
  };
  EXPECT_EQ(revisions(journal->StateAfter(0, "", "", 100)), (std::vector<uint64_t>{2, 4, 5}));
  EXPECT_EQ(revisions(journal->StateAfter(0, "", "x", 100)), (std::vector<uint64_t>{2, 4, 5, 6}));
  EXPECT_EQ(revisions(journal->StateAfter(0, "old", "", 100)), (std::vector<uint64_t>{6}));
  EXPECT_EQ(revisions(journal->StateAfter(0, "live", "", 2)), (std::vector<uint64_t>{2, 4}));
  EXPECT_EQ(revisions(journal->StateAfter(4, "live", "", 2)), (std::vector<uint64_t>{5}));
}

TEST_F(JournalQueries, KeepExperimentsAndTheHaltState) {
  {
    auto journal = OpenJournal();
    EXPECT_FALSE(journal->GetHalt()->halted());
    for (int i = 1; i <= 3; ++i) {
      v1::Experiment experiment;
      experiment.set_id(absl::StrCat("e", i));
      experiment.mutable_begin_time()->set_seconds(kRecent + i);
      ASSERT_TRUE(journal->PutExperiment(experiment).ok());
    }
    v1::HaltState halt;
    halt.set_halted(true);
    halt.set_reason("on call");
    ASSERT_TRUE(journal->PutHalt(halt).ok());
  }
  auto journal = OpenJournal();
  EXPECT_EQ(journal->GetHalt()->reason(), "on call");
  EXPECT_TRUE(journal->FindExperiment("e2")->has_value());
  EXPECT_FALSE(journal->FindExperiment("e4")->has_value());
  const auto experiments = journal->Experiments(2, "e3");
  ASSERT_EQ(experiments->size(), 2u);
  EXPECT_EQ(experiments->front().id(), "e2");
}

TEST_F(JournalQueries, LeaveTheFileToItsOwnerAlone) {
  auto journal = OpenJournal();
  struct stat status;
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

class JournalSubscribers : public TemporaryJournal {};

TEST_F(JournalSubscribers, GetEveryEventOnceInOrderFromConcurrentAppenders) {
  constexpr uint64_t kThreads = 8, kEach = 2000;
  auto journal = OpenJournal();
  std::mutex mutex;
  std::vector<v1::Event> seen;
  journal->Subscribe([&](const std::vector<v1::Event>& events) {
    const std::lock_guard lock(mutex);
    seen.insert(seen.end(), events.begin(), events.end());
  });
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&journal, t] {
      for (uint64_t i = 1; i <= kEach; ++i)
        ASSERT_TRUE(journal->Append(ExchangeEvent(absl::StrCat("t", t), i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(journal->Flush().ok());

  ASSERT_EQ(seen.size(), kThreads * kEach);
  std::map<std::string, uint64_t> last;
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].revision(), i + 1);
    EXPECT_EQ(seen[i].exchange().sequence(), ++last[seen[i].exchange().run()]);
  }
  EXPECT_EQ(journal->Exchanges("t7", 0, kEach + 1)->size(), kEach);
}

TEST_F(JournalSubscribers, SeeOnlyWhatIsCommitted) {
  auto journal = OpenJournal();
  size_t found = 0;
  journal->Subscribe([&](const std::vector<v1::Event>& events) {
    found = journal->EventsAfter(events.front().revision() - 1, 10)->size();
  });
  journal->Append(ExchangeEvent("a", 1));
  ASSERT_TRUE(journal->Flush().ok());
  EXPECT_EQ(found, 1u);
}

TEST_F(JournalSubscribers, AreNotCalledAfterTheyLeft) {
  auto journal = OpenJournal();
  int calls = 0;
  const uint64_t id = journal->Subscribe([&calls](const std::vector<v1::Event>&) { ++calls; });
  journal->Append(ExchangeEvent("a", 1));
  ASSERT_TRUE(journal->Flush().ok());
  journal->Unsubscribe(id);
  journal->Append(ExchangeEvent("a", 2));
  ASSERT_TRUE(journal->Flush().ok());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace murphy::journal
