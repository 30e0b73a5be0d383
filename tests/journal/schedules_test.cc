// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include "tests/journal/temporary_journal.h"

namespace murphy::journal {
namespace {

class SchedulesTest : public TemporaryJournal {
 protected:
  static v1::ScheduleStatus Schedule(const std::string& name, uint64_t starts) {
    v1::ScheduleStatus status;
    status.mutable_schedule()->set_name(name);
    status.set_starts(starts);
    return status;
  }
  static v1::ScheduleStart Start(uint64_t number, const std::string& reason = "") {
    v1::ScheduleStart start;
    start.set_number(number);
    start.set_reason(reason);
    return start;
  }
};

TEST_F(SchedulesTest, KeepsSchedulesWithTheirStarts) {
  OpenJournal()->PutSchedule(Schedule("b", 2), {Start(1), Start(2)}).IgnoreError();
  const auto journal = OpenJournal();
  ASSERT_TRUE(journal->PutSchedule(Schedule("a", 0), {}).ok());
  ASSERT_TRUE(journal->PutSchedule(Schedule("b", 3), {Start(2, "again"), Start(3)}).ok());
  const auto schedules = *journal->Schedules();
  ASSERT_EQ(schedules.size(), 2u);
  EXPECT_EQ(schedules[1].schedule().name(), "b");
  EXPECT_EQ(schedules[1].starts(), 3u);
  const auto starts = *journal->ScheduleStarts("b", 2, 0);
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].number(), 3u);
  EXPECT_EQ(starts[1].reason(), "again");
  EXPECT_EQ(journal->ScheduleStarts("b", 9, 2)->size(), 1u);
  EXPECT_TRUE(journal->ScheduleStarts("a", 9, 0)->empty());
}

TEST_F(SchedulesTest, KeepsTheLastStarts) {
  const auto journal = OpenJournal();
  std::vector<v1::ScheduleStart> starts;
  for (uint64_t i = 1; i <= kMostScheduleStarts + 5; ++i) starts.push_back(Start(i));
  ASSERT_TRUE(journal->PutSchedule(Schedule("a", starts.size()), starts).ok());
  const auto kept = *journal->ScheduleStarts("a", 2 * kMostScheduleStarts, 0);
  ASSERT_EQ(kept.size(), kMostScheduleStarts);
  EXPECT_EQ(kept.back().number(), 6u);
}

TEST_F(SchedulesTest, RemovesAScheduleWithItsStarts) {
  const auto journal = OpenJournal();
  ASSERT_TRUE(journal->PutSchedule(Schedule("a", 1), {Start(1)}).ok());
  ASSERT_TRUE(journal->RemoveSchedule("a").ok());
  EXPECT_TRUE(journal->Schedules()->empty());
  EXPECT_TRUE(journal->ScheduleStarts("a", 9, 0)->empty());
}

// The first version had no schedules, and SQLite counted revisions.
TEST_F(SchedulesTest, AJournalOfTheFirstVersionIsBroughtForward) {
  {
    const auto journal = OpenJournal();
    ASSERT_TRUE(journal->Append(RunEvent("a", v1::RUN_STATE_ACTIVE, kRecent)));
    ASSERT_TRUE(journal->Flush().ok());
  }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
  constexpr char kAsItWas[] =
      "DROP TABLE schedules; DROP TABLE schedule_starts; DELETE FROM settings;"
      "ALTER TABLE events RENAME TO copy; DROP INDEX events_by_key;"
      "CREATE TABLE events(revision INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, "
      "kind INTEGER NOT NULL, key INTEGER NOT NULL, time INTEGER NOT NULL, body BLOB NOT NULL);"
      "CREATE INDEX events_by_key ON events(run, kind, key);"
      "INSERT INTO events SELECT * FROM copy; DROP TABLE copy;"
      "UPDATE sqlite_sequence SET seq = 41; PRAGMA user_version = 1";
  ASSERT_EQ(sqlite3_exec(database, kAsItWas, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  const auto journal = OpenJournal();
  EXPECT_TRUE(journal->FindRun("a")->has_value());
  EXPECT_TRUE(journal->PutSchedule(Schedule("a", 0), {}).ok());
  ASSERT_TRUE(journal->Append(ExchangeEvent("a", 1)));
  ASSERT_TRUE(journal->Flush().ok());
  EXPECT_EQ(journal->revision(), 42u);
}

}  // namespace
}  // namespace murphy::journal
