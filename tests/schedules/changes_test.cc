// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "tests/schedules/scheduled_world.h"

namespace murphy::schedules {
namespace {

using ScheduleChangesTest = ScheduledWorld;

TEST_F(ScheduleChangesTest, AnUpdateKeepsHistoryPauseAndSeed) {
  Create(Text("overlap = \"replace\"\n"));
  TickAt("2026-06-01T01:00:00Z");
  v1::PauseScheduleRequest pause;
  pause.set_name("hourly");
  pause.set_reason("release");
  v1::PauseScheduleResponse paused;
  ASSERT_TRUE(books_->schedules.Pause(pause, &paused).ok());
  const absl::Status updated = Update(Text("time_zone = \"Europe/Berlin\"\n"));
  ASSERT_TRUE(updated.ok()) << updated;
  EXPECT_FALSE(updated_.created());
  for (const bool restarted : {false, true}) {
    if (restarted) Restart();
    const v1::ScheduleStatus status = Status();
    EXPECT_EQ(status.schedule().time_zone(), "Europe/Berlin");
    EXPECT_FALSE(status.schedule().has_overlap());
    EXPECT_EQ(status.seed(), created_.status().seed());
    EXPECT_EQ(status.starts(), 1u);
    EXPECT_EQ(status.pause_reason(), "release");
    EXPECT_EQ(status.create_time().seconds(), created_.status().create_time().seconds());
    EXPECT_EQ(Starts().size(), 1u);
  }
}

TEST_F(ScheduleChangesTest, ADaemonThatHasOneToStartIsNotIdle) {
  EXPECT_TRUE(books_->idle());
  Create(Text());
  EXPECT_FALSE(books_->idle()) << "it would miss its starts";
  v1::PauseScheduleRequest pause;
  pause.set_name("hourly");
  v1::PauseScheduleResponse paused;
  ASSERT_TRUE(books_->schedules.Pause(pause, &paused).ok());
  EXPECT_TRUE(books_->idle());
}

TEST_F(ScheduleChangesTest, AnUpdateOfNothingIsAMistakeUnlessItMayBeMissing) {
  EXPECT_EQ(Update(Text()).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Update(Text(), /*allow_missing=*/true).ok());
  EXPECT_TRUE(updated_.created());
  ASSERT_TRUE(Update(Text(), /*allow_missing=*/true).ok());
  EXPECT_FALSE(updated_.created());
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(States(), Strings({"STARTED"}));
}

TEST_F(ScheduleChangesTest, AMistakeInAnUpdateChangesNothing) {
  Create(Text());
  const std::string before = Status().SerializeAsString();
  std::string wrong = Text();
  wrong.replace(wrong.find("0 * * * *"), 9, "0 25 * * *");
  EXPECT_NE(Violations(Update(wrong)).find("s.toml:3:"), std::string::npos);
  EXPECT_FALSE(Update(Text("scenario = \"a.toml\"\ncron2 = \"\"\n")).ok());
  EXPECT_FALSE(Update(Text("scenario = \"a.toml\"\n"), false, "schema = \"no\"\n").ok());
  EXPECT_FALSE(Update(Text("run = \"nobody\"\n")).ok());
  EXPECT_EQ(Status().SerializeAsString(), before);
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(States(), Strings({"STARTED"}));
}

TEST_F(ScheduleChangesTest, WhatIsRunningGoesOnAndTheNextStartIsAnother) {
  Create(Text());
  TickAt("2026-06-01T01:00:00Z");
  std::string other = Text("overlap = \"replace\"\n");
  other.replace(other.find("status,code=503"), 15, "latency,fixed=1ms,first=1");
  ASSERT_TRUE(Update(other).ok());
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(Exchange("default"), 1);
  TickAt("2026-06-01T02:00:00Z");
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(Exchange("default"), 0);
}

TEST_F(ScheduleChangesTest, NothingIsPlannedBeforeTheChange) {
  Create(Text());
  now_ = At("2026-06-01T01:30:00Z");
  std::string other = Text();
  other.replace(other.find("0 * * * *"), 9, "10 * * * *");
  ASSERT_TRUE(Update(other).ok());
  EXPECT_EQ(States(), Strings({"MISSED"}));  // 01:00, by the old one
  TickAt("2026-06-01T02:00:00Z");
  EXPECT_EQ(States(), Strings({"MISSED"}));
  TickAt("2026-06-01T02:10:00Z");
  EXPECT_EQ(States(), Strings({"MISSED", "STARTED"}));
}

TEST_F(ScheduleChangesTest, ADelayThatWasNotOverIsOnRecord) {
  Create(Text("jitter = \"50m\"\nseed = 3\n"));
  const absl::Time due = absl::FromUnixSeconds(Status().next_starts(0).seconds());
  ASSERT_GT(due, At("2026-06-01T01:00:01Z"));
  now_ = At("2026-06-01T01:00:01Z");
  std::string other = Text("jitter = \"50m\"\nseed = 3\n");
  // By the same planned times, it goes on waiting.
  ASSERT_TRUE(Update(other + "reason = \"why\"\n").ok());
  EXPECT_EQ(States(), Strings());
  EXPECT_EQ(absl::FromUnixSeconds(Status().next_starts(0).seconds()), due);
  other.replace(other.find("0 * * * *"), 9, "0 */2 * * *");
  ASSERT_TRUE(Update(other).ok());
  ASSERT_EQ(States(), Strings({"MISSED"}));
  EXPECT_NE(Starts()[0].reason().find("was changed"), std::string::npos);
}

TEST_F(ScheduleChangesTest, ApprovalIsNotHandedOn) {
  Create(Text());
  const std::string guarded =
      "schema = \"murphy.scenario/v1\"\nname = \"a\"\n[guard]\nrequire_approval = true\n"
      "[[rule]]\nstatus = { code = 503 }\n";
  EXPECT_EQ(Update(Text("scenario = \"a.toml\"\n"), false, guarded).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_FALSE(Status().schedule().has_scenario());
}

TEST_F(ScheduleChangesTest, StartsAndEndsAreInTheAuditLog) {
  Create(Text("overlap = \"replace\"\n"));
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(Audit(), Strings({"schedule hourly StartScheduledExperiment OK"}));
  v1::ListAuditEntriesResponse listed;
  ASSERT_TRUE(books_->audit.List({}, &listed).ok());
  const std::string& request = listed.entries(0).request();
  for (const std::string& part : {Starts()[0].experiment(), Starts()[0].run(),
                                  std::string("\"planned_time\":\"2026-06-01T01:00:00Z\"")})
    EXPECT_NE(request.find(part), std::string::npos) << part << " in " << request;
  TickAt("2026-06-01T02:00:00Z");
  Restart();
  EXPECT_EQ(Audit(), Strings({"schedule hourly StartScheduledExperiment OK",
                              "schedule hourly StartScheduledExperiment OK",
                              "schedule hourly EndScheduledExperiment OK",
                              "schedule hourly EndScheduledExperiment OK"}));
}

TEST_F(ScheduleChangesTest, WhatGoesOnBeingRefusedIsInTheAuditLogOnce) {
  Create(Text());
  experiments::Policy policy;
  policy.environment = "production";
  Restart(policy);
  TickAt("2026-06-01T01:00:00Z");
  TickAt("2026-06-01T02:00:00Z");
  EXPECT_EQ(States(), Strings({"REFUSED +1"}));
  const Strings audit = Audit();
  ASSERT_EQ(audit.size(), 1u);
  EXPECT_EQ(audit[0].find("schedule hourly StartScheduledExperiment FAILED_PRECONDITION: "), 0u);
}

TEST_F(ScheduleChangesTest, WhatWaitsDoesNotStartWhilePaused) {
  Create(
      "schema = \"murphy.schedule/v1\"\nname = \"hourly\"\ncron = \"0 * * * *\"\n"
      "scenario = \"a.toml\"\noverlap = \"queue\"\n",
      kOnePhase);
  TickAt("2026-06-01T01:00:00Z");
  TickAt("2026-06-01T02:00:00Z");
  v1::PauseScheduleRequest pause;
  pause.set_name("hourly");
  v1::PauseScheduleResponse paused;
  ASSERT_TRUE(books_->schedules.Pause(pause, &paused).ok());
  Exchange("default");
  Exchange("default");
  TickAt("2026-06-01T02:10:00Z");
  EXPECT_EQ(States(), Strings({"FINISHED", "SKIPPED_PAUSED"}));
  EXPECT_EQ(Exchange("default"), 0);
}

TEST_F(ScheduleChangesTest, AClockThatWasSetBackIsFollowedAfterARestart) {
  std::string daily = Text();
  daily.replace(daily.find("0 * * * *"), 9, "0 12 * * *");
  Create(daily);
  TickAt("2026-07-01T00:00:00Z");
  const size_t before = States().size();
  TickAt("2026-06-01T00:00:00Z");
  now_ = At("2026-06-01T13:00:00Z");
  Restart();
  books_->schedules.Tick();
  ASSERT_EQ(States().size(), before + 1);
  EXPECT_EQ(Starts().back().planned_time().seconds(),
            absl::ToUnixSeconds(At("2026-06-01T12:00:00Z")));
}

TEST_F(ScheduleChangesTest, OneThatCannotBeReadAnyMoreIsPausedAndCanBeMended) {
  Create(Text());
  v1::ScheduleStatus status = Status();
  status.mutable_schedule()->set_time_zone("Mars/Base");
  ASSERT_TRUE(journal_->PutSchedule(status, {}).ok());
  Restart();
  TickAt("2026-06-01T01:00:00Z");
  EXPECT_EQ(States(), Strings());
  EXPECT_NE(Status().pause_reason().find("Mars/Base"), std::string::npos);
  v1::ResumeScheduleRequest resume;
  resume.set_name("hourly");
  v1::ResumeScheduleResponse resumed;
  EXPECT_EQ(books_->schedules.Resume(resume, &resumed).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(RunNow().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Update(Text()).ok());
  ASSERT_TRUE(books_->schedules.Resume(resume, &resumed).ok());
  TickAt("2026-06-01T02:00:00Z");
  EXPECT_EQ(States(), Strings({"SKIPPED_PAUSED", "STARTED"}));
}

TEST_F(ScheduleChangesTest, AnOverviewSaysWhatRunsAndWhatIsNext) {
  Create(Text());
  std::string other = Text();
  other.replace(other.find("hourly"), 6, "second");
  other.replace(other.find("0 * * * *"), 9, "10 * * * *");
  Create(other);
  v1::PauseScheduleRequest pause;
  pause.set_name("second");
  v1::PauseScheduleResponse paused;
  TickAt("2026-06-01T01:00:00Z");
  v1::ScheduleOverview overview = books_->schedules.Overview();
  EXPECT_EQ(overview.count(), 2u);
  EXPECT_EQ(overview.next(), "second");
  EXPECT_EQ(overview.next_start().seconds(), absl::ToUnixSeconds(At("2026-06-01T01:10:00Z")));
  ASSERT_EQ(overview.running_size(), 1);
  EXPECT_EQ(overview.running(0).run(), Starts()[0].run());
  EXPECT_EQ(overview.running(0).watches(), "default");
  ASSERT_TRUE(books_->schedules.Pause(pause, &paused).ok());
  overview = books_->schedules.Overview();
  EXPECT_EQ(overview.paused(), 1u);
  EXPECT_EQ(overview.next(), "hourly");
}

// A subscriber keeps the journal's writer, and with it every judgement, from getting on.
class Dam {
 public:
  Dam(journal::Journal& journal, std::string run)
      : journal_(journal), subscription_(journal.Subscribe([this, run](const auto& events) {
          for (const v1::Event& event : events) {
            if (event.exchange().run() == run) Wait();
          }
        })) {}
  ~Dam() {
    Open();
    journal_.Unsubscribe(subscription_);
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  journal::Journal& journal_;
  const uint64_t subscription_;
};

// With the daemon's own threads, and a clock that any thread may set.
class RunningSchedulesTest : public ScheduledWorld {
 protected:
  RunningSchedulesTest() { Set("2026-06-01T00:30:00Z"); }

  void Set(const char* time) { clock_ = absl::ToUnixSeconds(At(time)); }
  void Begin(const std::string& text, const std::string& scenario = "") {
    v1::CreateScheduleRequest request;
    request.mutable_source()->set_text(text);
    request.mutable_source()->mutable_scenario()->set_text(scenario);
    const absl::Status status = schedules_.Create(request, &created_);
    ASSERT_TRUE(status.ok()) << status;
    schedules_.Begin();
  }
  // True once the states are these: a wait without an upper bound would hang instead of failing.
  bool Await(const Strings& states) {
    for (int i = 0; i < 2000; ++i) {
      if (States() == states) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  Strings States() {
    v1::ListScheduleStartsRequest request;
    request.set_name("hourly");
    starts_.Clear();
    EXPECT_TRUE(schedules_.ListStarts(request, &starts_).ok());
    Strings states;
    for (auto start = starts_.starts().rbegin(); start != starts_.starts().rend(); ++start)
      states.push_back(v1::ScheduleStartState_Name(start->state()).substr(21));
    return states;
  }

  std::atomic<int64_t> clock_;
  experiments::Experiments experiments_{*world_};
  Schedules schedules_{*world_, experiments_, [this] { return absl::FromUnixSeconds(clock_); }};
  v1::ListScheduleStartsResponse starts_;
};

TEST_F(RunningSchedulesTest, AStepOfTheClockIsNoticedWhereverItLeads) {
  Begin(Text());
  Set("2026-06-01T01:00:00Z");
  ASSERT_TRUE(Await({"STARTED"}));
  Set("2026-06-01T00:50:00Z");
  Set("2026-06-01T03:00:10Z");
  EXPECT_TRUE(Await({"STARTED", "MISSED", "SKIPPED_OVERLAP"}));
  Set("2026-05-30T13:00:00Z");
  EXPECT_TRUE(Await({"STARTED", "MISSED", "SKIPPED_OVERLAP", "SKIPPED_OVERLAP"}));
}

TEST_F(RunningSchedulesTest, NobodyWaitsForAJudgement) {
  Begin(
      "schema = \"murphy.schedule/v1\"\nname = \"hourly\"\ncron = \"0 * * * *\"\n"
      "scenario = \"a.toml\"\n",
      kOnePhase);
  Set("2026-06-01T01:00:00Z");
  ASSERT_TRUE(Await({"STARTED"}));
  Dam dam(*journal_, starts_.starts(0).run());
  while (!schedules_.Overview().running_size()) {
  }
  Exchange("default");
  Exchange("default");
  auto stopped = std::async(std::launch::async, [this] {
    while (schedules_.Overview().running_size() > 0) {
    }
    v1::ListSchedulesResponse listed;
    return schedules_.List({}, &listed).ok() && schedules_.running();
  });
  const bool answered = stopped.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  EXPECT_TRUE(answered);
  EXPECT_EQ(States(), Strings({"STARTED"}));
  dam.Open();
  EXPECT_TRUE(stopped.get());
  EXPECT_TRUE(Await({"FINISHED"}));
}

}  // namespace
}  // namespace murphy::schedules
