// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "daemon/journal/journal.h"
#include "google/protobuf/util/time_util.h"

namespace murphy::journal {

// A directory of its own for each test.
class TemporaryJournal : public testing::Test {
 protected:
  TemporaryJournal() {
    std::string pattern = testing::TempDir() + "murphy-journal-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    path_ = directory_ + "/journal.db";
  }
  ~TemporaryJournal() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Journal> OpenJournal(Options options = {}) const {
    auto journal = Journal::Open(path_, options);
    EXPECT_TRUE(journal.ok()) << journal.status();
    return *std::move(journal);
  }

  std::string directory_;
  std::string path_;
};

// A second that no retention reaches; tests count from it.
inline constexpr int64_t kRecent = 4'000'000'000;

inline v1::Event RunEvent(const std::string& id, v1::RunState state, int64_t begin,
                          const std::string& experiment = "") {
  using google::protobuf::util::TimeUtil;
  v1::Event event;
  event.mutable_run()->set_id(id);
  event.mutable_run()->set_experiment(experiment);
  event.mutable_run()->set_state(state);
  *event.mutable_run()->mutable_begin_time() = TimeUtil::SecondsToTimestamp(begin);
  if (state == v1::RUN_STATE_FINISHED) {
    *event.mutable_run()->mutable_end_time() = TimeUtil::SecondsToTimestamp(begin + 1);
  }
  return event;
}

inline v1::Event ExchangeEvent(const std::string& run, uint64_t sequence) {
  v1::Event event;
  event.mutable_exchange()->set_run(run);
  event.mutable_exchange()->set_sequence(sequence);
  event.mutable_exchange()->set_path("/v1/chat/completions");
  return event;
}

inline v1::Event InjectionEvent(const std::string& run, uint64_t id, v1::InjectionState state) {
  v1::Event event;
  event.mutable_injection()->set_run(run);
  event.mutable_injection()->set_id(id);
  event.mutable_injection()->set_state(state);
  return event;
}

}  // namespace murphy::journal
