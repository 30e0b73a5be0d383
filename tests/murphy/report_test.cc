// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/report/report.h"

#include <sstream>

#include "boost/json.hpp"
#include "boost/property_tree/xml_parser.hpp"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tools/murphy/report/writers.h"

namespace murphy::cli {
namespace {

template <typename Message>
Message Read(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

Report Example() {
  Report report;
  report.invocation.scenario = "outage.toml";
  report.invocation.command = {"python", "agent.py", "--task", "pay it"};
  report.experiment = Read<v1::Experiment>(R"(
    id: "E1" seed: 42 scenario { name: "outage-follows-the-fallback" }
    conclusion { verdict: VERDICT_CLASS_FAIL reason: "at_most_once_effect is violated." runs: 1 violations: 1 delivered: 3 })");
  RunRecord record;
  record.run = Read<v1::Run>(R"(
    id: "R1" experiment: "E1" index: 2 seed: 42
    begin_time { seconds: 1000 } end_time { seconds: 1012 nanos: 300000000 }
    outcome {
      outcome_class: OUTCOME_CLASS_UNSAFE reason: "charge took effect twice for one intent."
      expects { expect: "bounded_retries target=primary at_most=4" held: true evidence: "3 attempts at most" }
      expects { expect: "at_most_once_effect target=charge" evidence: "2 effects for 1 intent: POST /charge #1" }
      expects { expect: "no_silent_failure" vacuous: true evidence: "no report and no checker" }
      exchanges: 9 sdk_retries: 2 application_retries: 1 delivered: 3 recovery_calls: 3 recovery_tokens: 1812
      recovery_time { seconds: 4 nanos: 600000000 } duplicate_effects: 1 exit_code: 0 report { note: "paid <twice>" } })");
  for (
      const char* injection : {
          R"(id: 1 rule: "primary-throttled" fault: "rate_limit" target: "primary" address: "*/llm:gpt-5/9f2c#1@1"
              state: INJECTION_STATE_DELIVERED recovery: RECOVERY_LAYER_SDK_RETRY recovery_attempts: 1 recovery_time { seconds: 1 })",
          R"(id: 2 rule: "primary-throttled" fault: "rate_limit" target: "primary" address: "*/llm:gpt-5/9f2c#1@2"
              state: INJECTION_STATE_DELIVERED recovery: RECOVERY_LAYER_SDK_RETRY recovery_attempts: 1 recovery_time { nanos: 400000000 })",
          R"(id: 3 rule: "charged-but-silent" fault: "lose_response" target: "charge" address: "*/tool:payments.charge/{}#1@1"
              state: INJECTION_STATE_DELIVERED recovery: RECOVERY_LAYER_APPLICATION_RETRY recovery_attempts: 1
              recovery_time { seconds: 3 } effect_repeated: true)",
          R"(id: 4 rule: "fallback-overloads" fault: "error_event" target: "fallback" state: INJECTION_STATE_NEVER_REACHED)"}) {
    record.injections.push_back(Read<v1::Injection>(injection));
  }
  report.runs.push_back(record);
  return report;
}

Report Many() {
  Report report = Example();
  RunRecord good = report.runs.front();
  good.run = Read<v1::Run>(
      R"(id: "R0" index: 1 begin_time { seconds: 980 }
    end_time { seconds: 999 nanos: 500000000 } outcome { outcome_class: OUTCOME_CLASS_RECOVERED unverified: true delivered: 1
    exchanges: 4 usage { input_tokens: 1200 output_tokens: 34 }
    expects { expect: "at_most_once_effect target=charge" held: true evidence: "1 effect" } })");
  good.injections.resize(1);
  report.runs.insert(report.runs.begin(), good);
  return report;
}

TEST(ReportTable, TellsOneRunOnOneScreen) {
  EXPECT_EQ(WriteTable(Example(), false),
            R"(FAIL  UNSAFE  outage-follows-the-fallback
  at_most_once_effect is violated.
  charge took effect twice for one intent.
  1 run, 3 faults delivered, seed 42, 12.3s, exit code 0

injections
  ✓  rate_limit     ×2  primary #1@1…  delivered      sdk retry                           1 attempt  1.0s
  ✗  lose_response      charge #1@1    delivered      application retry, effect repeated  1 attempt  3.0s
  –  error_event        fallback       never reached

expectations
  ✓  bounded_retries target=primary at_most=4  3 attempts at most
  ✗  at_most_once_effect target=charge         2 effects for 1 intent: POST /charge #1
  –  no_silent_failure                         no report and no checker

cost     +3 calls, +1,812 tokens, +4.6s, 1 duplicate effect
note     paid <twice>
replay   murphy run outage.toml --seed 42 --run-index 2 -- python agent.py --task 'pay it'
journal  murphy journal exchanges R1
)");
}

