// SPDX-License-Identifier: Apache-2.0
// `murphy run` against a scripted daemon, with shell one-liners as agents.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "boost/json.hpp"
#include "fmt/format.h"
#include "tests/murphy/fake_daemon.h"
#include "tools/murphy/app.h"

namespace murphy::test {
namespace {

class RunCommand : public testing::Test {
 protected:
  RunCommand() {
    daemon.script.created.mutable_experiment()->set_id("E1");
    daemon.script.created.mutable_experiment()->set_seed(7);
    daemon.script.created.mutable_experiment()->mutable_scenario()->set_name("example");
    Conclude(v1::VERDICT_CLASS_PASS, 1);
    Judge(v1::OUTCOME_CLASS_RECOVERED);
  }

  // What the daemon makes of each run.
  void Judge(v1::OutcomeClass outcome_class) {
    v1::FinishRunResponse finished;
    finished.mutable_run()->mutable_outcome()->set_outcome_class(outcome_class);
    finished.mutable_run()->mutable_outcome()->set_delivered(1);
    daemon.script.finished = {finished};
  }

  void Conclude(v1::VerdictClass verdict, uint32_t delivered) {
    daemon.script.conclusion.set_verdict(verdict);
    daemon.script.conclusion.set_delivered(delivered);
  }

