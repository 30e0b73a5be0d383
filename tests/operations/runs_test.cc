// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/operations/judgement.h"
#include "daemon/operations/records.h"
#include "tests/operations/living_world.h"

namespace murphy::operations {
namespace {

class RunOperations : public LivingWorld {};

TEST_F(RunOperations, GiveEachRunUrlsOfItsOwn) {
  v1::StartRunRequest request;
  (*request.mutable_routes())["payments"] = "http://127.0.0.1:9000/api";
  (*request.mutable_routes())["openai"] = "http://127.0.0.1:9001";
  v1::StartRunResponse response;
  ASSERT_TRUE(operations_->StartRun(request, &response).ok());
  const std::string prefix = "http://127.0.0.1:7460/r/" + response.run().id();
  EXPECT_EQ(response.route_urls().at("payments"), prefix + "/payments");
  EXPECT_EQ(response.route_urls().at("anthropic"), prefix + "/anthropic");
  const runs::RouteTable& routes = runs_->Find(response.run().id()).run->spec().routes;
  EXPECT_EQ(routes.at("openai")->port, 9001);
  EXPECT_EQ(routes.at("openai")->provider, "openai");
  EXPECT_EQ(runs_->routes().at("openai")->port, 443);
}

TEST_F(RunOperations, RefuseRoutesToMetadataAddresses) {
  v1::StartRunRequest request;
  (*request.mutable_routes())["aws"] = "http://169.254.169.254/latest";
  v1::StartRunResponse response;
  EXPECT_EQ(operations_->StartRun(request, &response).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(runs_->Live().size(), 1u);
}

TEST_F(RunOperations, RefuseLeasesOutsideTheirBounds) {
  for (const int seconds : {0, -1, 61}) {
    v1::StartRunRequest request;
    request.mutable_lease()->set_seconds(seconds);
    v1::StartRunResponse response;
    EXPECT_EQ(operations_->StartRun(request, &response).code(), absl::StatusCode::kInvalidArgument)
        << seconds;
  }
}

TEST_F(RunOperations, StartOneRunForOneRequestId) {
  v1::StartRunRequest request;
  request.set_request_id("once");
  v1::StartRunResponse first, second;
  ASSERT_TRUE(operations_->StartRun(request, &first).ok());
  ASSERT_TRUE(operations_->StartRun(request, &second).ok());
  EXPECT_EQ(first.run().id(), second.run().id());
  EXPECT_EQ(runs_->Live().size(), 2u);
}

TEST_F(RunOperations, JudgeFromWhatTheJournalHolds) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  EXPECT_EQ(Exchange(run), 1);
  EXPECT_EQ(Exchange(run), 1);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_EQ(finished.run().state(), v1::RUN_STATE_FINISHED);
  EXPECT_EQ(finished.run().outcome().exchanges(), 2u);
  EXPECT_EQ(finished.run().outcome().delivered(), 2u);
  EXPECT_EQ(finished.run().outcome().integrity(), "");
  EXPECT_EQ(finished.run().disarm_reason(), "");
  EXPECT_EQ(finished.run().outcome().expects_size(), 1);
  ASSERT_EQ(finished.injections_size(), 2);
  EXPECT_EQ(journal_->FindRun(run)->value().SerializeAsString(),
            finished.run().SerializeAsString());
}

constexpr char kThirdOfAll[] = R"(schema = "murphy.scenario/v1"
name = "third"
[[rule]]
id = "third"
count_per = "experiment"
when = { nth = 3 }
status = { code = 503 }
)";

TEST_F(RunOperations, CountOverTheExperimentWhereARuleSaysSo) {
  const std::string experiment = CreateExperiment(kThirdOfAll);
  const std::string first = StartRun(experiment).run().id();
  EXPECT_EQ(Exchange(first, "/1") + Exchange(first, "/2"), 0);
  EXPECT_EQ(FinishRun(first).run().counts(0).numbers(0), 2u);
  // What the journal knows outlives the daemon.
  Open({});
  const v1::StartRunResponse second = StartRun(experiment);
  EXPECT_EQ(second.run().counts_before(0).numbers(0), 2u);
  EXPECT_EQ(Exchange(second.run().id()), 1);
  FinishRun(second.run().id());
  EXPECT_EQ(StartRun(experiment).run().counts_before(0).numbers(0), 3u);
  EXPECT_EQ(StartRun(CreateExperiment(kThirdOfAll)).run().counts_before_size(), 0)
      << "another experiment counts anew";
}

TEST_F(RunOperations, ThatCountOverTheExperimentComeOneAfterAnotherInEachArm) {
  const std::string experiment = CreateExperiment(kThirdOfAll);
  const std::string first = StartRun(experiment).run().id();
  v1::StartRunRequest request;
  request.set_experiment(experiment);
  v1::StartRunResponse response;
  const absl::Status second = operations_->StartRun(request, &response);
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(second.message().find("finish run `" + first + "` first"), std::string::npos) << second;
  request.set_arm(v1::ARM_SHADOW);
  EXPECT_TRUE(operations_->StartRun(request, &response).ok());
  FinishRun(first);
  StartRun(experiment);
}

TEST_F(RunOperations, RepeatTheOutcomeOfARunThatHasEnded) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  const v1::FinishRunResponse first = FinishRun(run);
  const v1::FinishRunResponse second = FinishRun(run);
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
}

