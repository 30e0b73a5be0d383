// SPDX-License-Identifier: Apache-2.0
#include "tests/schedules/scheduled_world.h"

namespace murphy::schedules {
namespace {

// What riding on the traffic of a run means for that run, and for others.
using GuestsTest = ScheduledWorld;

constexpr char kStops[] = R"(schema = "murphy.scenario/v1"
name = "stops"
[[guard.stop]]
error_rate = 0.5
last = 2
[[rule]]
id = "late"
when = { nth = 5 }
status = { code = 500 }
)";

std::string On(const std::string& run, const std::string& name = "hourly") {
  return "schema = \"murphy.schedule/v1\"\nname = \"" + name +
         "\"\ncron = \"0 * * * *\"\nrun = \"" + run + "\"\n";
}

TEST_F(GuestsTest, TheHostsRecordNamesWhoseFaultsItsAgentGot) {
  const std::string host = StartRun(CreateExperiment(kStops)).run().id();
  Create(On(host) + "faults = [\"status,code=503,nth=2\"]\n");
  TickAt("2026-06-01T01:00:00Z");
  for (int i = 0; i < 5; ++i) Exchange(host);
  ASSERT_TRUE(journal_->Flush().ok());
  const std::string guest = Starts()[0].run();
  const auto of_host = *journal_->Exchanges(host, 0, 10);
  const auto of_guest = *journal_->Exchanges(guest, 0, 10);
  ASSERT_EQ(of_host.size(), 5u);
  ASSERT_EQ(of_guest.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(of_host[i].injected_by_size(), i == 1 ? 1 : 0) << i;
    EXPECT_EQ(of_guest[i].injected_by_size(), i == 4 ? 1 : 0) << i;
  }
  EXPECT_EQ(of_host[1].injected_by(0), guest);
  EXPECT_EQ(of_guest[4].injected_by(0), host);
  const auto injections = *journal_->Injections(guest);
  ASSERT_EQ(injections.size(), 1u);
  EXPECT_TRUE(injections[0].address().ends_with("!request")) << injections[0].address();
  const v1::FinishRunResponse finished = FinishRun(host);
  ASSERT_EQ(finished.run().outcome().labels_size(), 1);
  EXPECT_EQ(finished.run().outcome().labels(0), "injected-by " + guest + ": 1 exchange");
  EXPECT_EQ(finished.run().outcome().delivered(), 1u);
}

TEST_F(GuestsTest, AFaultOfAGuestStopsNothingOfTheHosts) {
  const std::string host = StartRun(CreateExperiment(kStops)).run().id();
  Create(On(host) + "faults = [\"status,code=503\"]\n");
  TickAt("2026-06-01T01:00:00Z");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Exchange(host), 1);
  EXPECT_EQ(runs_->Find(host).run->disarm_reason(), "");
}

TEST_F(GuestsTest, NorDoesAFaultOfTheHostOrOfAnotherGuestStopAGuest) {
  const std::string host = StartRun(CreateExperiment()).run().id();
  Create(On(host) + "scenario = \"a.toml\"\n", kStops);
  Create(On(host, "second") + "faults = [\"status,code=500\"]\n");
  TickAt("2026-06-01T01:00:00Z");
  for (int i = 0; i < 4; ++i) Exchange(host);
  TickAt("2026-06-01T01:00:01Z");
  EXPECT_EQ(States(), Strings({"STARTED"}));
}

TEST_F(GuestsTest, WhatItHoldsIsReleasedWhenItsWindowCloses) {
  Create(Text("[[window]]\nopens = \"01:00\"\ncloses = \"01:30\"\n")
             .replace(Text().find("status,code=503"), 15, "hang"));
  TickAt("2026-06-01T01:00:00Z");
  const std::shared_ptr<runs::Run> run = runs_->Find("default").run;
  const engine::Begun begun = Begin(*run);
  ASSERT_EQ(begun.decisions.size(), 1u);
  EXPECT_TRUE(run->MayHold(begun.decisions[0].leash.get()));
  TickAt("2026-06-01T01:30:00Z");
  // An agent that has just left is noticed first.
  while (run->MayHold(begun.decisions[0].leash.get())) books_->schedules.Tick();
  EXPECT_EQ(States(), Strings({"STARTED"})) << "the exchange is still open";
  v1::Exchange exchange;
  exchange.set_sequence(begun.sequence);
  run->End(std::move(exchange), {});
  books_->schedules.Tick();
  EXPECT_EQ(States(), Strings({"FINISHED"}));
}

// Two runs, each with a guest of the same plan.
class GuestsOfTwoRuns : public GuestsTest {
 protected:
  void Invite(const std::string& scenario) {
    for (const char* name : {"first", "second"}) {
      hosts_.push_back(StartRun("").run().id());
      Create(On(hosts_.back(), name) + "scenario = \"a.toml\"\n", scenario);
    }
    TickAt("2026-06-01T01:00:00Z");
  }
  v1::ScheduleStart StartOf(const char* name) {
    v1::ListScheduleStartsRequest request;
    request.set_name(name);
    v1::ListScheduleStartsResponse response;
    EXPECT_TRUE(books_->schedules.ListStarts(request, &response).ok());
    return response.starts(0);
  }
  std::vector<std::string> hosts_;
};

TEST_F(GuestsOfTwoRuns, APhaseEndsByTheTrafficOfItsOwnRun) {
  Invite(kOnePhase);
  EXPECT_EQ(Exchange(hosts_[0]), 1);
  EXPECT_EQ(Exchange(hosts_[1]), 1);
  EXPECT_EQ(Exchange(hosts_[0]), 0);
  TickAt("2026-06-01T01:00:01Z");
  EXPECT_EQ(StartOf("first").reason(), "its last phase has ended");
  EXPECT_EQ(StartOf("second").state(), v1::SCHEDULE_START_STATE_STARTED);
}

TEST_F(GuestsOfTwoRuns, AStopConditionStopsItsOwnGuestOnly) {
  std::string scenario = kStops;
  scenario.replace(scenario.find("nth = 5"), 7, "nth = 9");
  Invite(scenario);
  for (int i = 0; i < 2; ++i) {
    for (const size_t host : {0, 1}) {
      const std::shared_ptr<runs::Run> run = runs_->Find(hosts_[host]).run;
      const engine::Begun begun = Begin(*run);
      v1::Exchange exchange;
      exchange.set_sequence(begun.sequence);
      run->End(std::move(exchange), {.failed = host == 0});
    }
  }
  TickAt("2026-06-01T01:00:01Z");
  EXPECT_TRUE(StartOf("first").reason().starts_with("guard.stop: 2 of the last 2"))
      << StartOf("first").reason();
  EXPECT_EQ(StartOf("second").state(), v1::SCHEDULE_START_STATE_STARTED);
}

}  // namespace
}  // namespace murphy::schedules
