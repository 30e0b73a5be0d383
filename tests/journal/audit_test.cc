// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace murphy::journal {
namespace {

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    std::string pattern = testing::TempDir() + "murphy-audit-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    path_ = directory_ + "/audit.jsonl";
    Reopen();
  }
  ~AuditLogTest() override { std::filesystem::remove_all(directory_); }

  void Reopen() {
    log_.reset();
    log_ = *AuditLog::Open(
        path_, {.kept = anchored_, .keep = [this](const AuditHead& head) { anchored_ = head; }},
        most_bytes_);
  }
  // As `sed -i` and most editors write.
  void Swap(const std::string& text) {
    std::ofstream(path_ + ".new") << text;
    std::filesystem::rename(path_ + ".new", path_);
  }
  void Append(const std::string& call, const std::string& reason = "") {
    v1::AuditEntry entry;
    entry.set_actor("ann");
    entry.set_call(call);
    entry.set_request("{}");
    entry.set_reason(reason);
    entry.set_result("OK");
    ASSERT_TRUE(log_->Append(std::move(entry)).ok());
  }
  std::string Text() const {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  void Replace(const std::string& text) { std::ofstream(path_, std::ios::trunc) << text; }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::stringstream text(Text());
    for (std::string line; std::getline(text, line);) lines.push_back(line + "\n");
    return lines;
  }
  std::string Problem(const std::string& noted = "") const {
    const v1::VerifyAuditResponse verified = *log_->Verify(noted);
    EXPECT_EQ(verified.intact(), verified.problems_size() == 0);
    return verified.intact() ? "" : verified.problems(0);
  }

  // Of the log that lies beside its own small files.
  std::vector<std::string> FullFiles() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("audit.jsonl.0")) files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  uint64_t most_bytes_ = AuditLog::kMostBytes;
  std::string directory_;
  std::string path_;
  AuditHead anchored_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, GoesOnAfterARestart) {
  Append("ArmFault");
  Reopen();
  Append("DisarmFault");
  const v1::VerifyAuditResponse verified = *log_->Verify("");
  EXPECT_TRUE(verified.intact());
  EXPECT_EQ(verified.entries(), 2u);
  const auto entries = *log_->List(0, 10);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].call(), "DisarmFault");
  EXPECT_EQ(entries[0].previous_hash(), entries[1].hash());
  EXPECT_EQ(log_->List(2, 10)->front().call(), "ArmFault");
}

TEST_F(AuditLogTest, NoticesAChangedWord) {
  for (const char* call : {"ArmFault", "Halt", "Resume"}) Append(call, "because");
  std::string text = Text();
  text.replace(text.find("Halt"), 4, "Hold");
  Replace(text);
  EXPECT_NE(Problem().find("Line 2 (entry 2) was changed"), std::string::npos) << Problem();
}

TEST_F(AuditLogTest, NoticesARemovedAndASwappedLine) {
  for (const char* call : {"ArmFault", "Halt", "Resume"}) Append(call);
  const auto lines = Lines();
  Replace(lines[0] + lines[2]);
  EXPECT_NE(Problem().find("Line 2 (entry 3) does not follow entry 1"), std::string::npos);
  Replace(lines[1] + lines[0] + lines[2]);
  EXPECT_NE(Problem().find("Line 1 (entry 2) does not follow entry 0"), std::string::npos);
}

TEST_F(AuditLogTest, NoticesThatItsEndIsMissingEvenAfterARestart) {
  for (const char* call : {"ArmFault", "Halt", "Resume"}) Append(call);
  Replace(Lines()[0]);
  EXPECT_NE(Problem().find("ends with entry 1, and entry 3 was written last"), std::string::npos);
  Reopen();
  EXPECT_NE(Problem(), "");
  Append("StartRun");
  EXPECT_NE(Problem().find("Line 2 (entry 4) does not follow entry 1"), std::string::npos);
}

TEST_F(AuditLogTest, NoticesLinesThatSomebodyElseAdded) {
  Append("ArmFault");
  std::ofstream(path_, std::ios::app) << "{\"sequence\":2}\n";
  EXPECT_NE(Problem(), "");
}

TEST_F(AuditLogTest, NoticesARewrittenLogByAHeadThatWasNoted) {
  Append("ArmFault");
  Append("Halt");
  const std::string noted = log_->Verify("")->head();
  EXPECT_EQ(Problem(noted), "");
  log_.reset();
  std::filesystem::remove(path_);
  std::filesystem::remove(path_ + ".head");
  Reopen();
  EXPECT_NE(Problem().find("entry 2 was written last"), std::string::npos) << "the anchor knows";
  log_.reset();
  anchored_ = {};
  std::filesystem::remove(path_);
  std::filesystem::remove(path_ + ".head");
  Reopen();
  Append("ArmFault");
  Append("Resume");
  EXPECT_EQ(Problem(), "");
  EXPECT_NE(Problem(noted).find("is not in the log"), std::string::npos);
}

