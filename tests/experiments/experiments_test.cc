// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "daemon/experiments/ids.h"
#include "daemon/experiments/refusal.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/living_world.h"

namespace murphy::experiments {
namespace {

google::rpc::BadRequest MistakesOf(const absl::Status& status) {
  google::rpc::BadRequest mistakes;
  const auto payload = status.GetPayload(kBadRequestUrl);
  if (payload) mistakes.ParseFromString(std::string(*payload));
  return mistakes;
}

class ExperimentsTest : public test::LivingWorld {
 protected:
  absl::Status Create(const std::string& text, v1::CreateExperimentResponse* response = nullptr,
                      const std::string& fault = "") {
    v1::CreateExperimentRequest request;
    request.mutable_source()->set_name("a.toml");
    request.mutable_source()->set_text(text);
    if (!fault.empty()) request.mutable_source()->add_inline_faults(fault);
    v1::CreateExperimentResponse ignored;
    return books_->experiments.Create(request, response == nullptr ? &ignored : response);
  }
};

TEST_F(ExperimentsTest, ReportMistakesOfFormAtTheirPlaces) {
  const absl::Status status = Create(R"(schema = "murphy.scenario/v1"
name = "x"
[[rule]]
statuss = { code = 503 }
)");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto mistakes = MistakesOf(status);
  ASSERT_GE(mistakes.field_violations_size(), 1);
  EXPECT_EQ(mistakes.field_violations(0).field().substr(0, 9), "a.toml:4:")
      << mistakes.DebugString();
}

TEST_F(ExperimentsTest, ReportMistakesOfMeaningBesideThoseOfForm) {
  const absl::Status status = Create(R"(schema = "murphy.scenario/v1"
name = "x"
[[rule]]
target = "nobody"
phase  = "never"
statuss = { code = 503 }
[[expect]]
bounded_retries = { target = "nothing", at_most = 2 }
)");
  // Clients that read no details see them, too.
  for (const char* name : {"nobody", "never", "statuss", "nothing"})
    EXPECT_NE(status.message().find(name), std::string::npos) << status.message();
}

TEST_F(ExperimentsTest, ReportMistakesOfMeaningAtTheirPlaces) {
  const absl::Status status = Create(R"(schema = "murphy.scenario/v1"
name = "x"
[[rule]]
target = "nobody"
status = { code = 503 }
[[rule]]
phase  = "never"
status = { code = 503 }
)");
  const auto mistakes = MistakesOf(status);
  ASSERT_EQ(mistakes.field_violations_size(), 2) << status;
  EXPECT_EQ(mistakes.field_violations(0).field().substr(0, 9), "a.toml:4:");
  EXPECT_EQ(mistakes.field_violations(1).field().substr(0, 9), "a.toml:7:");
}

TEST_F(ExperimentsTest, DoNotLetAMistakeOfFormHideThoseOfMeaning) {
  const google::rpc::BadRequest mistakes = MistakesOf(Create(R"(schema = "murphy.scenario/v1"
name = "x"
[[rule]]
target = "nobody"
statuss = { code = 503 }
when = { between = [5, 3] }
)"));
  ASSERT_EQ(mistakes.field_violations_size(), 3) << mistakes.DebugString();
  constexpr const char* kPlaces[] = {"a.toml:5:", "a.toml:4:", "a.toml:6:"};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(mistakes.field_violations(i).field().substr(0, 9), kPlaces[i]);
}

TEST_F(ExperimentsTest, SayOnceWhatIsMissing) {
  for (const char* fault : {"latency", "slow_events"})
    EXPECT_EQ(MistakesOf(Create("", nullptr, fault)).field_violations_size(), 1) << fault;
}

TEST_F(ExperimentsTest, ReportMistakesOfInlineFaults) {
  const auto mistakes = MistakesOf(Create("", nullptr, "statuss,code=503"));
  ASSERT_EQ(mistakes.field_violations_size(), 1);
  EXPECT_EQ(mistakes.field_violations(0).field().substr(0, 8), "--fault:");
}

TEST_F(ExperimentsTest, CreateNothingWhenTheyOnlyValidate) {
  v1::CreateExperimentRequest request;
  request.set_validate_only(true);
  request.mutable_source()->set_text(kScenario);
  v1::CreateExperimentResponse response;
  ASSERT_TRUE(books_->experiments.Create(request, &response).ok());
  EXPECT_TRUE(response.experiment().id().empty());
  EXPECT_EQ(response.plan().rules_size(), 1);
  EXPECT_TRUE(journal_->Experiments(10, "")->empty());
}

TEST_F(ExperimentsTest, CreateOneExperimentForOneRequestId) {
  v1::CreateExperimentRequest request;
  request.set_request_id("once");
  request.mutable_source()->set_text(kScenario);
  v1::CreateExperimentResponse first, second;
  ASSERT_TRUE(books_->experiments.Create(request, &first).ok());
  ASSERT_TRUE(books_->experiments.Create(request, &second).ok());
  EXPECT_EQ(first.experiment().id(), second.experiment().id());
  EXPECT_EQ(journal_->Experiments(10, "")->size(), 1u);
}

TEST_F(ExperimentsTest, TakeTheSeedOfTheRequestThenOfTheFileThenOneOfTheirOwn) {
  const std::string seeded = std::string("seed = 42\n") + kScenario;
  v1::CreateExperimentRequest request;
  request.mutable_source()->set_text(seeded);
  v1::CreateExperimentResponse response;
  ASSERT_TRUE(books_->experiments.Create(request, &response).ok());
  EXPECT_EQ(response.experiment().seed(), 42u);
  request.set_seed(0);
  response.Clear();
  ASSERT_TRUE(books_->experiments.Create(request, &response).ok());
  EXPECT_EQ(response.experiment().seed(), 0u);
  std::set<uint64_t> chosen;
  for (int i = 0; i < 4; ++i) chosen.insert(NewSeed());
  EXPECT_GT(chosen.size(), 1u);
  EXPECT_LT(*chosen.rbegin(), uint64_t{1} << 32);
}

TEST_F(ExperimentsTest, RefuseAnotherEnvironment) {
  const absl::Status status =
      Create(std::string(kScenario) + "[guard]\nenvironment = \"staging\"\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("`staging`"), std::string::npos);
  EXPECT_NE(status.message().find("`dev`"), std::string::npos);
}

TEST_F(ExperimentsTest, NeedTwoOptInsForProduction) {
  const std::string named = std::string(kScenario) + "[guard]\nenvironment = \"production\"\n";
  Open({.environment = "production"});
  EXPECT_EQ(Create(named).code(), absl::StatusCode::kFailedPrecondition);
  Open({.environment = "production", .allow_production_faults = true});
  EXPECT_EQ(Create(kScenario).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Create(named).ok());
}

TEST_F(ExperimentsTest, LowerGuardsToTheCeilingsAndSaySo) {
  Policy policy;
  policy.ceilings.set_max_injections(100);
  policy.ceilings.mutable_max_duration()->set_seconds(60);
  policy.ceilings.set_max_tokens(5000);
  Open(policy);
  v1::CreateExperimentResponse response;
  ASSERT_TRUE(
      Create(std::string(kScenario) + "[guard]\nmax_injections = 500\nmax_share = 0.5\n", &response)
          .ok());
  const v1::Guard& guard = response.experiment().scenario().guard();
  EXPECT_EQ(guard.max_injections(), 100u);
  EXPECT_EQ(guard.max_duration().seconds(), 60);
  EXPECT_EQ(guard.max_tokens(), 5000u);
  EXPECT_EQ(guard.max_share(), 0.5);
  ASSERT_EQ(response.plan().warnings_size(), 1);
  EXPECT_EQ(response.plan().warnings(0),
            "guard.max_injections is 500, above this daemon's ceiling of 100: 100 holds.");
}

TEST_F(ExperimentsTest, KeepCeilingsThatTheScenarioIsBelow) {
  Policy policy;
  policy.ceilings.set_max_injections(100);
  Open(policy);
  v1::CreateExperimentResponse response;
  ASSERT_TRUE(Create(std::string(kScenario) + "[guard]\nmax_injections = 5\n", &response).ok());
  EXPECT_EQ(response.experiment().scenario().guard().max_injections(), 5u);
  EXPECT_EQ(response.plan().warnings_size(), 0);
}

TEST_F(ExperimentsTest, LowerTheInjectionsOfAMinuteOrSetThem) {
  Policy policy;
  policy.ceilings.set_max_per_minute(10);
  Open(policy);
  const auto allowed = [&](const std::string& guard, int warnings) {
    v1::CreateExperimentResponse response;
    EXPECT_TRUE(Create(std::string(kScenario) + guard, &response).ok());
    EXPECT_EQ(response.plan().warnings_size(), warnings) << guard;
    return response.experiment().scenario().guard().max_per_minute();
  };
  EXPECT_EQ(allowed("", 0), 10u);
  EXPECT_EQ(allowed("[guard]\nmax_per_minute = 3\n", 0), 3u);
  EXPECT_EQ(allowed("[guard]\nmax_per_minute = 30\n", 1), 10u);
}

TEST_F(ExperimentsTest, ActOnHostsThatBothSidesName) {
  Policy policy;
  policy.ceilings.add_upstreams("127.*");
  policy.ceilings.add_upstreams("API.example.com");
  Open(policy);
  const auto hosts = [&](const std::string& names) {
    v1::CreateExperimentResponse response;
    EXPECT_TRUE(
        Create(std::string(kScenario) + "[guard]\nupstreams = " + names + "\n", &response).ok());
    const auto& guard = response.experiment().scenario().guard();
    return std::vector<std::string>(guard.upstreams().begin(), guard.upstreams().end());
  };
  using Hosts = std::vector<std::string>;
  EXPECT_EQ(hosts(R"(["*"])"), (Hosts{"127.*", "api.example.com"}));
  EXPECT_EQ(hosts(R"(["api.*", "127.0.0.1"])"), (Hosts{"127.0.0.1", "api.example.com"}));
  EXPECT_EQ(hosts(R"(["www.*"])"), Hosts{"-"}) << "an empty list would allow everything";
}

TEST_F(ExperimentsTest, RepeatRequestsInlineWhereTheConfigurationAllowsIt) {
  constexpr char kFault[] = "duplicate_request,target=tool:a";
  EXPECT_FALSE(Create("", nullptr, kFault).ok());
  Policy policy;
  policy.ceilings.set_allow_side_effects(true);
  Open(policy);
  EXPECT_TRUE(Create("", nullptr, kFault).ok());
  EXPECT_FALSE(Create(std::string(kScenario), nullptr, kFault).ok()) << "a file can say so itself";
  policy.ceilings.set_allow_side_effects(false);
  Open(policy);
  EXPECT_FALSE(Create("", nullptr, kFault).ok());
}

TEST_F(ExperimentsTest, KeepAndTellNoSecrets) {
  v1::CreateExperimentResponse response;
  ASSERT_TRUE(Create(std::string(kScenario) +
                         "[[rule]]\nid = \"s\"\n[rule.status]\ncode = 401\nbody = "
                         "\"token=hunter2\"\nheaders = { x-api-key = \"hunter2\" }\n",
                     &response)
                  .ok());
  v1::GetExperimentRequest get;
  get.set_id(response.experiment().id());
  v1::GetExperimentResponse found;
  ASSERT_TRUE(books_->experiments.Get(get, &found).ok());
  EXPECT_EQ(found.DebugString().find("hunter2"), std::string::npos) << found.DebugString();
}

TEST_F(ExperimentsTest, SayWhoseLimitAPlanExceeds) {
  Policy policy;
  policy.ceilings.set_max_injections(2);
  Open(policy);
  const std::string text = "schema = \"murphy.scenario/v1\"\nname = \"x\"\n";
  const std::string rule = "[[rule]]\nlimit = 5\nstatus = { code = 503 }\n";
  for (const auto& [guard, place, advice] : std::vector<std::array<std::string, 3>>{
           {"", "a.toml:3:", "raise guard.max_injections in this daemon's configuration"},
           {"[guard]\nmax_injections = 9\n",
            "a.toml:4:", "raise guard.max_injections in this daemon's configuration"},
           {"[guard]\nmax_injections = 1\n", "a.toml:4:", "or raise guard.max_injections"}}) {
    const auto mistakes = MistakesOf(Create(text + guard + rule));
    ASSERT_EQ(mistakes.field_violations_size(), 1) << guard;
    EXPECT_EQ(mistakes.field_violations(0).field().substr(0, place.size()), place);
    EXPECT_TRUE(mistakes.field_violations(0).description().ends_with(advice))
        << mistakes.field_violations(0).description();
  }
}

TEST_F(ExperimentsTest, GoOnWithTheSameSeedWhereTheirPlanWasLetGo) {
  const std::string id = CreateExperiment();
  v1::GetExperimentRequest get;
  get.set_id(id);
  v1::GetExperimentResponse before;
  ASSERT_TRUE(books_->experiments.Get(get, &before).ok());
  Open({});
  const v1::StartRunResponse run = StartRun(id);
  EXPECT_EQ(run.run().seed(), before.experiment().seed());
  EXPECT_EQ(Exchange(run.run().id()), 1);
}

TEST_F(ExperimentsTest, EndWithAConclusionAndTakeNoFurtherRuns) {
  const std::string id = CreateExperiment();
  const std::string finished = StartRun(id).run().id();
  Exchange(finished);
  FinishRun(finished);
  const std::string active = StartRun(id).run().id();
  v1::FinishExperimentRequest request;
  request.set_id(id);
  v1::FinishExperimentResponse response;
  ASSERT_TRUE(books_->runs.FinishExperiment(request, &response).ok());
  EXPECT_TRUE(response.experiment().has_conclusion());
  ASSERT_EQ(response.runs_size(), 2);
  EXPECT_EQ(response.runs(0).id(), finished);
  EXPECT_EQ(response.runs(1).id(), active);
  EXPECT_EQ(response.runs(1).outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);

  v1::StartRunRequest start;
  start.set_experiment(id);
  v1::StartRunResponse ignored;
  EXPECT_EQ(books_->runs.Start(start, &ignored).code(), absl::StatusCode::kFailedPrecondition);
  v1::FinishExperimentResponse again;
  ASSERT_TRUE(books_->runs.FinishExperiment(request, &again).ok());
  EXPECT_EQ(again.experiment().SerializeAsString(), response.experiment().SerializeAsString());
}

TEST_F(ExperimentsTest, AreNotFoundByAWrongId) {
  v1::GetExperimentRequest request;
  request.set_id("nothing");
  v1::GetExperimentResponse response;
  EXPECT_EQ(books_->experiments.Get(request, &response).code(), absl::StatusCode::kNotFound);
}

TEST_F(ExperimentsTest, AreInterruptedByARestartInTheListAsInTheLog) {
  const std::string ended = CreateExperiment(), open = CreateExperiment();
  v1::FinishExperimentRequest finish;
  finish.set_id(ended);
  v1::FinishExperimentResponse finished;
  ASSERT_TRUE(books_->runs.FinishExperiment(finish, &finished).ok());
  Open({});
  ASSERT_TRUE(books_->experiments.Restore().ok());
  v1::ListExperimentsResponse listed;
  ASSERT_TRUE(books_->experiments.List({}, &listed).ok());
  ASSERT_EQ(listed.experiments_size(), 2);
  for (const v1::Experiment& experiment : listed.experiments()) {
    EXPECT_EQ(experiment.interrupted(), experiment.id() == open);
    EXPECT_TRUE(experiment.has_end_time());
  }
  EXPECT_EQ(listed.experiments(0).conclusion().reason(),
            "interrupted, because the daemon was restarted");
  const auto entries = *audit_->List(0, 10);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].call(), "InterruptExperiment");
  EXPECT_NE(entries[0].request().find(open), std::string::npos);
}

TEST_F(ExperimentsTest, RefuseARequestIdThatBelongsToAnotherRequest) {
  v1::CreateExperimentRequest request;
  request.set_request_id("one");
  request.mutable_source()->set_text(kScenario);
  v1::CreateExperimentResponse first, again;
  ASSERT_TRUE(books_->experiments.Create(request, &first).ok());
  ASSERT_TRUE(books_->experiments.Create(request, &again).ok());
  EXPECT_EQ(first.experiment().id(), again.experiment().id());
  request.set_seed(7);
  const absl::Status refused = books_->experiments.Create(request, &again);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << refused;
}

TEST_F(ExperimentsTest, RefusePageTokensThatAreNone) {
  v1::ListExperimentsRequest experiments;
  v1::ListRunsRequest runs;
  v1::ListAuditEntriesRequest audit;
  v1::ListExperimentsResponse no_experiments;
  v1::ListRunsResponse no_runs;
  v1::ListAuditEntriesResponse no_audit;
  for (const char* token : {"-1", "nonsense", "0", " "}) {
    experiments.set_page_token(token);
    runs.set_page_token(token);
    audit.set_page_token(token);
    EXPECT_FALSE(books_->experiments.List(experiments, &no_experiments).ok()) << token;
    EXPECT_FALSE(books_->runs.List(runs, &no_runs).ok()) << token;
    EXPECT_FALSE(books_->audit.List(audit, &no_audit).ok()) << token;
  }
}

}  // namespace
}  // namespace murphy::experiments