TEST_F(RunOperations, DoNotKnowRunsThatWereNeverStarted) {
  v1::FinishRunRequest request;
  request.set_run("nothing");
  v1::FinishRunResponse response;
  EXPECT_EQ(operations_->FinishRun(request, &response).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(operations_->OpenLease("nothing").code(), absl::StatusCode::kNotFound);
  v1::GetRunRequest get;
  get.set_id("nothing");
  v1::GetRunResponse got;
  EXPECT_EQ(operations_->GetRun(get, &got).code(), absl::StatusCode::kNotFound);
}

TEST_F(RunOperations, ObserveRunsWithoutAnExperiment) {
  const std::string run = StartRun("").run().id();
  EXPECT_EQ(Exchange(run), 0);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_EQ(finished.run().outcome().exchanges(), 1u);
  EXPECT_NE(finished.run().outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
}

TEST_F(RunOperations, DisarmAtOnceWhenTheLeaseIsClosed) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  ASSERT_TRUE(operations_->OpenLease(run).ok());
  EXPECT_FALSE(operations_->idle());
  EXPECT_EQ(Exchange(run), 1);
  operations_->CloseLease(run);
  EXPECT_TRUE(operations_->idle());
  EXPECT_EQ(Exchange(run), 0);
  EXPECT_EQ(operations_->OpenLease(run).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Exchange(run), 0);

  ASSERT_TRUE(journal_->Flush().ok());
  EXPECT_EQ(journal_->FindRun(run)->value().state(), v1::RUN_STATE_DISARMED);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_EQ(finished.run().outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_NE(finished.run().outcome().integrity().find("lease"), std::string::npos);
}

TEST_F(RunOperations, CloseLeasesOfEndedRunsWithoutAWord) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  ASSERT_TRUE(operations_->OpenLease(run).ok());
  FinishRun(run);
  operations_->RenewLease(run);
  operations_->CloseLease(run);
  EXPECT_EQ(operations_->OpenLease(run).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(operations_->idle());
}

TEST_F(RunOperations, NameTheGuardThatEndedTheFaults) {
  const std::string run =
      StartRun(CreateExperiment(std::string(kScenario) + "[guard]\nmax_injections = 1\n"))
          .run()
          .id();
  EXPECT_EQ(Exchange(run), 1);
  EXPECT_EQ(Exchange(run), 0);
  v1::ListRunsRequest list;
  v1::ListRunsResponse listed;
  ASSERT_TRUE(operations_->ListRuns(list, &listed).ok());
  EXPECT_EQ(listed.runs(0).state(), v1::RUN_STATE_DISARMED);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_NE(finished.run().outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_NE(finished.run().disarm_reason().find("max_injections"), std::string::npos);
}

TEST_F(RunOperations, PassOnWhatTheTestReports) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  v1::ReportOutcomeRequest request;
  request.set_run(run);
  request.mutable_report()->set_task(v1::TASK_STATE_WRONG);
  v1::ReportOutcomeResponse response;
  ASSERT_TRUE(operations_->ReportOutcome(request, &response).ok());
  EXPECT_EQ(FinishRun(run).run().outcome().report().task(), v1::TASK_STATE_WRONG);
  EXPECT_EQ(operations_->ReportOutcome(request, &response).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(RunOperations, InvalidateARunWhoseRecordHasAGap) {
  for (const uint64_t sequence : {1, 3}) {
    v1::Event event;
    event.mutable_exchange()->set_run("gap");
    event.mutable_exchange()->set_sequence(sequence);
    ASSERT_TRUE(journal_->Append(event));
  }
  v1::Run run;
  run.set_id("gap");
  const Judged judged = Judge(*journal_, run, {}, {.exit_code = 0});
  EXPECT_EQ(judged.run.outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_NE(judged.run.outcome().integrity().find("Exchange 2"), std::string::npos);
}

TEST_F(RunOperations, EndWhatWasActiveBeforeARestart) {
  const std::string active = StartRun(CreateExperiment()).run().id();
  const std::string finished = StartRun("").run().id();
  FinishRun(finished);
  const auto ended = EndOrphans(*journal_, "The daemon was restarted.");
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ended->size(), 2u);
  const auto orphan = journal_->FindRun(active);
  EXPECT_EQ((*orphan)->state(), v1::RUN_STATE_FINISHED);
  EXPECT_EQ((*orphan)->outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_EQ((*orphan)->outcome().reason(), "The daemon was restarted.");
  EXPECT_NE((*journal_->FindRun(finished))->outcome().reason(), "The daemon was restarted.");
}

TEST_F(RunOperations, PageThroughExchanges) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  for (int i = 0; i < 5; ++i) Exchange(run);
  ASSERT_TRUE(journal_->Flush().ok());
  v1::ListExchangesRequest request;
  request.set_run(run);
  request.set_page_size(3);
  v1::ListExchangesResponse response;
  ASSERT_TRUE(operations_->ListExchanges(request, &response).ok());
  EXPECT_EQ(response.exchanges_size(), 3);
  request.set_page_token(response.next_page_token());
  response.Clear();
  ASSERT_TRUE(operations_->ListExchanges(request, &response).ok());
  EXPECT_EQ(response.exchanges_size(), 2);
  EXPECT_EQ(response.next_page_token(), "");
  request.set_page_token("99999999999999999999999");
  EXPECT_EQ(operations_->ListExchanges(request, &response).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace murphy::operations
