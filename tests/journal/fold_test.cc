// SPDX-License-Identifier: Apache-2.0
// An injection that fires and is delivered within one commit is one row, and nobody can tell.
#include "daemon/journal/fold.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/journal/temporary_journal.h"

namespace murphy::journal {
namespace {

v1::Event Fired(uint64_t id) {
  v1::Event event = InjectionEvent("a", id, v1::INJECTION_STATE_FIRED);
  event.mutable_injection()->set_rule("refuse");
  event.mutable_injection()->set_parameters("{\"code\":503}");
  event.mutable_injection()->mutable_fire_time()->set_seconds(7);
  return event;
}

v1::Event Delivered(uint64_t id) {
  v1::Event event = Fired(id);
  event.mutable_injection()->set_state(v1::INJECTION_STATE_DELIVERED);
  event.mutable_injection()->set_digest_after("cafe");
  event.mutable_injection()->mutable_deliver_time()->set_seconds(9);
  return event;
}

class FoldedJournal : public TemporaryJournal {
 protected:
  // Nothing is written while a subscriber waits, so that what is appended meanwhile is one commit.
  void AppendTogether(Journal& journal, std::vector<v1::Event> events) {
    const uint64_t id = journal.Subscribe([&](const std::vector<v1::Event>& seen) {
      seen_.insert(seen_.end(), seen.begin(), seen.end());
      for (v1::Event& event : events) journal.Append(std::move(event));
      events.clear();
    });
    journal.Append(RunEvent("a", v1::RUN_STATE_ACTIVE, kRecent));
    while (!events.empty()) ASSERT_TRUE(journal.Flush().ok());
    ASSERT_TRUE(journal.Flush().ok());
    journal.Unsubscribe(id);
  }

  int64_t Rows() const {
    sqlite3* database = nullptr;
    sqlite3_open(path_.c_str(), &database);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database, "SELECT COUNT(*) FROM events WHERE kind = 4", -1, &statement,
                       nullptr);
    sqlite3_step(statement);
    const int64_t rows = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return rows;
  }

  static std::vector<std::string> Texts(const std::vector<v1::Event>& events) {
    std::vector<std::string> texts;
    for (const v1::Event& event : events) texts.push_back(event.ShortDebugString());
    return texts;
  }

  std::vector<v1::Event> seen_;
};

TEST_F(FoldedJournal, WritesOneRowAndTellsBothStates) {
  auto journal = OpenJournal();
  AppendTogether(*journal, {Fired(1), ExchangeEvent("a", 1), Fired(2), Delivered(1), Delivered(2)});
  EXPECT_EQ(Rows(), 2);

  // Who subscribed has seen what is read later, in the same order.
  const auto read = journal->EventsAfter(0, 100);
  EXPECT_EQ(Texts(*read), Texts(seen_));
  ASSERT_EQ(read->size(), 6u);
  for (size_t i = 0; i < read->size(); ++i) EXPECT_EQ((*read)[i].revision(), i + 1);
  EXPECT_EQ((*read)[1].injection().ShortDebugString(), Fired(1).injection().ShortDebugString());
  EXPECT_EQ((*read)[2].injection().ShortDebugString(), Delivered(1).injection().ShortDebugString());

  EXPECT_EQ(journal->Decided("a")->front().ShortDebugString(),
            Fired(1).injection().ShortDebugString());
  EXPECT_EQ(journal->Injections("a")->front().ShortDebugString(),
            Delivered(1).injection().ShortDebugString());
  for (const v1::Event& event : *journal->StateAfter(0, "a", "", 100))
    EXPECT_EQ(event.fired_revision(), 0u);
}

TEST_F(FoldedJournal, IsReadFromAnyRevisionOn) {
  auto journal = OpenJournal();
  AppendTogether(*journal, {Fired(1), Delivered(1), Fired(2), Delivered(2), ExchangeEvent("a", 1)});
  const auto all = journal->EventsAfter(0, 100);
  for (uint64_t after = 0; after <= all->size(); ++after) {
    const auto rest = journal->EventsAfter(after, 100);
    ASSERT_EQ(rest->size(), all->size() - after);
    for (const v1::Event& event : *rest) EXPECT_GT(event.revision(), after);
  }
}

TEST_F(FoldedJournal, KeepsTwoRowsOfWhatCannotBeToldFromTheLater) {
  auto journal = OpenJournal();
  v1::Event changed = Delivered(1);
  changed.mutable_injection()->set_parameters("{\"code\":500}");
  AppendTogether(*journal, {Fired(1), changed});
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(journal->Decided("a")->front().parameters(), "{\"code\":503}");
  EXPECT_EQ(journal->Injections("a")->front().parameters(), "{\"code\":500}");
}

TEST_F(FoldedJournal, LeavesAThirdStateARowOfItsOwn) {
  auto journal = OpenJournal();
  v1::Event recovered = Delivered(1);
  recovered.mutable_injection()->set_recovery(v1::RECOVERY_LAYER_SDK_RETRY);
  AppendTogether(*journal, {Fired(1), Delivered(1), recovered});
  EXPECT_EQ(Rows(), 2);
  EXPECT_EQ(journal->EventsAfter(0, 100)->size(), 4u);
  EXPECT_EQ(journal->Injections("a")->front().recovery(), v1::RECOVERY_LAYER_SDK_RETRY);
}

}  // namespace
}  // namespace murphy::journal