TEST(ReportTable, TellsManyRunsInATable) {
  EXPECT_EQ(WriteTable(Many(), false), R"(FAIL  outage-follows-the-fallback
  at_most_once_effect is violated.
  2 runs, 4 faults delivered, seed 42, 32.3s

runs
  run  outcome                 delivered  expectations  calls  tokens  time   id
  1    RECOVERED (unverified)  1          1/1           4      1,234   19.5s  R0
  2    UNSAFE                  3          1/3           9      0       12.3s  R1

injections
  ✓  rate_limit     ×3  primary   delivered      sdk retry                           1 attempt  1.0s
  ✗  lose_response      charge    delivered      application retry, effect repeated  1 attempt  3.0s
  –  error_event        fallback  never reached

expectations
  ✗  at_most_once_effect target=charge         1 held, 1 violated, 0 open  2 effects for 1 intent: POST /charge #1
  ✓  bounded_retries target=primary at_most=4  1 held, 0 violated, 0 open  3 attempts at most
  –  no_silent_failure                         0 held, 0 violated, 1 open  no report and no checker

cost     +3 calls, +1,812 tokens, +4.6s, 1 duplicate effect
note     paid <twice>
replay   murphy run outage.toml --seed 42 --run-index 2 -- python agent.py --task 'pay it'
journal  murphy experiment show E1
)");
}

Report BesideShadow() {
  Report report = Example();
  report.runs.front().run.set_arm(v1::ARM_TREATMENT);
  RunRecord shadow = report.runs.front();
  shadow.run.set_arm(v1::ARM_SHADOW);
  shadow.run.set_id("S1");
  shadow.run.mutable_outcome()->set_outcome_class(v1::OUTCOME_CLASS_RECOVERED);
  shadow.run.mutable_outcome()->set_delivered(0);
  shadow.run.mutable_outcome()->set_would_fire(2);
  shadow.injections.resize(2);
  for (v1::Injection& injection : shadow.injections) {
    injection.set_state(v1::INJECTION_STATE_WOULD_FIRE);
    injection.clear_recovery();
  }
  shadow.injections[1].set_approximate(true);
  report.runs.push_back(shadow);
  return report;
}

TEST(ReportTable, TellsTheShadowFromTheTreatment) {
  const std::string table = WriteTable(BesideShadow(), false);
  EXPECT_NE(table.find("S1  shadow\n"), std::string::npos) << table;
  EXPECT_NE(table.find("R1  treatment\n"), std::string::npos);
  EXPECT_NE(table.find("shadow   1 run: 1 RECOVERED; 2 faults would have fired\n"),
            std::string::npos);
  EXPECT_NE(table.find("would fire     approximate"), std::string::npos);
  EXPECT_NE(table.find("cost     +3 calls, +1,812 tokens"), std::string::npos)
      << "what the shadow cost is no recovery";
  const std::vector<ExpectTally> tallies = TallyExpects(BesideShadow());
  EXPECT_EQ(tallies.front().held, 1u);
}

TEST(ReportJUnit, TestsTheTreatmentOnly) {
  EXPECT_EQ(WriteJUnit(BesideShadow()), WriteJUnit([] {
              Report report = BesideShadow();
              report.runs.pop_back();
              return report;
            }()));
}

TEST(ReportTable, RepeatsAShadowRunAsAShadowRun) {
  Report report = BesideShadow();
  EXPECT_EQ(ReplayLine(report).find("--arms"), std::string::npos);
  report.runs.erase(report.runs.begin());
  EXPECT_NE(ReplayLine(report).find("--run-index 2"), std::string::npos);
  EXPECT_NE(ReplayLine(report).find("--arms shadow"), std::string::npos);
}

TEST(ReportTable, StatesTheCorrelationThatWasRealisedOverAllRuns) {
  Report report = Many();
  for (RunRecord& record : report.runs) {
    *record.run.mutable_realised() = Read<v1::Realised>(R"(
      causes { name: "region" steps_on: 3 steps_off: 7
        followers { rule: "a" on: 2 fired_on: 2 off: 3 } followers { rule: "b" on: 1 fired_on: 1 off: 4 fired_off: 1 }
        pairs { first: "a" second: "b" both: 4 only_second: 1 neither: 5 correlation: 0.5 } }
      groups { name: "g" mode: GROUP_MODE_RENDEZVOUS met: 1 timed_out: 2 never_fired: "x" never_fired: "y" })");
  }
  report.runs.back().run.mutable_realised()->mutable_groups(0)->clear_never_fired();
  report.runs.back().run.mutable_realised()->mutable_groups(0)->add_never_fired("y");
  const std::string table = WriteTable(report, false);
  EXPECT_NE(table.find("  cause  region  on in 6 of 20 steps; a fired 4/4 on, 0/6 off; b fired 2/2 "
                       "on, 2/8 off; correlation a ~ b +0.82\n"),
            std::string::npos)
      << table;
  EXPECT_NE(
      table.find("  group  g       rendezvous; met 2 times, in vain 4 times; never fired: y\n"),
      std::string::npos)
      << table;
  const auto json = boost::json::parse(WriteJson(report)).as_object();
  const auto& cause = json.at("realised").at("causes").at(0);
  EXPECT_EQ(cause.at("steps_on").as_string(), "6");
}

