// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/schedules/scheduled_world.h"

namespace murphy::schedules {
namespace {

using SchedulesTest = ScheduledWorld;

TEST_F(SchedulesTest, ActsOnTheTrafficOfDefaultAndIsJudgedByIt) {
  std::string text =
      "schema = \"murphy.schedule/v1\"\nname = \"hourly\"\ncron = \"0 * * * *\"\n"
      "scenario = \"a.toml\"\n";
  Create(text, kOnePhase);
  EXPECT_EQ(created_.status().seed(), 9u);
  EXPECT_EQ(Exchange("default"), 0);
  TickAt("2026-06-01T00:59:59Z");
  EXPECT_EQ(Exchange("default"), 0);
  TickAt("2026-06-01T01:00:00Z");
  ASSERT_EQ(States(), Strings({"STARTED"}));
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(Exchange("default"), 0);
  TickAt("2026-06-01T01:00:01Z");
  ASSERT_EQ(States(), Strings({"FINISHED"}));
  EXPECT_EQ(Exchange("default"), 0);

  const v1::ScheduleStart start = Starts().front();
  EXPECT_EQ(start.reason(), "its last phase has ended");
  EXPECT_EQ(start.conclusion().verdict(), v1::VERDICT_CLASS_PASS) << start.DebugString();
  EXPECT_EQ(start.conclusion().delivered(), 1u);
  const v1::Run run = FindRun(start.run());
  EXPECT_EQ(run.watches(), "default");
  EXPECT_EQ(run.experiment(), start.experiment());
  EXPECT_EQ(run.state(), v1::RUN_STATE_FINISHED);
  EXPECT_TRUE(run.outcome().unverified());
  EXPECT_EQ(run.outcome().exchanges(), 2u);
  const auto exchanges = *journal_->Exchanges(start.run(), 0, 10);
  ASSERT_EQ(exchanges.size(), 2u);
  EXPECT_EQ(exchanges[0].sequence(), 1u);
  EXPECT_EQ(exchanges[0].targets(0), "charge");
  const auto injections = *journal_->Injections(start.run());
  ASSERT_EQ(injections.size(), 1u);
  EXPECT_EQ(injections[0].exchange(), 1u);
  EXPECT_TRUE(journal_->Injections("default")->empty());
}

TEST_F(SchedulesTest, EndsWhenItsDurationIsOver) {
  Create(Text("duration = \"1ms\"\n"));
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(Exchange("default"), 1);
  while (States() != Strings({"FINISHED"})) books_->schedules.Tick();
  EXPECT_EQ(Exchange("default"), 0);
  EXPECT_EQ(Starts().front().reason(), "its duration is over");
  EXPECT_FALSE(books_->schedules.running());
}

TEST_F(SchedulesTest, AGuardEndsIt) {
  Create(
      "schema = \"murphy.schedule/v1\"\nname = \"hourly\"\ncron = \"0 * * * *\"\n"
      "scenario = \"a.toml\"\n",
      "schema = \"murphy.scenario/v1\"\nname = \"a\"\n[guard]\nmax_injections = 1\n"
      "[[rule]]\nstatus = { code = 503 }\n");
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(Exchange("default"), 0);
  TickAt("2026-06-01T01:00:01Z");
  ASSERT_EQ(States(), Strings({"FINISHED"}));
  EXPECT_EQ(Starts().front().reason().substr(0, 20), "guard.max_injections");
  EXPECT_NE(FindRun(Starts().front().run()).outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
}

TEST_F(SchedulesTest, SkipsWhileOneIsRunning) {
  Create(Text());
  TickAt("2026-06-01T01:00:00Z");
  TickAt("2026-06-01T02:00:00Z");
  TickAt("2026-06-01T03:00:00Z");
  EXPECT_EQ(States(), Strings({"STARTED", "SKIPPED_OVERLAP +1"}));
  EXPECT_NE(Starts()[1].reason().find(Starts()[0].experiment()), std::string::npos);
}

TEST_F(SchedulesTest, AQueuedStartBeginsAfterTheEnd) {
  Create(
      "schema = \"murphy.schedule/v1\"\nname = \"hourly\"\ncron = \"0 * * * *\"\n"
      "scenario = \"a.toml\"\noverlap = \"queue\"\n",
      kOnePhase);
  TickAt("2026-06-01T01:00:00Z");
  TickAt("2026-06-01T02:00:00Z");
  ASSERT_EQ(States(), Strings({"STARTED", "QUEUED"}));
  Exchange("default");
  Exchange("default");
  TickAt("2026-06-01T02:10:00Z");
  EXPECT_EQ(States(), Strings({"FINISHED", "STARTED"}));
  EXPECT_EQ(Exchange("default"), 1);
}

TEST_F(SchedulesTest, AQueuedStartWaitsForTheEnd) {
  Create(Text("overlap = \"queue\"\n"));
  TickAt("2026-06-01T01:00:00Z");
  TickAt("2026-06-01T02:00:00Z");
  TickAt("2026-06-01T03:00:00Z");
  EXPECT_EQ(States(), Strings({"STARTED", "QUEUED", "SKIPPED_OVERLAP"}));
  EXPECT_EQ(RunNow().code(), absl::StatusCode::kFailedPrecondition);
  Restart();
  EXPECT_EQ(States(), Strings({"INTERRUPTED", "MISSED", "SKIPPED_OVERLAP"}));
}

TEST_F(SchedulesTest, ReplacesTheOneThatIsRunning) {
  Create(Text("overlap = \"replace\"\n"));
  TickAt("2026-06-01T01:00:00Z");
  TickAt("2026-06-01T02:00:00Z");
  books_->schedules.Tick();
  EXPECT_EQ(States(), Strings({"INTERRUPTED", "STARTED"}));
  EXPECT_EQ(FindRun(Starts()[0].run()).outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_EQ(Exchange("default"), 1);
}

TEST_F(SchedulesTest, AHaltOutranksIt) {
  Create(Text());
  v1::HaltRequest halt;
  v1::HaltResponse halted;
  ASSERT_TRUE(books_->off_switch.Halt(halt, &halted).ok());
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(States(), Strings({"HALTED"}));
  EXPECT_EQ(Exchange("default"), 0);
  EXPECT_EQ(RunNow().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SchedulesTest, AHaltEndsWhatIsRunningEvenIfItIsShort) {
  Create(Text());
  TickAt("2026-06-01T01:00:00Z");
  v1::HaltRequest halt;
  v1::HaltResponse halted;
  ASSERT_TRUE(books_->off_switch.Halt(halt, &halted).ok());
  v1::ResumeRequest resume;
  resume.set_reason("over");
  v1::ResumeResponse resumed;
  ASSERT_TRUE(books_->off_switch.Resume(resume, &resumed).ok());
  EXPECT_EQ(Exchange("default"), 0);
  TickAt("2026-06-01T01:00:01Z");
  EXPECT_EQ(States(), Strings({"INTERRUPTED"}));
  EXPECT_EQ(FindRun(Starts()[0].run()).outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
}

TEST_F(SchedulesTest, APauseIsOnRecordAndRunNowStartsAnyway) {
  Create(Text());
  v1::PauseScheduleRequest pause;
  pause.set_name("hourly");
  pause.set_reason("release");
  v1::PauseScheduleResponse paused;
  ASSERT_TRUE(books_->schedules.Pause(pause, &paused).ok());
  EXPECT_TRUE(paused.status().next_starts().empty());
  TickAt("2026-06-01T01:00:00Z");
  TickAt("2026-06-01T02:00:00Z");
  EXPECT_EQ(States(), Strings({"SKIPPED_PAUSED +1"}));
  v1::RunScheduleNowResponse started;
  ASSERT_TRUE(RunNow(&started).ok());
  EXPECT_FALSE(started.start().has_planned_time());
  EXPECT_EQ(started.start().reason(), "By hand: to see");
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(RunNow().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SchedulesTest, WhatWasPlannedWhileNoDaemonRanIsMissed) {
  Create(Text());
  TickAt("2026-06-01T00:40:00Z");
  now_ = At("2026-06-01T04:00:10Z");
  Restart();
  books_->schedules.Tick();
  EXPECT_EQ(States(), Strings({"MISSED", "MISSED", "MISSED", "STARTED"}));
  EXPECT_EQ(Exchange("default"), 1);
  // And nothing of it a second time.
  now_ = At("2026-06-01T04:00:20Z");
  Restart();
  books_->schedules.Tick();
  EXPECT_EQ(States(), Strings({"MISSED", "MISSED", "MISSED", "INTERRUPTED"}));
  EXPECT_EQ(Exchange("default"), 0);
  TickAt("2026-06-01T03:30:00Z");
  TickAt("2026-06-01T04:00:00Z");
  EXPECT_EQ(States().size(), 4u);
}

TEST_F(SchedulesTest, AWindowKeepsOutAndEnds) {
  Create(Text("[[window]]\nopens = \"02:00\"\ncloses = \"03:30\"\n"));
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(RunNow().code(), absl::StatusCode::kFailedPrecondition);
  TickAt("2026-06-01T02:00:00Z");
  EXPECT_EQ(States(), Strings({"SKIPPED_WINDOW", "STARTED"}));
  TickAt("2026-06-01T03:30:00Z");
  EXPECT_EQ(States(), Strings({"SKIPPED_WINDOW", "FINISHED", "MISSED"}));
  EXPECT_EQ(Starts()[1].reason(), "its window has closed");
  EXPECT_EQ(Exchange("default"), 0);
}

TEST_F(SchedulesTest, WhatTheDaemonRefusesIsOnRecord) {
  Create(Text());
  experiments::Policy policy;
  policy.environment = "production";
  Restart(policy);
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(States(), Strings({"REFUSED"}));
  EXPECT_NE(Starts()[0].reason().find("production"), std::string::npos);
}

TEST_F(SchedulesTest, GuardsOfTheScenarioAndTheDaemonHoldForStarts) {
  Create(Text());
  experiments::Policy policy;
  policy.ceilings.set_require_approval(true);
  Restart(policy);
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(States(), Strings({"REFUSED"}));
  EXPECT_EQ(Exchange("default"), 0);
  v1::ListExperimentsResponse listed;
  ASSERT_TRUE(books_->experiments.List({}, &listed).ok());
  EXPECT_TRUE(listed.experiments().empty());
  std::string other = Text();
  other.replace(other.find("hourly"), 6, "second");
  EXPECT_EQ(TryCreate(other).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(SchedulesTest, DeletingEndsItsExperiment) {
  Create(Text());
  TickAt("2026-06-01T01:00:00Z");
  const std::string run = Starts()[0].run();
  v1::DeleteScheduleRequest request;
  request.set_name("hourly");
  v1::DeleteScheduleResponse response;
  ASSERT_TRUE(books_->schedules.Delete(request, &response).ok());
  EXPECT_EQ(Exchange("default"), 0);
  EXPECT_EQ(FindRun(run).outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  Restart();
  v1::ListSchedulesResponse listed;
  ASSERT_TRUE(books_->schedules.List({}, &listed).ok());
  EXPECT_TRUE(listed.schedules().empty());
}

TEST_F(SchedulesTest, GuestsOfOneRunKeepTheirNumbersApart) {
  Create(Text());
  std::string other = Text("");
  other.replace(other.find("hourly"), 6, "second");
  other.replace(other.find("status,code=503"), 15, "latency,fixed=1ms,first=2");
  Create(other);
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(Exchange("default"), 2);
  EXPECT_EQ(Exchange("default"), 2);
  EXPECT_EQ(Exchange("default"), 1);
  ASSERT_TRUE(journal_->Flush().ok());
  const auto own = *journal_->Injections(Starts()[0].run());
  ASSERT_EQ(own.size(), 3u);
  for (size_t i = 0; i < own.size(); ++i) {
    EXPECT_EQ(own[i].id(), i + 1);
    EXPECT_EQ(own[i].exchange(), i + 1);
    EXPECT_EQ(own[i].fault(), "status");
  }
}

TEST_F(SchedulesTest, SaysWhereTheMistakesAre) {
  const absl::Status status = TryCreate(
      "schema = \"murphy.schedule/v1\"\nname = \"Hourly\"\ncron = \"0 25 * * *\"\n"
      "time_zone = \"Europe/Berlyn\"\nblackout = [\"2026-02-30\"]\nfaults = [\"status\"]\n"
      "[[window]]\ndays = [\"mon\"]\nopens = \"9:00\"\ncloses = \"25:00\"\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string mistakes = Violations(status);
  for (const char* expected :
       {"s.toml:2:", "lower-case", "s.toml:3:", "at its column 3: the hour is 0 to 23, not 25",
        "s.toml:4:", "no time zone", "s.toml:5:", "expected a date", "s.toml:9:", "s.toml:10:"}) {
    EXPECT_NE(mistakes.find(expected), std::string::npos) << expected << " in\n" << mistakes;
  }
  EXPECT_NE(Violations(TryCreate("schema = \"murphy.schedule/v1\"\nnam = \"a\"\n"))
                .find("did you mean `name`?"),
            std::string::npos);
}

TEST_F(SchedulesTest, OneThatWouldNeverStartIsAMistake) {
  std::string text = Text();
  text.replace(text.find("0 * * * *"), 9, "0 0 30 2 *");
  EXPECT_NE(Violations(TryCreate(text)).find("s.toml:3:"), std::string::npos);
  EXPECT_NE(Violations(TryCreate(Text("[[window]]\nopens = \"01:10\"\ncloses = \"01:50\"\n")))
                .find("no planned time is inside of a window"),
            std::string::npos);
}

TEST_F(SchedulesTest, ASecondOneOfTheSameNameIsAMistake) {
  Create(Text());
  for (const bool validate_only : {true, false}) {
    const std::string mistakes = Violations(TryCreate(Text(), validate_only));
    EXPECT_NE(mistakes.find("s.toml:2:"), std::string::npos) << mistakes;
    EXPECT_NE(mistakes.find("there is a schedule `hourly` already"), std::string::npos);
  }
}

TEST_F(SchedulesTest, ValidatesWithoutKeeping) {
  ASSERT_TRUE(TryCreate(Text(), /*validate_only=*/true).ok());
  EXPECT_EQ(created_.status().next_starts_size(), 3);
  EXPECT_EQ(created_.plan().rules_size(), 1);
  v1::ListSchedulesResponse listed;
  ASSERT_TRUE(books_->schedules.List({}, &listed).ok());
  EXPECT_TRUE(listed.schedules().empty());
}

TEST_F(SchedulesTest, MistakesOfItsScenarioAreMistakes) {
  const absl::Status status =
      TryCreate(Text("scenario = \"a.toml\"\n"), false,
                "schema = \"murphy.scenario/v1\"\nname = \"a\"\n[[rule]]\ntarget = \"no\"\n"
                "status = { code = 503 }\n");
  EXPECT_NE(Violations(status).find("a.toml:4:"), std::string::npos) << Violations(status);
  EXPECT_EQ(TryCreate(Text("scenario = \"a.toml\"\n")).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SchedulesTest, WatchesOnlyARunThatThereIs) {
  EXPECT_NE(Violations(TryCreate(Text("run = \"nobody\"\n"))).find("no active run `nobody`"),
            std::string::npos);
  const v1::StartRunResponse run = StartRun("");
  Create(Text("run = \"" + run.run().id() + "\"\n"));
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(Exchange(run.run().id()), 1);
  EXPECT_EQ(Exchange("default"), 0);
  FinishRun(run.run().id());
  TickAt("2026-06-01T01:00:01Z");
  EXPECT_EQ(States(), Strings({"FINISHED"}));
  TickAt("2026-06-01T02:00:00Z");
  EXPECT_EQ(States(), Strings({"FINISHED", "REFUSED"}));
}

}  // namespace
}  // namespace murphy::schedules