TEST_F(AuditLogTest, LooksAtTheFileThatIsThereNow) {
  for (const char* call : {"ArmFault", "Halt", "Resume"}) Append(call, "because");
  const std::string whole = Text();
  std::string text = whole;
  text.replace(text.find("Halt"), 4, "Hold");
  Swap(text);
  EXPECT_NE(Problem().find("Line 2 (entry 2) was changed"), std::string::npos) << Problem();
  std::filesystem::remove(path_);
  EXPECT_NE(Problem().find("ends with entry 0, and entry 3 was written last"), std::string::npos);
  EXPECT_TRUE(log_->List(0, 10)->empty());
  Append("StartRun");
  EXPECT_NE(Problem().find("Line 1 (entry 4) does not follow entry 0"), std::string::npos);
  Swap(whole);
  EXPECT_NE(Problem().find("entry 4 was written last"), std::string::npos);
}

TEST_F(AuditLogTest, GoesOnInAFileThatWasReplacedByItsCopy) {
  Append("ArmFault");
  Swap(Text());
  EXPECT_EQ(Problem(), "");
  Append("Halt");
  EXPECT_EQ(Problem(), "");
  EXPECT_EQ(Lines().size(), 2u);
}

TEST_F(AuditLogTest, NoticesWhatFollowsTheHashOfALine) {
  Append("ArmFault");
  const std::string text = Text();
  for (const char* tail : {"\"}\r\n", "\",\"x\":1}\n", "\"} \n"}) {
    Replace(text.substr(0, text.size() - 3) + tail);
    EXPECT_NE(Problem().find("Line 1 (entry 1) was changed"), std::string::npos) << tail;
  }
  Replace(text + "more");
  EXPECT_NE(Problem().find("Line 2 is no entry"), std::string::npos);
  Append("Halt");
  EXPECT_NE(Problem().find("Line 2 is no entry"), std::string::npos) << "evidence is kept";
}

TEST_F(AuditLogTest, NoticesAForgedEntryThatWasAddedWhileItWasClosed) {
  Append("ArmFault");
  log_.reset();
  v1::AuditEntry forged;
  forged.set_call("Resume");
  std::ofstream(path_, std::ios::app) << ChainLine(anchored_, forged) << "\n";
  Reopen();
  EXPECT_NE(Problem().find("ends with entry 2, and entry 1 was written last"), std::string::npos);
}

// All that can be computed anew is: the log, and the head beside it.
TEST_F(AuditLogTest, NoticesALogThatWasRewrittenWithItsHead) {
  for (const char* call : {"ArmFault", "Halt"}) Append(call);
  log_.reset();
  AuditHead head;
  std::string text;
  for (const char* call : {"DisarmFault", "Halt"}) {
    v1::AuditEntry entry;
    entry.set_call(call);
    text += ChainLine(head, entry) + "\n";
    head = {entry.sequence(), entry.hash()};
  }
  Replace(text);
  std::ofstream(path_ + ".head") << head.sequence << ":" << head.hash << "\n";
  Reopen();
  EXPECT_NE(Problem(), "");
  Append("Resume");
  Reopen();
  EXPECT_NE(Problem(), "") << "it stays so";
}

TEST_F(AuditLogTest, NoticesALogThatWasRewrittenBehindAnAnchorThatLags) {
  for (const char* call : {"ArmFault", "Halt"}) Append(call);
  const AuditHead older = anchored_;
  Append("Resume");
  anchored_ = older;
  Reopen();
  EXPECT_EQ(Problem(), "") << "it knows an entry that is there";
  log_.reset();
  anchored_ = {older.sequence, std::string(64, 'a')};
  Reopen();
  EXPECT_NE(Problem(), "");
}

TEST_F(AuditLogTest, WritesWhatWasDoneAsSoonAsItCan) {
  Append("ArmFault");
  std::filesystem::rename(path_, path_ + ".away");
  std::filesystem::create_directory(path_);
  v1::AuditEntry halt;
  halt.set_call("Halt");
  EXPECT_FALSE(log_->AppendDone(halt).ok());
  v1::AuditEntry resume;
  resume.set_call("Resume");
  EXPECT_FALSE(log_->Append(resume).ok());
  std::filesystem::remove(path_);
  std::filesystem::rename(path_ + ".away", path_);
  Append("DisarmFault");
  EXPECT_EQ(Problem(), "");
  const auto listed = *log_->List(0, 10);
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].call(), "DisarmFault");
  EXPECT_EQ(listed[1].call(), "Halt") << "done, unlike what was refused";
}

TEST_F(AuditLogTest, TakesAnEntryThatACrashLeftWithoutItsHead) {
  Append("ArmFault");
  const AuditHead first = anchored_;
  Append("Halt");
  log_.reset();
  std::ofstream(path_ + ".head") << first.sequence << ":" << first.hash << "\n";
  Reopen();
  EXPECT_EQ(Problem(), "");
  log_.reset();
  const std::string one = Lines()[0];
  std::ofstream(path_ + ".head") << first.sequence << ":" << first.hash << "\n";
  Replace(one);
  Reopen();
  EXPECT_EQ(Problem(), "") << "meant, but never written nor acknowledged";
}