TEST(ReportTable, ColoursOnlyWhenAsked) {
  EXPECT_EQ(WriteTable(Example(), false).find('\x1b'), std::string::npos);
  EXPECT_NE(WriteTable(Example(), true).find("\x1b[31mFAIL"), std::string::npos);
}

TEST(ReportTable, StaysOnOneScreen) {
  Report report = Example();
  for (int i = 0; i < 100; ++i) {
    report.runs.front().injections.push_back(report.runs.front().injections.back());
    report.runs.front().injections.back().set_rule("rule-" + std::to_string(i));
  }
  const std::string text = WriteTable(report, false);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 40);
  EXPECT_NE(text.find("… and 88 more"), std::string::npos);
}

TEST(ReportTable, AReasonIsToldOnce) {
  Report report = Example();
  v1::Run& run = report.runs.front().run;
  run.mutable_outcome()->set_integrity("Faults stopped early: the lease ran out.");
  run.set_disarm_reason("the lease ran out");
  const std::string text = WriteTable(report, false);
  EXPECT_NE(text.find("note     Faults stopped early: the lease ran out."), std::string::npos);
  EXPECT_EQ(text.find("note     the lease ran out"), std::string::npos) << text;
}

TEST(ReportTable, TerminalIsNotSteeredByWhatAgentsSay) {
  Report report = Example();
  report.runs.front().run.mutable_outcome()->mutable_report()->set_note("\x1b[2J");
  report.runs.front().run.mutable_outcome()->set_reason("\x1b]0;x\x07");
  EXPECT_EQ(WriteTable(report, false).find('\x1b'), std::string::npos);
}

struct Case {
  const char* name;
  v1::VerdictClass verdict;
  uint32_t delivered;
  bool interrupted;
  bool baseline;
  ExitCode code;
  const char* word;
};

class ExitCodes : public testing::TestWithParam<Case> {};