  // Runs `agent` by the shell under one inline fault.
  Invoked Run(const std::string& agent, std::vector<std::string> options = {},
              std::map<std::string, std::string> environment = {}) {
    std::vector<std::string> arguments = {"run", "--daemon", daemon.unix_address(), "--fault",
                                          "hang"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", "sh", "-c", agent});
    return Murphy(arguments, environment);
  }

  std::string Written(const std::string& name) {
    std::ifstream file(daemon.directory() / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  std::string Path(const std::string& name) { return (daemon.directory() / name).string(); }

  FakeDaemon daemon;
};

TEST_F(RunCommand, RunsTheAgentUnderALeaseAndConcludes) {
  const Invoked invoked = Run("exit 0", {"--seed", "9", "--run-index", "4"});
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  const Asked asked = daemon.asked();
  ASSERT_EQ(asked.creates.size(), 1u);
  EXPECT_EQ(asked.creates[0].seed(), 9u);
  EXPECT_EQ(asked.creates[0].source().inline_faults(0), "hang");
  EXPECT_FALSE(asked.creates[0].validate_only());
  ASSERT_EQ(asked.starts.size(), 1u);
  EXPECT_EQ(asked.starts[0].experiment(), "E1");
  EXPECT_EQ(asked.starts[0].index(), 4u);
  EXPECT_EQ(asked.leases, std::vector<std::string>{"run-1"});
  ASSERT_EQ(asked.finishes.size(), 1u);
  EXPECT_EQ(asked.finishes[0].exit_code(), 0);
  EXPECT_FALSE(asked.finishes[0].hung());
  EXPECT_EQ(asked.experiments_finished, 1);
  EXPECT_EQ(invoked.out.substr(0, 15), "PASS  RECOVERED");
  EXPECT_NE(
      invoked.out.find("replay   murphy run --fault hang --seed 7 --run-index 4 -- sh -c 'exit 0'"),
      std::string::npos);
}

TEST_F(RunCommand, ExitCodeFollowsTheVerdict) {
  Conclude(v1::VERDICT_CLASS_FAIL, 1);
  EXPECT_EQ(Run("exit 0").code, 4);
  Conclude(v1::VERDICT_CLASS_INCONCLUSIVE, 1);
  EXPECT_EQ(Run("exit 0").code, 5);
  Conclude(v1::VERDICT_CLASS_PASS, 0);
  EXPECT_EQ(Run("exit 0").code, 5);
}

TEST_F(RunCommand, ExitCodeOfTheChildOnRequest) {
  EXPECT_EQ(Run("exit 3", {"--exit-code", "child"}).code, 3);
  EXPECT_EQ(Run("exit 3").code, 0);
}

TEST_F(RunCommand, RunsAsOftenAsAskedWithRisingIndexes) {
  const Invoked invoked = Run("exit 0", {"--runs", "3", "--run-index", "5", "--baseline", "0"});
  EXPECT_EQ(invoked.code, 0);
  const Asked asked = daemon.asked();
  ASSERT_EQ(asked.starts.size(), 3u);
  EXPECT_EQ(asked.starts[2].index(), 7u);
  EXPECT_EQ(asked.experiments_finished, 1);
  EXPECT_NE(invoked.errors.find("run 3 of 3  RECOVERED"), std::string::npos);
}

TEST_F(RunCommand, SendsTheScenarioFile) {
  std::ofstream(Path("s.toml")) << "schema = 1\n";
  const Invoked invoked =
      Murphy({"run", Path("s.toml"), "--daemon", daemon.unix_address(), "--", "true"});
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  EXPECT_EQ(daemon.asked().creates.at(0).source().text(), "schema = 1\n");
  EXPECT_EQ(daemon.asked().creates.at(0).source().name(), Path("s.toml"));
}

TEST_F(RunCommand, MistakesOfTheScenarioArePrintedAndNothingRuns) {
  daemon.script.create_status =
      BadRequest({{"s.toml:2:1", "unknown key"}, {"s.toml:4:9", "not a duration"}});
  const Invoked invoked = Run("touch " + Path("ran"));
  EXPECT_EQ(invoked.code, 2);
  EXPECT_EQ(invoked.errors, "s.toml:2:1: unknown key\ns.toml:4:9: not a duration\n");
  EXPECT_FALSE(std::filesystem::exists(Path("ran")));
  EXPECT_TRUE(daemon.asked().starts.empty());
}

TEST_F(RunCommand, AgentGetsTheGatewayAndWhatTheUserSetStaysTheUpstream) {
  Run("echo $OPENAI_BASE_URL $MURPHY_ROUTE_PAY $MURPHY_RUN ${MURPHY_DAEMON-none} > " + Path("env"),
      {"--route", "pay=http://127.0.0.1:9100"},
      {{"OPENAI_BASE_URL", "http://127.0.0.1:9000/v1"}, {"MURPHY_DAEMON", "unix:/x"}});
  EXPECT_EQ(
      Written("env"),
      "http://127.0.0.1:7460/r/run-1/openai/v1 http://127.0.0.1:7460/r/run-1/pay run-1 none\n");
  const auto routes = daemon.asked().starts.at(0).routes();
  EXPECT_EQ(routes.at("openai"), "http://127.0.0.1:9000/");
  EXPECT_EQ(routes.at("pay"), "http://127.0.0.1:9100");
}

TEST_F(RunCommand, ReportOfTheAgentReachesTheDaemon) {
  Run(R"(echo '{"task": "partial", "disclosed": true, "note": "half"}' > $MURPHY_REPORT_FILE)");
  ASSERT_EQ(daemon.asked().reports.size(), 1u);
  const v1::Report report = daemon.asked().reports[0].report();
  EXPECT_EQ(report.task(), v1::TASK_STATE_PARTIAL);
  EXPECT_TRUE(report.disclosed());
  EXPECT_EQ(report.note(), "half");
}

TEST_F(RunCommand, UnreadableReportIsToldAndNotSent) {
  for (const char* text :
       {"{", "[]", R"({"task": "great"})", R"({"tsk": "correct"})", R"({"disclosed": 1})"}) {
    const Invoked invoked = Run(fmt::format("echo '{}' > $MURPHY_REPORT_FILE", text));
    EXPECT_NE(invoked.errors.find("MURPHY_REPORT_FILE is ignored"), std::string::npos) << text;
  }
  EXPECT_TRUE(daemon.asked().reports.empty());
}

TEST_F(RunCommand, CheckerDecidesTheTask) {
  const std::vector<std::pair<int, v1::TaskState>> table = {
      {0, v1::TASK_STATE_CORRECT}, {1, v1::TASK_STATE_WRONG}, {2, v1::TASK_STATE_PARTIAL}};
  for (const auto& [code, task] : table) {
    Run(R"(echo '{"task": "none", "escalated": true}' > $MURPHY_REPORT_FILE)",
        {"--check", fmt::format("exit {}", code)});
    EXPECT_EQ(daemon.asked().reports.back().report().task(), task);
    EXPECT_TRUE(daemon.asked().reports.back().report().escalated());
    EXPECT_EQ(daemon.asked().reports.back().report().reporter(), v1::REPORTER_CHECKER);
    EXPECT_EQ(daemon.asked().reports.back().report().agent_task(), v1::TASK_STATE_NONE);
  }
  const size_t before = daemon.asked().reports.size();
  const Invoked invoked = Run("exit 0", {"--check", "exit 9"});
  ASSERT_EQ(daemon.asked().reports.size(), before + 1);
  EXPECT_EQ(daemon.asked().reports.back().report().task(), v1::TASK_STATE_UNSPECIFIED);
  EXPECT_EQ(daemon.asked().reports.back().report().reporter(), v1::REPORTER_CHECKER);
  EXPECT_NE(invoked.errors.find("ended with 9"), std::string::npos);
}

TEST_F(RunCommand, TheCheckerLooksWhenTheFaultsAreGone) {
  Run("exit 0",
      {"--route", "pay=http://127.0.0.1:9100/api", "--check",
       "echo $MURPHY_ROUTE_PAY $MURPHY_VIA_ROUTE_PAY $MURPHY_AGENT_EXIT_CODE $OPENAI_BASE_URL > " +
           Path("env")},
      {{"OPENAI_BASE_URL", "http://127.0.0.1:9000/v1"}});
  EXPECT_EQ(Written("env"),
            "http://127.0.0.1:9100/api http://127.0.0.1:7460/r/run-1/pay 0 "
            "http://127.0.0.1:9000/v1\n");
  EXPECT_EQ(daemon.asked().closes, (std::vector<std::string>{"run-1"}));
  Run("exit 0");
  EXPECT_EQ(daemon.asked().closes.size(), 1u) << "nobody looks: there is nothing to wait for";
}

TEST_F(RunCommand, WhatTheAgentAndTheCheckerSayAddsUp) {
  Run(R"(echo '{"disclosed": true, "note": "half"}' > $MURPHY_REPORT_FILE)",
      {"--check",
       R"(echo '{"effects": {"charge": 2}, "note": "twice"}' > $MURPHY_REPORT_FILE; exit 1)"});
  const v1::Report report = daemon.asked().reports.at(0).report();
  EXPECT_EQ(report.task(), v1::TASK_STATE_WRONG);
  EXPECT_TRUE(report.disclosed());
  EXPECT_EQ(report.note(), "half; twice");
  EXPECT_EQ(report.effects().at("charge"), 2u);
}

TEST_F(RunCommand, AnAgentDoesNotCountItsOwnEffects) {
  const Invoked invoked = Run(R"(echo '{"effects": {"charge": 1}}' > $MURPHY_REPORT_FILE)");
  EXPECT_NE(invoked.errors.find("is ignored"), std::string::npos);
  EXPECT_TRUE(daemon.asked().reports.empty());
}

TEST_F(RunCommand, AgentThatDoesNotEndIsTerminatedAndCalledHung) {
  Run("exec tail -f /dev/null", {"--timeout", "200ms"});
  const v1::FinishRunRequest finish = daemon.asked().finishes.at(0);
  EXPECT_TRUE(finish.hung());
  EXPECT_FALSE(finish.interrupted());
  EXPECT_EQ(finish.exit_code(), 128 + SIGTERM);
}

TEST_F(RunCommand, InterruptEndsTheAgentAndTheExperiment) {
  const Invoked invoked = Run("kill -INT $PPID; exec tail -f /dev/null", {"--runs", "5"});
  EXPECT_EQ(invoked.code, 6);
  const Asked asked = daemon.asked();
  ASSERT_EQ(asked.finishes.size(), 1u);
  EXPECT_TRUE(asked.finishes[0].interrupted());
  EXPECT_EQ(asked.experiments_finished, 1);
  EXPECT_EQ(asked.experiments_interrupted, 1);
  EXPECT_EQ(invoked.out.substr(0, 11), "INTERRUPTED");
}

TEST_F(RunCommand, OtherSignalsGoToTheAgent) {
  Run("trap 'echo usr1 > " + Path("signal") +
          "; exit 0' USR1; kill -USR1 $PPID; while :; do sleep 0.02; done",
      {"--timeout", "20s"});
  EXPECT_EQ(Written("signal"), "usr1\n");
}

TEST_F(RunCommand, BaselineThatFailsStopsBeforeAnyFault) {
  Judge(v1::OUTCOME_CLASS_FAILED_LOUD);
  const Invoked invoked = Run("exit 1", {"--baseline", "1"});
  EXPECT_EQ(invoked.code, 3);
  const Asked asked = daemon.asked();
  ASSERT_EQ(asked.starts.size(), 1u);
  EXPECT_EQ(asked.starts[0].arm(), v1::ARM_BASELINE);
  EXPECT_NE(invoked.out.find("exit code 1"), std::string::npos);
}

TEST_F(RunCommand, BaselineThatHoldsIsFollowedByTheRuns) {
  EXPECT_EQ(Run("exit 0", {"--baseline", "1"}).code, 0);
  const Asked asked = daemon.asked();
  ASSERT_EQ(asked.starts.size(), 2u);
  EXPECT_EQ(asked.starts[1].experiment(), "E1");
  EXPECT_EQ(asked.starts[1].arm(), v1::ARM_TREATMENT);
}

TEST_F(RunCommand, ManyRunsHaveABaselineUnlessNoneIsWanted) {
  Run("exit 0", {"--runs", "2"});
  EXPECT_EQ(daemon.asked().starts.size(), 5u);
  Run("exit 0", {"--runs", "2", "--baseline", "0"});
  EXPECT_EQ(daemon.asked().starts.size(), 7u);
}

TEST_F(RunCommand, TellsTheDaemonHowTheAgentIsRunWithoutSecrets) {
  Run("exit 0", {"--runs", "2", "--baseline", "0", "--route", "up=http://u:hunter2@h", "--timeout",
                 "3s"});
  const v1::Invocation kept = daemon.asked().creates.at(0).invocation();
  EXPECT_EQ(kept.command_size(), 3);
  EXPECT_EQ(kept.runs(), 2u);
  EXPECT_EQ(kept.timeout().seconds(), 3);
  EXPECT_TRUE(kept.redacted());
  EXPECT_EQ(kept.DebugString().find("hunter2"), std::string::npos);
}

TEST_F(RunCommand, ABaselineThatFailsNowAndThenStopsNothing) {
  Judge(v1::OUTCOME_CLASS_FAILED_LOUD);
  const std::string third = fmt::format(
      "echo x >> {0}; test $(wc -l < {0}) -ne 2", Path("count"));
  const Invoked invoked = Run(third, {"--runs", "2", "-o", "json"});
  EXPECT_NE(invoked.code, 3);
  EXPECT_EQ(daemon.asked().starts.size(), 5u);
  EXPECT_EQ(boost::json::parse(invoked.out).at("baseline").as_array().size(), 3u);
}

TEST_F(RunCommand, BaselineWithAWrongResultIsBroken) {
  Judge(v1::OUTCOME_CLASS_FAILED_LOUD);
  EXPECT_EQ(Run("exit 0", {"--baseline", "1", "--check", "exit 1"}).code, 3);
}

TEST_F(RunCommand, BaselineThatRunsAwayOrPaysTwiceByItselfIsBroken) {
  for (const auto bad : {v1::OUTCOME_CLASS_RUNAWAY, v1::OUTCOME_CLASS_UNSAFE}) {
    Judge(bad);
    EXPECT_EQ(Run("exit 0", {"--runs", "2"}).code, 3) << bad;
  }
  EXPECT_EQ(daemon.asked().experiments_finished, 2);
}

TEST_F(RunCommand, ACheckerOutranksTheExitCodeInABaselineAsInARun) {
  EXPECT_EQ(Run("exit 1", {"--baseline", "1", "--check", "exit 0"}).code, 0);
}

TEST_F(RunCommand, WithoutFaultsItObservesAndIsNotGreen) {
  const Invoked invoked = Murphy({"run", "--daemon", daemon.unix_address(), "--", "true"});
  EXPECT_EQ(invoked.code, 5);
  EXPECT_TRUE(daemon.asked().creates.empty());
  EXPECT_EQ(invoked.out.substr(0, 8), "OBSERVED");
}

TEST_F(RunCommand, MachineFormatsKeepStandardOutputClean) {
  const Invoked json = Run("exit 0", {"-o", "json"});
  EXPECT_EQ(boost::json::parse(json.out).at("schema").as_string(), "murphy.report/v1");
  const Invoked lines = Run("exit 0", {"-o", "jsonl", "--runs", "2"});
  std::istringstream stream(lines.out);
  std::vector<std::string> events;
  for (std::string line; std::getline(stream, line);) {
    events.emplace_back(boost::json::parse(line).at("event").as_string());
  }
  EXPECT_EQ(events, (std::vector<std::string>{"run_finished", "run_finished", "finished"}));
  EXPECT_EQ(Run("exit 0", {"-o", "junit"}).out.substr(0, 5), "<?xml");
}

TEST_F(RunCommand, ReportsInjectionsThatOneMessageDoesNotHold) {
  for (uint64_t id = 1; id <= 5; ++id) {
    v1::Injection injection;
    injection.set_id(id);
    if (id <= 2) *daemon.script.finished.front().add_injections() = injection;
    daemon.script.injections.push_back(injection);
  }
  daemon.script.finished.front().set_next_page_token("2");
  const Invoked invoked = Run("exit 0", {"-o", "json"});
  const boost::json::value report = boost::json::parse(invoked.out);
  std::vector<std::string> ids;
  for (const auto& injection : report.at("runs").at(0).at("injections").as_array())
    ids.emplace_back(injection.at("id").as_string());
  EXPECT_EQ(ids, (std::vector<std::string>{"1", "2", "3", "4", "5"})) << invoked.out;
}

TEST_F(RunCommand, QuietPrintsTheVerdictOnly) {
  const Invoked invoked = Run("exit 0", {"--quiet"});
  EXPECT_EQ(invoked.out, "PASS\n");
  EXPECT_EQ(invoked.errors, "");
}

// Makes a file when `word` has been written.
class Touching : public std::stringbuf {
 public:
  Touching(std::string word, std::string path) : word_(std::move(word)), path_(std::move(path)) {}

 protected:
  int sync() override {
    if (str().find(word_) != std::string::npos) std::ofstream touched(path_);
    return 0;
  }

 private:
  std::string word_;
  std::string path_;
};

TEST_F(RunCommand, DeliveredFaultsAreToldOnceAndAsTheyHappen) {
  v1::Event event;
  event.mutable_injection()->set_id(1);
  event.mutable_injection()->set_fault("hang");
  event.mutable_injection()->set_target("primary");
  event.mutable_injection()->set_address("*/llm:x/y#2@1");
  event.mutable_injection()->set_state(v1::INJECTION_STATE_DELIVERED);
  v1::Event last = event;
  last.mutable_injection()->set_id(2);
  last.mutable_injection()->set_fault("reset");
  daemon.script.events = {event, event, last};
  Touching buffer("reset delivered", Path("told"));
  std::ostream errors(&buffer);
  std::ostringstream out;
  const cli::Environment environment = {{"PATH", getenv("PATH")}};
  // The agent lives until the last line has been written.
  const std::string agent = "until [ -e " + Path("told") + " ]; do sleep 0.02; done";
  cli::RunMurphy({"run", "--daemon", daemon.unix_address(), "--fault", "hang", "--timeout", "20s",
                  "--", "sh", "-c", agent},
                 {.environment = environment, .out = out, .errors = errors});
  const std::string told = buffer.str();
  const size_t first = told.find("hang delivered to primary #2@1");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(told.find("hang delivered", first + 1), std::string::npos);
}

TEST_F(RunCommand, UsageMistakesAreExitCodeTwo) {
  const std::string at = daemon.unix_address();
  const std::vector<std::vector<std::string>> table = {
      {"run", "--daemon", at},
      {"run", "--daemon", at, "--fault", "hang", "--"},
      {"run", "--daemon", at, "/nonexistent.toml", "--", "true"},
      {"run", "--daemon", at, "/tmp", "--", "true"},
      {"run", "--daemon", at, "--fault", "hang", "--timeout", "90", "--", "true"},
      {"run", "--daemon", at, "--fault", "hang", "--route", "x", "--", "true"},
      {"run", "--daemon", at, "--fault", "hang", "--route", "X=http://a", "--", "true"},
      {"run", "--daemon", at, "--fault", "hang", "--route", "x=ftp://a", "--", "true"},
      {"run", "--daemon", at, "--fault", "hang", "--runs", "0", "--", "true"},
      {"run", "--daemon", at, "--fault", "hang", "-o", "yaml", "--", "true"},
      {"run", "--daemon", at, "--fault", "hang", "--", "/nonexistent/agent"},
      {"run", "--daemon", "nowhere", "--", "true"},
      {"nonsense"},
      {}};
  for (const auto& arguments : table) {
    const Invoked invoked = Murphy(arguments);
    EXPECT_EQ(invoked.code, 2) << fmt::format("{}", arguments.empty() ? "" : arguments.back());
    EXPECT_NE(invoked.errors, "");
  }
}

TEST_F(RunCommand, AgentThatCannotStartLeavesNoRunOpen) {
  const Invoked invoked = Murphy(
      {"run", "--daemon", daemon.unix_address(), "--fault", "hang", "--", "/nonexistent/agent"});
  EXPECT_NE(invoked.errors.find("/nonexistent/agent cannot be run: No such file"),
            std::string::npos);
  ASSERT_EQ(daemon.asked().finishes.size(), 1u);
  EXPECT_TRUE(daemon.asked().finishes[0].interrupted());
}

}  // namespace
}  // namespace murphy::test
