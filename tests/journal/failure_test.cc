// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "tests/journal/temporary_journal.h"

namespace murphy::journal {
namespace {

class JournalFailure : public TemporaryJournal {
 protected:
  // Appends until something is refused; false when nothing ever is.
  static bool AppendUntilRefused(Journal& journal, uint64_t first) {
    for (uint64_t i = first; i < first + 2'000'000; ++i) {
      v1::Event event = ExchangeEvent("full", i);
      event.mutable_exchange()->set_failure(std::string(1000, 'x'));
      if (!journal.Append(std::move(event))) return true;
    }
    return false;
  }
};

// The child is killed in the middle of its work; what it had flushed was acknowledged.
TEST_F(JournalFailure, KillLosesNothingThatWasFlushed) {
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto journal = Journal::Open(path_, {});
    for (uint64_t i = 1; i <= 5000; ++i) (*journal)->Append(ExchangeEvent("a", i));
    const char acknowledged = (*journal)->Flush().ok() ? 'y' : 'n';
    if (write(channel[1], &acknowledged, 1) != 1) _exit(1);
    for (uint64_t i = 5001;; ++i) (*journal)->Append(ExchangeEvent("a", i));
  }
  char acknowledged = 'n';
  ASSERT_EQ(read(channel[0], &acknowledged, 1), 1);
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  close(channel[0]);
  close(channel[1]);
  ASSERT_EQ(acknowledged, 'y');

  auto journal = OpenJournal();
  const auto exchanges = journal->Exchanges("a", 0, 10'000'000);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();
  ASSERT_GE(exchanges->size(), 5000u);
  for (size_t i = 0; i < exchanges->size(); ++i) ASSERT_EQ((*exchanges)[i].sequence(), i + 1);
  EXPECT_EQ(journal->revision(), exchanges->size());
}

TEST_F(JournalFailure, AFullQueueRefusesAndRecovers) {
  Options options;
  options.queue = 4;
  auto journal = OpenJournal(options);
  std::mutex mutex;
  std::condition_variable changed;
  bool writer_waits = false, go_on = false;
  journal->Subscribe([&](const std::vector<v1::Event>&) {
    std::unique_lock lock(mutex);
    writer_waits = true;
    changed.notify_all();
    changed.wait(lock, [&] { return go_on; });
  });
  ASSERT_TRUE(journal->Append(ExchangeEvent("a", 1)));
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return writer_waits; });
  }
  for (uint64_t i = 2; i <= 5; ++i) EXPECT_TRUE(journal->Append(ExchangeEvent("a", i)));
  EXPECT_FALSE(journal->Append(ExchangeEvent("a", 6)));
  EXPECT_EQ(journal->failure(), "");
  {
    const std::lock_guard lock(mutex);
    go_on = true;
  }
  changed.notify_all();
  ASSERT_TRUE(journal->Flush().ok());
  EXPECT_TRUE(journal->Append(ExchangeEvent("a", 6)));
  ASSERT_TRUE(journal->Flush().ok());
  EXPECT_EQ(journal->Exchanges("a", 0, 10)->size(), 6u);
}

// A limit on file sizes stands in for a full disk: the kernel refuses to write.
TEST_F(JournalFailure, AFullDiskRefusesSaysSoAndRecoversWithoutAHole) {
  signal(SIGXFSZ, SIG_IGN);
  auto journal = OpenJournal();
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 1 << 20;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const bool refused = AppendUntilRefused(*journal, 1);
  const absl::Status flushed = journal->Flush();
  const std::string failure = journal->failure();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);

  EXPECT_TRUE(refused);
  EXPECT_FALSE(flushed.ok());
  EXPECT_NE(failure.find(path_), std::string::npos) << failure;
  absl::Status recovered = journal->Flush();
  for (int i = 0; i < 1000 && !recovered.ok(); ++i) recovered = journal->Flush();
  ASSERT_TRUE(recovered.ok()) << recovered;
  EXPECT_EQ(journal->failure(), "");
  const auto exchanges = journal->Exchanges("full", 0, 10'000'000);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();
  for (size_t i = 0; i < exchanges->size(); ++i) ASSERT_EQ((*exchanges)[i].sequence(), i + 1);
  EXPECT_TRUE(journal->Append(ExchangeEvent("after", 1)));
}

