// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/living_world.h"

namespace murphy::experiments {
namespace {

class ResumedExperiments : public test::LivingWorld {
 protected:
  ResumedExperiments() : id_(CreateExperiment()) {}

  v1::Experiment Finish(bool interrupted) {
    v1::FinishExperimentRequest request;
    request.set_id(id_);
    request.set_interrupted(interrupted);
    v1::FinishExperimentResponse response;
    EXPECT_TRUE(books_->runs.FinishExperiment(request, &response).ok());
    return response.experiment();
  }

  absl::Status Resume(const std::string& request_id, v1::ResumeExperimentResponse* response) {
    v1::ResumeExperimentRequest request;
    request.set_request_id(request_id);
    request.set_id(id_);
    return books_->runs.ResumeExperiment(request, response);
  }

  absl::StatusCode Resume(const std::string& request_id) {
    v1::ResumeExperimentResponse response;
    return Resume(request_id, &response).code();
  }

  v1::GetExperimentResponse Get() {
    v1::GetExperimentRequest request;
    request.set_id(id_);
    v1::GetExperimentResponse response;
    EXPECT_TRUE(books_->experiments.Get(request, &response).ok());
    return response;
  }

  std::string id_;
};

TEST_F(ResumedExperiments, AreThoseThatWereInterrupted) {
  EXPECT_EQ(Resume("a"), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Finish(true).interrupted());
  EXPECT_EQ(Resume("b"), absl::StatusCode::kOk);
  EXPECT_EQ(Resume("c"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Resume("b"), absl::StatusCode::kOk);
  EXPECT_FALSE(Finish(false).interrupted());
  EXPECT_EQ(Resume("d"), absl::StatusCode::kFailedPrecondition);
  id_ = "nothing";
  EXPECT_EQ(Resume("e"), absl::StatusCode::kNotFound);
}

TEST_F(ResumedExperiments, TakeFurtherRunsWithTheSameSeed) {
  const uint64_t seed = StartRun(id_).run().seed();
  Finish(true);
  v1::StartRunRequest start;
  start.set_experiment(id_);
  v1::StartRunResponse refused;
  EXPECT_EQ(books_->runs.Start(start, &refused).code(), absl::StatusCode::kFailedPrecondition);
  v1::ResumeExperimentResponse response;
  ASSERT_TRUE(Resume("a", &response).ok());
  EXPECT_FALSE(response.experiment().interrupted());
  EXPECT_FALSE(response.experiment().has_conclusion());
  EXPECT_EQ(StartRun(id_).run().seed(), seed);
}

TEST_F(ResumedExperiments, CountARunThatWasRepeatedOnce) {
  StartRun(id_);
  const v1::Experiment interrupted = Finish(true);
  EXPECT_EQ(interrupted.conclusion().verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  EXPECT_EQ(interrupted.conclusion().invalid_runs(), 1u);
  ASSERT_EQ(Resume("a"), absl::StatusCode::kOk);
  const std::string again = StartRun(id_).run().id();
  Exchange(again);
  FinishRun(again);
  EXPECT_EQ(Finish(false).conclusion().invalid_runs(), 0u);
}

// A controller that dies before it holds the lease that it spoke of.
TEST_F(ResumedExperiments, AreNotHeldOpenByARunWhoseLeaseWasNeverOpened) {
  v1::StartRunRequest start;
  start.set_experiment(id_);
  start.set_arm(v1::ARM_BASELINE);
  start.mutable_lease()->set_nanos(1'000'000);
  v1::StartRunResponse started;
  ASSERT_TRUE(books_->runs.Start(start, &started).ok());
  absl::StatusCode code = Resume("a");
  while (code == absl::StatusCode::kFailedPrecondition) {
    books_->runs.Tick();
    code = Resume("a");
  }
  EXPECT_EQ(code, absl::StatusCode::kOk);
}

// A controller that dies while it says so.
TEST_F(ResumedExperiments, RepeatARunThatLostItsLeaseBeforeItWasFinished) {
  const std::string run = StartRun(id_).run().id();
  ASSERT_TRUE(books_->runs.OpenLease(run).ok());
  books_->runs.CloseLease(run);
  FinishRun(run);
  EXPECT_TRUE(journal_->FindRun(run)->value().outcome().interrupted());
}

TEST_F(ResumedExperiments, TellWhatTheirRunsComeToMeanwhile) {
  const std::string run = StartRun(id_).run().id();
  EXPECT_EQ(Get().so_far().reason(), "no run has finished");
  Exchange(run);
  FinishRun(run);
  EXPECT_NE(Get().so_far().reason(), "no run has finished");
  Finish(false);
  EXPECT_FALSE(Get().has_so_far());
}

}  // namespace
}  // namespace murphy::experiments
