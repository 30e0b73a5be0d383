// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <thread>

#include "daemon/experiments/judgement.h"
#include "daemon/experiments/orphans.h"
#include "proto/time.h"
#include "tests/support/living_world.h"

namespace murphy::experiments {
namespace {

class Runs : public test::LivingWorld {};

TEST_F(Runs, GiveEachRunUrlsOfItsOwn) {
  v1::StartRunRequest request;
  (*request.mutable_routes())["payments"] = "http://127.0.0.1:9000/api";
  (*request.mutable_routes())["openai"] = "http://127.0.0.1:9001";
  v1::StartRunResponse response;
  ASSERT_TRUE(books_->runs.Start(request, &response).ok());
  const std::string prefix = "http://127.0.0.1:7460/r/" + response.run().id();
  EXPECT_EQ(response.route_urls().at("payments"), prefix + "/payments");
  EXPECT_EQ(response.route_urls().at("anthropic"), prefix + "/anthropic");
  const runs::RouteTable& routes = runs_->Find(response.run().id()).run->spec().routes;
  EXPECT_EQ(routes.at("openai")->port, 9001);
  EXPECT_EQ(routes.at("openai")->provider, "openai");
  EXPECT_EQ(runs_->routes().at("openai")->port, 443);
}

TEST_F(Runs, RefuseRoutesToMetadataAddresses) {
  v1::StartRunRequest request;
  (*request.mutable_routes())["aws"] = "http://169.254.169.254/latest";
  v1::StartRunResponse response;
  EXPECT_EQ(books_->runs.Start(request, &response).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(runs_->Live().size(), 1u);
}

TEST_F(Runs, RefuseLeasesOutsideTheirBounds) {
  for (const int seconds : {0, -1, 61}) {
    v1::StartRunRequest request;
    request.mutable_lease()->set_seconds(seconds);
    v1::StartRunResponse response;
    EXPECT_EQ(books_->runs.Start(request, &response).code(), absl::StatusCode::kInvalidArgument)
        << seconds;
  }
}

TEST_F(Runs, StartOneRunForOneRequestId) {
  v1::StartRunRequest request;
  request.set_request_id("once");
  v1::StartRunResponse first, second;
  ASSERT_TRUE(books_->runs.Start(request, &first).ok());
  ASSERT_TRUE(books_->runs.Start(request, &second).ok());
  EXPECT_EQ(first.run().id(), second.run().id());
  EXPECT_EQ(runs_->Live().size(), 2u);
}

TEST_F(Runs, JudgeFromWhatTheJournalHolds) {
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

TEST_F(Runs, CountOverTheExperimentWhereARuleSaysSo) {
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

TEST_F(Runs, ThatCountOverTheExperimentComeOneAfterAnotherInEachArm) {
  const std::string experiment = CreateExperiment(kThirdOfAll);
  const std::string first = StartRun(experiment).run().id();
  v1::StartRunRequest request;
  request.set_experiment(experiment);
  v1::StartRunResponse response;
  const absl::Status second = books_->runs.Start(request, &response);
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(second.message().find("finish run `" + first + "` first"), std::string::npos) << second;
  request.set_arm(v1::ARM_SHADOW);
  EXPECT_TRUE(books_->runs.Start(request, &response).ok());
  FinishRun(first);
  StartRun(experiment);
}

TEST_F(Runs, RepeatTheOutcomeOfARunThatHasEnded) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  const v1::FinishRunResponse first = FinishRun(run);
  const v1::FinishRunResponse second = FinishRun(run);
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
}

TEST_F(Runs, DoNotKnowRunsThatWereNeverStarted) {
  v1::FinishRunRequest request;
  request.set_run("nothing");
  v1::FinishRunResponse response;
  EXPECT_EQ(books_->runs.Finish(request, &response).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(books_->runs.OpenLease("nothing").code(), absl::StatusCode::kNotFound);
  v1::GetRunRequest get;
  get.set_id("nothing");
  v1::GetRunResponse got;
  EXPECT_EQ(books_->runs.Get(get, &got).code(), absl::StatusCode::kNotFound);
}

TEST_F(Runs, ObserveRunsWithoutAnExperiment) {
  const std::string run = StartRun("").run().id();
  EXPECT_EQ(Exchange(run), 0);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_EQ(finished.run().outcome().exchanges(), 1u);
  EXPECT_NE(finished.run().outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
}

TEST_F(Runs, DisarmAtOnceWhenTheLeaseIsClosed) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  ASSERT_TRUE(books_->runs.OpenLease(run).ok());
  EXPECT_FALSE(books_->idle());
  EXPECT_EQ(Exchange(run), 1);
  books_->runs.CloseLease(run);
  EXPECT_TRUE(books_->idle());
  EXPECT_EQ(Exchange(run), 0);
  EXPECT_EQ(books_->runs.OpenLease(run).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Exchange(run), 0);
  v1::ArmFaultRequest arm;
  arm.set_fault("status,code=503");
  arm.set_run(run);
  v1::ArmFaultResponse armed;
  EXPECT_EQ(books_->faults.Arm(arm, &armed).code(), absl::StatusCode::kFailedPrecondition);

  ASSERT_TRUE(journal_->Flush().ok());
  EXPECT_EQ(journal_->FindRun(run)->value().state(), v1::RUN_STATE_DISARMED);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_EQ(finished.run().outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_NE(finished.run().outcome().integrity().find("lease"), std::string::npos);
}

TEST_F(Runs, EndWhenTheLossOfTheirLeaseIsOnRecord) {
  const std::string experiment = CreateExperiment();
  for (int i = 0; i < 20; ++i) {
    const std::string run = StartRun(experiment).run().id();
    ASSERT_TRUE(books_->runs.OpenLease(run).ok());
    books_->runs.CloseLease(run);
    FinishRun(run);
    const auto last = audit_->List(0, 1);
    ASSERT_TRUE(last.ok() && last->size() == 1) << last.status();
    EXPECT_EQ(last->front().call(), "DisarmRun");
    EXPECT_NE(last->front().request().find(run), std::string::npos) << last->front().request();
  }
}

TEST_F(Runs, CloseLeasesOfEndedRunsWithoutAWord) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  ASSERT_TRUE(books_->runs.OpenLease(run).ok());
  FinishRun(run);
  books_->runs.RenewLease(run);
  books_->runs.CloseLease(run);
  EXPECT_EQ(books_->runs.OpenLease(run).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(books_->idle());
}

TEST_F(Runs, NameTheGuardThatEndedTheFaults) {
  const std::string run =
      StartRun(CreateExperiment(std::string(kScenario) + "[guard]\nmax_injections = 1\n"))
          .run()
          .id();
  EXPECT_EQ(Exchange(run), 1);
  EXPECT_EQ(Exchange(run), 0);
  v1::ListRunsRequest list;
  v1::ListRunsResponse listed;
  ASSERT_TRUE(books_->runs.List(list, &listed).ok());
  EXPECT_EQ(listed.runs(0).state(), v1::RUN_STATE_DISARMED);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_NE(finished.run().outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_NE(finished.run().disarm_reason().find("max_injections"), std::string::npos);
}

TEST_F(Runs, PassOnWhatTheTestReports) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  v1::ReportOutcomeRequest request;
  request.set_run(run);
  request.mutable_report()->set_task(v1::TASK_STATE_WRONG);
  v1::ReportOutcomeResponse response;
  ASSERT_TRUE(books_->runs.Report(request, &response).ok());
  EXPECT_EQ(FinishRun(run).run().outcome().report().task(), v1::TASK_STATE_WRONG);
  EXPECT_EQ(books_->runs.Report(request, &response).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(Runs, AreOverForTheirAgentBeforeACheckerLooks) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  ASSERT_TRUE(books_->runs.OpenLease(run).ok());
  EXPECT_EQ(Exchange(run), 1);
  v1::CloseRunRequest close;
  close.set_run(run);
  v1::CloseRunResponse closed;
  ASSERT_TRUE(books_->runs.CloseRun(close, &closed).ok());
  ASSERT_TRUE(books_->runs.CloseRun(close, &closed).ok()) << "once more is nothing";
  EXPECT_EQ(world_->runs.Find(run).run, nullptr) << "what comes now is late";
  v1::ReportOutcomeRequest request;
  request.set_run(run);
  request.mutable_report()->set_task(v1::TASK_STATE_CORRECT);
  v1::ReportOutcomeResponse response;
  ASSERT_TRUE(books_->runs.Report(request, &response).ok());
  books_->runs.CloseLease(run);
  const v1::FinishRunResponse finished = FinishRun(run);
  EXPECT_EQ(finished.run().outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_EQ(finished.run().outcome().integrity(), "") << "no fault was lost";
  EXPECT_EQ(finished.run().disarm_reason(), "");
}

TEST_F(Runs, ThatWereClosedEndWithTheirExperiment) {
  const std::string experiment = CreateExperiment();
  const std::string run = StartRun(experiment).run().id();
  v1::CloseRunRequest close;
  close.set_run(run);
  v1::CloseRunResponse closed;
  ASSERT_TRUE(books_->runs.CloseRun(close, &closed).ok());
  v1::FinishExperimentRequest finish;
  finish.set_id(experiment);
  v1::FinishExperimentResponse finished;
  ASSERT_TRUE(books_->runs.FinishExperiment(finish, &finished).ok());
  EXPECT_EQ(finished.runs(0).state(), v1::RUN_STATE_FINISHED);
}

TEST_F(Runs, OfABaselineHaveNoFaultsAndAreWhatCostIsComparedWith) {
  const std::string experiment = CreateExperiment();
  v1::StartRunRequest request;
  request.set_experiment(experiment);
  request.set_arm(v1::ARM_BASELINE);
  v1::StartRunResponse response;
  ASSERT_TRUE(books_->runs.Start(request, &response).ok());
  EXPECT_EQ(Exchange(response.run().id()), 0);
  EXPECT_EQ(FinishRun(response.run().id()).run().arm(), v1::ARM_BASELINE);
  const std::string treated = StartRun(experiment).run().id();
  Exchange(treated);
  EXPECT_EQ(FinishRun(treated).run().outcome().control().runs(), 1u);
}

TEST_F(Runs, InvalidateARunWhoseRecordHasAGap) {
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

TEST_F(Runs, EndWhatWasActiveBeforeARestart) {
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

// With a clock of leases that the test sets.
class RunsWithAClock : public Runs {
 protected:
  std::string Start(absl::Duration lease) {
    v1::StartRunRequest request;
    request.set_experiment(experiment_);
    *request.mutable_lease() = ToProto(lease);
    v1::StartRunResponse response;
    EXPECT_TRUE(book_.Start(request, &response).ok());
    EXPECT_TRUE(book_.OpenLease(response.run().id()).ok());
    return response.run().id();
  }
  v1::Experiment FindExperiment() { return **journal_->FindExperiment(experiment_); }

  absl::Duration uptime_ = absl::Seconds(1000);
  const std::string experiment_ = CreateExperiment();
  Experiments experiments_{*world_};
  RunBook book_{*world_, experiments_, "http://127.0.0.1:7460", [this] { return uptime_; }};
};

TEST_F(RunsWithAClock, LoseTheirLeaseInTimeWhateverElseIsGoingOn) {
  const std::string abandoned = Start(absl::Seconds(5));
  book_.CloseLease(abandoned);
  // Its end waits for an exchange that is still open.
  const std::shared_ptr<runs::Run> held = runs_->Find(abandoned).run;
  const engine::Begun begun = Begin(*held);
  uptime_ += absl::Seconds(60);
  const std::string other = Start(absl::Seconds(1));
  uptime_ += absl::Seconds(1.5);
  const absl::Time before = absl::Now();
  book_.Tick();
  EXPECT_LT(absl::Now() - before, absl::Milliseconds(200));
  EXPECT_EQ(runs_->Find(other).run->disarm_cause(), v1::DISARM_CAUSE_LEASE);

  v1::Exchange exchange;
  exchange.set_sequence(begun.sequence);
  held->End(std::move(exchange), {});
}

TEST_F(RunsWithAClock, InterruptTheirExperimentWhenTheLastIsAbandoned) {
  const std::string first = Start(absl::Seconds(5)), second = Start(absl::Seconds(5));
  book_.CloseLease(first);
  uptime_ += absl::Seconds(30);
  book_.RenewLease(second);
  book_.CloseLease(second);
  const auto ended = [this](const std::string& run) {
    const auto found = *journal_->FindRun(run);
    return found->state() == v1::RUN_STATE_FINISHED;
  };
  uptime_ += absl::Seconds(31);
  book_.Tick();
  while (!ended(first)) std::this_thread::yield();
  EXPECT_FALSE(FindExperiment().has_end_time());
  uptime_ += absl::Seconds(30);
  book_.Tick();
  while (!FindExperiment().has_end_time()) std::this_thread::yield();
  while (!FindExperiment().has_conclusion()) std::this_thread::yield();
  while (!FindExperiment().interrupted()) std::this_thread::yield();
  EXPECT_EQ(FindExperiment().conclusion().reason(), "interrupted, because its controller was gone");
}

}  // namespace
}  // namespace murphy::experiments
