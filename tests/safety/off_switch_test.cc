// SPDX-License-Identifier: Apache-2.0
#include "daemon/safety/off_switch.h"

#include <gtest/gtest.h>

#include "tests/support/living_world.h"

namespace murphy::safety {
namespace {

class OffSwitches : public test::LivingWorld {
 protected:
  void Halt() {
    v1::HaltRequest request;
    request.set_reason("on call");
    v1::HaltResponse response;
    ASSERT_TRUE(books_->off_switch.Halt(request, &response).ok());
    EXPECT_TRUE(response.state().halted());
  }
};

TEST_F(OffSwitches, HaltEverythingAndOutliveARestart) {
  const std::string experiment = CreateExperiment();
  const std::string run = StartRun(experiment).run().id();
  EXPECT_EQ(Exchange(run), 1);
  Halt();
  EXPECT_EQ(Exchange(run), 0);
  Open({});
  ASSERT_TRUE(books_->off_switch.Restore().ok());
  v1::GetStatusResponse status;
  ASSERT_TRUE(books_->status.Get({}, &status).ok());
  EXPECT_TRUE(status.halt().halted());
  EXPECT_EQ(status.halt().reason(), "on call");
  EXPECT_EQ(Exchange(StartRun(experiment).run().id()), 0);
}

TEST_F(OffSwitches, ResumeOnlyWithAReason) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Halt();
  v1::ResumeRequest request;
  v1::ResumeResponse response;
  EXPECT_EQ(books_->off_switch.Resume(request, &response).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Exchange(run), 0);
  request.set_reason("all clear");
  ASSERT_TRUE(books_->off_switch.Resume(request, &response).ok());
  EXPECT_FALSE(response.state().halted());
  EXPECT_EQ(Exchange(run), 1);
}

TEST_F(OffSwitches, InvalidateRunsThatWereHalted) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  Halt();
  v1::ResumeRequest request;
  request.set_reason("all clear");
  v1::ResumeResponse response;
  ASSERT_TRUE(books_->off_switch.Resume(request, &response).ok());
  Exchange(run);
  const v1::Outcome outcome = FinishRun(run).run().outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_NE(outcome.integrity().find("halted"), std::string::npos);
}

TEST_F(OffSwitches, CountEachDeliveredInjectionOnce) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  Exchange(run, "/other");
  FinishRun(run);
  v1::GetStatusResponse status;
  ASSERT_TRUE(books_->status.Get({}, &status).ok());
  EXPECT_EQ(status.injections(), 2u);
  EXPECT_EQ(status.connections(), 3u);
  EXPECT_EQ(status.exchanges(), 7u);
  EXPECT_EQ(status.active_runs(), 0u);
}

}  // namespace
}  // namespace murphy::safety