TEST_F(AuditLogTest, NoticesThatBothFilesAreGone) {
  for (const char* call : {"ArmFault", "Halt"}) Append(call);
  log_.reset();
  std::filesystem::remove(path_);
  std::filesystem::remove(path_ + ".head");
  Reopen();
  EXPECT_NE(Problem().find("ends with entry 0, and entry 2 was written last"), std::string::npos);
}

TEST_F(AuditLogTest, DropsAnEntryThatACrashCutOff) {
  Append("ArmFault");
  log_.reset();
  std::ofstream(path_, std::ios::app) << "{\"sequence\":2,\"ti";
  Reopen();
  Append("Halt");
  EXPECT_EQ(Problem(), "");
  EXPECT_EQ(Lines().size(), 2u);
}

TEST_F(AuditLogTest, KeepsSecretsOut) {
  Append("ArmFault", "because of sk-abcdefghijklmnopqrstuvwxyz0123456789");
  EXPECT_EQ(Text().find("sk-abcdefghij"), std::string::npos);
}

TEST_F(AuditLogTest, ALineCanBeCheckedByAnyTool) {
  Append("ArmFault");
  const std::string line = Lines()[0];
  EXPECT_NE(line.find(R"("call":"ArmFault")"), std::string::npos);
  const std::string command = "sed 's/,\"hash\":.*//' " + path_ +
                              " | tr -d '\\n' | sha256sum | grep -q " +
                              log_->List(0, 1)->front().hash();
  EXPECT_EQ(std::system(command.c_str()), 0);
}

// Files of some 2,000 bytes, of which sixteen are kept.
class FullAuditLog : public AuditLogTest {
 protected:
  static constexpr int kEntries = 200;

  FullAuditLog() {
    most_bytes_ = 16 * 2000;
    Reopen();
    for (int i = 1; i <= kEntries; ++i) Append("ArmFault", "entry " + std::to_string(i));
  }
};

TEST_F(FullAuditLog, StaysWithinItsBoundAndIsOneChainOverItsFiles) {
  uintmax_t bytes = 0;
  for (const std::string& file : FullFiles()) bytes += std::filesystem::file_size(file);
  EXPECT_LE(bytes, most_bytes_ + 1000);
  for (int restart = 0; restart < 2; ++restart) {
    const v1::VerifyAuditResponse verified = *log_->Verify("");
    EXPECT_TRUE(verified.intact()) << verified.problems(0);
    EXPECT_GT(verified.entries(), 50u);
    EXPECT_LT(verified.entries(), 1u * kEntries);
    EXPECT_TRUE(verified.head().starts_with("200:"));
    Reopen();
  }
  Append("DisarmFault");
  EXPECT_EQ(Problem(), "");
}

TEST_F(FullAuditLog, IsListedOverItsFiles) {
  uint64_t expected = kEntries;
  for (uint64_t before = 0; expected > kEntries - 50;) {
    const auto page = *log_->List(before, 7);
    ASSERT_EQ(page.size(), 7u);
    for (const v1::AuditEntry& entry : page) ASSERT_EQ(entry.sequence(), expected--);
    before = page.back().sequence();
  }
}

TEST_F(FullAuditLog, NoticesWhatHappensToFilesThatAreFull) {
  const std::string middle = FullFiles()[5];
  const std::string kept = middle + ".kept";
  std::filesystem::copy_file(middle, kept);
  std::filesystem::remove(middle);
  EXPECT_NE(Problem().find("removed"), std::string::npos) << Problem();
  std::filesystem::copy_file(kept, middle);
  EXPECT_EQ(Problem(), "");
  std::fstream(middle, std::ios::in | std::ios::out).seekp(40) << "x";
  EXPECT_NE(Problem(), "");
}

TEST_F(FullAuditLog, SaysThatANotedHeadIsOlderThanWhatItKeeps) {
  EXPECT_NE(Problem("1:" + std::string(64, 'a')).find("older than what the log keeps"),
            std::string::npos);
}

TEST_F(AuditLogTest, ListsACallWithItsResultOnce) {
  v1::AuditEntry entry;
  entry.set_call("Resume");
  entry.set_result("BEGUN");
  uint64_t begun = 0;
  ASSERT_TRUE(log_->Append(entry, &begun).ok());
  EXPECT_EQ(log_->List(0, 10)->size(), 1u);
  Append("Halt");
  entry.set_result("OK");
  entry.set_begun(begun);
  ASSERT_TRUE(log_->Append(entry).ok());
  const auto entries = *log_->List(0, 10);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].result(), "OK");
  EXPECT_EQ(entries[1].call(), "Halt");
  // Nor is the announcement on a later page.
  EXPECT_EQ(log_->List(entries[1].sequence(), 10)->size(), 0u);
  EXPECT_EQ(Problem(), "");
}

}  // namespace
}  // namespace murphy::journal