TEST_P(ExitCodes, FollowTheConclusion) {
  Report report = Example();
  report.experiment.mutable_conclusion()->set_verdict(GetParam().verdict);
  report.experiment.mutable_conclusion()->set_delivered(GetParam().delivered);
  report.interrupted = GetParam().interrupted;
  if (GetParam().baseline) report.baseline_failure = "The agent fails.";
  EXPECT_EQ(Judge(report), GetParam().code);
  EXPECT_EQ(VerdictWord(report), GetParam().word);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExitCodes,
    testing::Values(Case{"Pass", v1::VERDICT_CLASS_PASS, 3, false, false, ExitCode::kOk, "PASS"},
                    Case{"PassWithNothingDelivered", v1::VERDICT_CLASS_PASS, 0, false, false,
                         ExitCode::kInconclusive, "INCONCLUSIVE"},
                    Case{"Fail", v1::VERDICT_CLASS_FAIL, 3, false, false, ExitCode::kViolated,
                         "FAIL"},
                    Case{"Inconclusive", v1::VERDICT_CLASS_INCONCLUSIVE, 3, false, false,
                         ExitCode::kInconclusive, "INCONCLUSIVE"},
                    Case{"NotConcluded", v1::VERDICT_CLASS_UNSPECIFIED, 3, false, false,
                         ExitCode::kInconclusive, "INCONCLUSIVE"},
                    Case{"Interrupted", v1::VERDICT_CLASS_FAIL, 3, true, false,
                         ExitCode::kInterrupted, "INTERRUPTED"},
                    Case{"Baseline", v1::VERDICT_CLASS_UNSPECIFIED, 0, false, true,
                         ExitCode::kBaseline, "BASELINE BROKEN"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ReportVerdict, RunsWithoutAScenarioAreNeverGreen) {
  Report report = Example();
  report.experiment.Clear();
  EXPECT_EQ(Judge(report), ExitCode::kInconclusive);
  EXPECT_EQ(VerdictWord(report), "OBSERVED");
}

TEST(ReportVerdict, OnlyUnverifiedSuccessSaysSo) {
  v1::Outcome outcome;
  outcome.set_unverified(true);
  outcome.set_outcome_class(v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_EQ(OutcomeWord(outcome), "RECOVERED (unverified)");
  outcome.set_outcome_class(v1::OUTCOME_CLASS_FAILED_LOUD);
  EXPECT_EQ(OutcomeWord(outcome), "FAILED_LOUD");
}

TEST(Place, IsTheTargetElseAShortAddress) {
  v1::Injection injection;
  injection.set_address("-/tool:pay.charges/POST /charges {amount:int,currency:str}#1@2");
  EXPECT_EQ(PlaceOf(injection), "tool:pay.charges/POST /charges {amo…#1@2");
  injection.set_target("charge");
  EXPECT_EQ(PlaceOf(injection), "charge #1@2");
  injection.clear_address();
  EXPECT_EQ(PlaceOf(injection), "charge");
}

TEST(Replay, RepeatsEverythingThatMatters) {
  Report report = Example();
  report.invocation.scenario.clear();
  report.invocation.faults = {"rate_limit,target=model:gpt-*,first=2", "hang"};
  report.invocation.routes = {{"payments", "http://127.0.0.1:9000"}};
  report.invocation.timeout = "2m";
  report.invocation.check = "test -f done";
  EXPECT_EQ(ReplayLine(report),
            "murphy run --fault 'rate_limit,target=model:gpt-*,first=2' --fault hang --seed 42 "
            "--run-index 2 "
            "--route payments=http://127.0.0.1:9000 --timeout 2m --check 'test -f done' -- python "
            "agent.py --task 'pay it'");
}

TEST(Replay, ChoosesTheFirstViolatedRun) {
  EXPECT_NE(ReplayLine(Many()).find("--run-index 2"), std::string::npos);
  Report held = Many();
  held.runs.pop_back();
  EXPECT_NE(ReplayLine(held).find("--run-index 1"), std::string::npos);
}

TEST(ReportJson, CarriesItsSchemaAndTheWholeStory) {
  const boost::json::value document = boost::json::parse(WriteJson(Example()));
  EXPECT_EQ(document.at("schema").as_string(), "murphy.report/v1");
  EXPECT_EQ(document.at("verdict").as_string(), "FAIL");
  EXPECT_EQ(document.at("exit_code").as_int64(), 4);
  EXPECT_EQ(document.at("experiment").at("seed").as_string(), "42");
  const boost::json::value& run = document.at("runs").at(0);
  EXPECT_EQ(run.at("outcome").at("duplicate_effects").as_int64(), 1);
  EXPECT_EQ(run.at("injections").as_array().size(), 4u);
  EXPECT_EQ(run.at("injections").at(0).at("recovery").as_string(), "RECOVERY_LAYER_SDK_RETRY");
}

TEST(ReportJson, LinesAreOneDocumentEach) {
  for (const std::string& line :
       {WriteRunLine(Example().runs.front()), WriteFinishLine(Example())}) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(boost::json::parse(line).at("schema").as_string(), "murphy.report/v1");
  }
}

boost::property_tree::ptree Xml(const Report& report) {
  std::istringstream text(WriteJUnit(report));
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(text, tree);
  return tree;
}

TEST(ReportJUnit, HasACasePerExpectationAndOneForTheConclusion) {
  const auto tree = Xml(Example());
  EXPECT_EQ(tree.get<int>("testsuites.<xmlattr>.tests"), 4);
  EXPECT_EQ(tree.get<int>("testsuites.<xmlattr>.failures"), 2);
  EXPECT_EQ(tree.get<int>("testsuites.<xmlattr>.skipped"), 1);
  const auto& suite = tree.get_child("testsuites.testsuite");
  EXPECT_EQ(suite.get<std::string>("<xmlattr>.name"), "outage-follows-the-fallback run 2");
  EXPECT_EQ(suite.get_child("properties").count("property"), 8u);
  EXPECT_EQ(suite.count("testcase"), 3u);
}

TEST(ReportJUnit, StaysWellFormedWhateverIsInIt) {
  Report report = Example();
  v1::ExpectResult* result = report.runs.front().run.mutable_outcome()->add_expects();
  result->set_expect("<a b=\"c\"> & 'd' ]]>");
  result->set_evidence("\x01\x1b\n\t<>&\"");
  report.invocation.command = {"sh", "-c", "a && b < c > d \"e\""};
  const auto tree = Xml(report);
  const auto& suite = tree.get_child("testsuites.testsuite");
  EXPECT_EQ(suite.rbegin()->second.get<std::string>("<xmlattr>.name"), "<a b=\"c\"> & 'd' ]]>");
}

TEST(ReportJUnit, IsNeverGreenWhenTheExitCodeIsNot) {
  Report report = Example();
  report.runs.front().run.mutable_outcome()->clear_expects();
  report.experiment.mutable_conclusion()->set_verdict(v1::VERDICT_CLASS_INCONCLUSIVE);
  EXPECT_EQ(Xml(report).get<int>("testsuites.<xmlattr>.errors"), 1);
}

}  // namespace
}  // namespace murphy::cli
