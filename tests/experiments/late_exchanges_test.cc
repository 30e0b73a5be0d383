// SPDX-License-Identifier: Apache-2.0
// Exchanges that came after the end of their run have no number of their own, and come first.
#include <gtest/gtest.h>

#include <string>

#include "daemon/experiments/judgement.h"
#include "daemon/experiments/replays.h"
#include "tests/support/living_world.h"

namespace murphy::experiments {
namespace {

// More than are read at a time.
constexpr int kLate = 2100;

class LateExchanges : public test::LivingWorld {
 protected:
  void Record(const std::string& run, uint64_t sequence) {
    v1::Event event;
    event.mutable_exchange()->set_run(run);
    event.mutable_exchange()->set_sequence(sequence);
    event.mutable_exchange()->set_late(sequence == 0);
    ASSERT_TRUE(journal_->Append(std::move(event)));
  }
};

TEST_F(LateExchanges, DoNotHideThoseOfTheRunFromItsJudge) {
  for (int i = 0; i < kLate; ++i) Record("many", 0);
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) Record("many", sequence);
  v1::Run run;
  run.set_id("many");
  const v1::Outcome outcome = Judge(*journal_, run, {}, {.exit_code = 0}).run.outcome();
  EXPECT_EQ(outcome.exchanges(), 3u);
  EXPECT_EQ(outcome.integrity(), "");
}

TEST_F(LateExchanges, DoNotKeepARunFromBeingReplayed) {
  const std::string run = StartRun(CreateExperiment(R"(schema = "murphy.scenario/v1"
name = "third"
[[rule]]
when = { nth = 3 }
status = { code = 503 }
)"))
                              .run()
                              .id();
  EXPECT_EQ(Exchange(run), 0);
  FinishRun(run);
  for (int i = 0; i < kLate; ++i) Record(run, 0);
  ASSERT_TRUE(journal_->Flush().ok());
  v1::ReplayRunRequest request;
  request.set_run(run);
  v1::ReplayRunResponse response;
  const absl::Status status = ReplayRun(*journal_, request, &response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.exchanges(), 1u);
  EXPECT_TRUE(response.same()) << response.DebugString();
}

}  // namespace
}  // namespace murphy::experiments