TEST_F(JournalFailure, ADeletedFileIsNoticedAndWrittenAnewWithGrowingRevisions) {
  auto journal = OpenJournal();
  journal->Append(ExchangeEvent("a", 1));
  ASSERT_TRUE(journal->Flush().ok());
  std::filesystem::remove_all(directory_);
  journal->Append(ExchangeEvent("a", 2));
  const absl::Status lost = journal->Flush();
  EXPECT_FALSE(lost.ok());
  EXPECT_FALSE(journal->Append(ExchangeEvent("a", 3)));

  std::filesystem::create_directory(directory_);
  absl::Status recovered = journal->Flush();
  for (int i = 0; i < 1000 && !recovered.ok(); ++i) recovered = journal->Flush();
  ASSERT_TRUE(recovered.ok()) << recovered;
  const auto exchanges = journal->Exchanges("a", 0, 10);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();
  ASSERT_EQ(exchanges->size(), 1u);
  EXPECT_EQ(exchanges->front().sequence(), 2u);
  EXPECT_GT(journal->revision(), 1u);
}

TEST_F(JournalFailure, OpenRefusesADirectoryThatIsNotThere) {
  const auto journal = Journal::Open(directory_ + "/missing/journal.db", {});
  ASSERT_FALSE(journal.ok());
  EXPECT_NE(journal.status().message().find(directory_), std::string::npos) << journal.status();
}

TEST_F(JournalFailure, OpenRefusesAFileThatIsNoJournal) {
  std::ofstream(path_) << std::string(100'000, 'z');
  const auto journal = Journal::Open(path_, {});
  ASSERT_FALSE(journal.ok());
  EXPECT_EQ(journal.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(journal.status().message().find("damaged"), std::string::npos) << journal.status();
}

TEST_F(JournalFailure, OpenRefusesTheFileOfANewerVersion) {
  OpenJournal();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 99", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  const auto journal = Journal::Open(path_, {});
  ASSERT_FALSE(journal.ok());
  EXPECT_EQ(journal.status().code(), absl::StatusCode::kFailedPrecondition);
}

void Damage(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  // The journal's own connections may be looking.
  sqlite3_busy_timeout(database, 10'000);
  ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

TEST_F(JournalFailure, ADamagedRecordCostsItselfAndIsNamed) {
  auto journal = OpenJournal();
  for (uint64_t i = 1; i <= 5; ++i) journal->Append(ExchangeEvent("a", i));
  journal->Append(InjectionEvent("a", 1, v1::INJECTION_STATE_MASKED));
  ASSERT_TRUE(journal->Flush().ok());
  EXPECT_EQ(journal->damage(), "");
  // No event at all, an event of nothing, and an event of something else.
  Damage(
      path_,
      "UPDATE events SET body = x'ffffff' WHERE revision = 2;"
      "UPDATE events SET body = x'' WHERE revision = 3;"
      "UPDATE events SET body = (SELECT body FROM events WHERE revision = 6) WHERE revision = 5");

  const auto page = journal->Exchanges("a", {}, 2, absl::InfinitePast());
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->exchanges.size(), 2u);
  EXPECT_EQ(page->exchanges.back().sequence(), 4u);
  EXPECT_EQ(page->damaged, (std::vector<uint64_t>{2, 3}));
  ASSERT_TRUE(page->next.has_value());
  const auto rest = journal->Exchanges("a", *page->next, 2, absl::InfinitePast());
  EXPECT_TRUE(rest->exchanges.empty());
  EXPECT_FALSE(rest->next.has_value());
  EXPECT_EQ(rest->damaged, (std::vector<uint64_t>{5}));
  EXPECT_EQ(journal->EventsAfter(0, 100)->size(), 4u);
  EXPECT_EQ(journal->StateAfter(0, "a", "", 100)->size(), 4u);
  EXPECT_EQ(journal->damage(), "3 records of the journal " + path_ +
                                   " are damaged and left out of what is listed: revision 2, "
                                   "revision 3, revision 5.");
}

TEST_F(JournalFailure, ADamagedHaltIsAnErrorAndNotALackOfOne) {
  auto journal = OpenJournal();
  v1::HaltState halt;
  halt.set_halted(true);
  halt.set_reason("on call");
  ASSERT_TRUE(journal->PutHalt(halt).ok());
  Damage(path_, "UPDATE settings SET value = x'ffffff' WHERE name = 'halt'");
  EXPECT_EQ(journal->GetHalt().status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace murphy::journal
