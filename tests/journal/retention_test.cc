// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/journal/temporary_journal.h"

namespace murphy::journal {
namespace {

class JournalRetention : public TemporaryJournal {
 protected:
  // A finished run of 2,500 exchanges (more than are removed at once), then a live one.
  void Fill(Journal& journal, int64_t begin) {
    journal.Append(RunEvent("old", v1::RUN_STATE_ACTIVE, begin, "x"));
    for (uint64_t i = 1; i <= 2500; ++i) journal.Append(ExchangeEvent("old", i));
    journal.Append(RunEvent("old", v1::RUN_STATE_FINISHED, begin, "x"));
    journal.Append(RunEvent("live", v1::RUN_STATE_ACTIVE, begin + 2, "x"));
    for (uint64_t i = 1; i <= 10; ++i) journal.Append(ExchangeEvent("live", i));
    ASSERT_TRUE(journal.Flush().ok());
  }

  // Removal follows the commit that a flush waits for; the second one comes after it.
  static void Settle(Journal& journal) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(journal.Flush().ok());
  }
};

TEST_F(JournalRetention, RemovesRunsThatAreTooOldAndKeepsTheOthers) {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  Fill(*OpenJournal(), now - 7200);
  Options options;
  options.retention = absl::Hours(1);
  auto journal = OpenJournal(options);
  Settle(*journal);

  EXPECT_FALSE(journal->FindRun("old")->has_value());
  EXPECT_TRUE(journal->Exchanges("old", 0, 10)->empty());
  EXPECT_EQ(journal->Exchanges("live", 0, 100)->size(), 10u);
  EXPECT_TRUE(journal->FindRun("live")->has_value());
}

TEST_F(JournalRetention, TellsWatchersThatResumeBeforeWhatWasRemoved) {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  Fill(*OpenJournal(), now - 7200);
  Options options;
  options.retention = absl::Hours(1);
  auto journal = OpenJournal(options);
  Settle(*journal);

  EXPECT_EQ(journal->EventsAfter(2501, 10).status().code(), absl::StatusCode::kOutOfRange);
  const auto events = journal->EventsAfter(2502, 100);
  ASSERT_TRUE(events.ok()) << events.status();
  EXPECT_EQ(events->size(), 11u);
}

TEST_F(JournalRetention, NeverGivesARevisionTwice) {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  {
    auto journal = OpenJournal();
    journal->Append(RunEvent("old", v1::RUN_STATE_FINISHED, now - 7200));
    ASSERT_TRUE(journal->Flush().ok());
  }
  Options options;
  options.retention = absl::Hours(1);
  {
    auto journal = OpenJournal(options);
    Settle(*journal);
    EXPECT_TRUE(journal->EventsAfter(1, 10)->empty());
  }
  auto journal = OpenJournal(options);
  journal->Append(ExchangeEvent("a", 1));
  ASSERT_TRUE(journal->Flush().ok());
  EXPECT_EQ(journal->revision(), 2u);
}

TEST_F(JournalRetention, RemovesTheOldestFinishedRunsWhenTheFileIsTooLarge) {
  Options options;
  options.max_bytes = 1 << 20;
  auto journal = OpenJournal(options);
  const std::string filler(2000, 'f');
  for (int run = 1; run <= 10; ++run) {
    const std::string id = absl::StrCat("r", run);
    journal->Append(RunEvent(id, v1::RUN_STATE_ACTIVE, kRecent + run));
    for (uint64_t i = 1; i <= 200; ++i) {
      v1::Event event = ExchangeEvent(id, i);
      event.mutable_exchange()->set_failure(filler);
      journal->Append(std::move(event));
    }
    journal->Append(RunEvent(id, v1::RUN_STATE_FINISHED, kRecent + run));
    ASSERT_TRUE(journal->Flush().ok());
  }
  Settle(*journal);
  EXPECT_FALSE(journal->FindRun("r1")->has_value());
  EXPECT_EQ(journal->Exchanges("r10", 0, 1000)->size(), 200u);
  EXPECT_LT(std::filesystem::file_size(path_), 3u << 20);
}

TEST_F(JournalRetention, BoundsALiveRunThatFillsTheFileAlone) {
  Options options;
  options.max_bytes = 1 << 20;
  auto journal = OpenJournal(options);
  journal->Append(RunEvent("default", v1::RUN_STATE_ACTIVE, kRecent));
  const std::string filler(2000, 'f');
  for (uint64_t i = 1; i <= 3000; ++i) {
    v1::Event event = ExchangeEvent("default", i);
    event.mutable_exchange()->set_failure(filler);
    ASSERT_TRUE(journal->Append(std::move(event)));
    if (i % 500 == 0) {
      ASSERT_TRUE(journal->Flush().ok());
    }
  }
  Settle(*journal);
  EXPECT_LT(journal->Exchanges("default", 0, 10000)->size(), 3000u);
  EXPECT_TRUE(journal->FindRun("default")->has_value());
}

}  // namespace
}  // namespace murphy::journal
