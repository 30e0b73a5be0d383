// SPDX-License-Identifier: Apache-2.0
// What a scenario file says of how it is run, against a scripted daemon.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "boost/json.hpp"
#include "fmt/format.h"
#include "tests/murphy/fake_daemon.h"

namespace murphy::test {
namespace {

class RunFile : public testing::Test {
 protected:
  RunFile() {
    daemon.script.created.mutable_experiment()->set_id("E1");
    daemon.script.created.mutable_experiment()->set_seed(7);
    daemon.script.created.mutable_experiment()->mutable_scenario()->set_name("example");
    daemon.script.conclusion.set_verdict(v1::VERDICT_CLASS_PASS);
    daemon.script.conclusion.set_delivered(1);
    daemon.script.conclusion.set_runs(4);
    daemon.script.conclusion.set_violations(1);
    daemon.script.read.set_name("example");
    v1::FinishRunResponse finished;
    finished.mutable_run()->mutable_outcome()->set_outcome_class(v1::OUTCOME_CLASS_RECOVERED);
    daemon.script.finished = {finished};
    std::ofstream(Path("s.toml")) << "include = [\"common.toml\"]\n";
  }

  v1::RunSettings& settings() { return *daemon.script.read.mutable_run(); }
  void Command(const std::string& shell) {
    for (const char* word : {"sh", "-c"}) settings().add_command(word);
    settings().add_command(shell);
  }
  void Cell(std::vector<std::pair<std::string, std::string>> values, uint64_t seed) {
    v1::Cell& cell = *daemon.script.read.add_cells();
    cell.set_seed(seed);
    for (const auto& [name, value] : values) {
      cell.add_values()->set_param(name);
      cell.mutable_values(cell.values_size() - 1)->set_value(value);
    }
  }

  Invoked Run(std::vector<std::string> options = {}, std::vector<std::string> command = {}) {
    std::vector<std::string> arguments = {"run", Path("s.toml"), "--daemon", daemon.unix_address()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    if (!command.empty()) arguments.push_back("--");
    arguments.insert(arguments.end(), command.begin(), command.end());
    return Murphy(arguments);
  }

  std::string Path(const std::string& name) { return (daemon.directory() / name).string(); }
  std::string Written(const std::string& name) {
    std::ifstream file(Path(name));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  FakeDaemon daemon;
};

TEST_F(RunFile, NeedsNothingElse) {
  Command("echo $MURPHY_ROUTE_PAY $GREETING > " + Path("out"));
  settings().set_runs(2);
  settings().set_baseline(0);
  settings().add_arms("treatment");
  settings().add_arms("shadow");
  (*settings().mutable_routes())["pay"] = "http://127.0.0.1:9000";
  (*settings().mutable_env())["GREETING"] = "hello";
  settings().mutable_timeout()->set_seconds(30);
  const Invoked invoked = Run();
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  const Asked asked = daemon.asked();
  ASSERT_EQ(asked.starts.size(), 4u);
  EXPECT_EQ(asked.starts[1].arm(), v1::ARM_SHADOW);
  EXPECT_EQ(asked.starts[0].routes().at("pay"), "http://127.0.0.1:9000");
  const v1::Invocation& kept = asked.creates.at(0).invocation();
  EXPECT_EQ(kept.runs(), 2u);
  EXPECT_EQ(kept.timeout().seconds(), 30);
  EXPECT_EQ(kept.env().at("GREETING"), "[redacted]");
  const std::string logs = Written("out");
  EXPECT_NE(logs.find("/pay hello"), std::string::npos) << logs;
  EXPECT_NE(invoked.out.find("--arms treatment --seed 7 --runs 1 --run-index 0 --baseline 0\n"),
            std::string::npos)
      << invoked.out;
}

TEST_F(RunFile, TheCommandLineWins) {
  Command("exit 9");
  settings().set_runs(5);
  settings().set_parallel(4);
  settings().set_stop_early(true);
  settings().set_check("exit 1");
  (*settings().mutable_env())["A"] = "file";
  (*settings().mutable_env())["B"] = "file";
  (*settings().mutable_routes())["pay"] = "http://127.0.0.1:9000";
  const Invoked invoked =
      Run({"--runs", "1", "--baseline", "0", "--no-stop-early", "--check", "exit 0", "--env",
           "A=said", "--route", "pay=http://127.0.0.1:9001", "--parallel", "1", "--timeout", "5s"},
          {"sh", "-c", "echo $A $B > " + Path("out")});
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  const Asked asked = daemon.asked();
  ASSERT_EQ(asked.starts.size(), 1u);
  EXPECT_EQ(asked.starts[0].routes().at("pay"), "http://127.0.0.1:9001");
  EXPECT_EQ(Written("out"), "said file\n");
  EXPECT_EQ(asked.creates.at(0).invocation().check(), "exit 0");
  EXPECT_FALSE(asked.creates.at(0).invocation().stop_early());
  EXPECT_EQ(asked.creates.at(0).invocation().timeout().seconds(), 5);
  EXPECT_EQ(asked.reports.at(0).report().task(), v1::TASK_STATE_CORRECT);
}

TEST_F(RunFile, AFileWithoutACommandNeedsOne) {
  const Invoked invoked = Run();
  EXPECT_EQ(invoked.code, 2);
  EXPECT_NE(invoked.errors.find("`command` in [run]"), std::string::npos);
  EXPECT_TRUE(daemon.asked().creates.empty());
}

TEST_F(RunFile, ParametersGoToTheDaemonAndIntoTheReplayLine) {
  Command("exit 0");
  const Invoked invoked = Run({"--set", "model=o3", "--set", "n=2"});
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  EXPECT_EQ(daemon.asked().creates.at(0).source().params().at("model"), "o3");
  EXPECT_EQ(daemon.asked().creates.at(0).invocation().params().at("n"), "2");
  EXPECT_NE(invoked.out.find("s.toml --set model=o3 --set n=2 --seed 7"), std::string::npos)
      << invoked.out;
  EXPECT_EQ(Run({"--set", "model"}).errors, "--set model: write NAME=VALUE.\n");
  EXPECT_EQ(Run({"--set", "a=1", "--set", "a=2"}).errors, "--set names a twice.\n");
}

TEST_F(RunFile, ReadsWhatTheFileIncludes) {
  Command("exit 0");
  std::ofstream(Path("common.toml")) << "[guard]\n";
  v1::WantedFile& wanted = *daemon.script.wanting.emplace_back().add_wanted();
  wanted.set_by(Path("s.toml"));
  wanted.set_written("common.toml");
  wanted.set_name(Path("common.toml"));
  wanted.set_place("s.toml:1:12");
  EXPECT_EQ(Run().code, 0);
  ASSERT_EQ(daemon.asked().creates.size(), 1u);
  ASSERT_EQ(daemon.asked().creates[0].source().included_size(), 1);
  EXPECT_EQ(daemon.asked().creates[0].source().included(0).name(), Path("common.toml"));
  EXPECT_EQ(daemon.asked().creates[0].source().included(0).text(), "[guard]\n");
}

TEST_F(RunFile, AMissingFileIsNamedWithTheLineThatWantsIt) {
  v1::WantedFile& wanted = *daemon.script.wanting.emplace_back().add_wanted();
  wanted.set_by(Path("s.toml"));
  wanted.set_written("common.toml");
  wanted.set_name(Path("common.toml"));
  wanted.set_place("s.toml:1:12");
  const Invoked invoked = Run();
  EXPECT_EQ(invoked.code, 2);
  EXPECT_EQ(invoked.errors,
            fmt::format("s.toml:1:12: `include` names {}, which cannot be read (it is missing, a "
                        "folder, or larger than 4 MiB).\n",
                        Path("common.toml")));
}

TEST_F(RunFile, NoDaemonGetsAFileThatTheScenarioDoesNotName) {
  for (const char* name : {"secret.toml", "/etc/passwd"}) {
    daemon.script.wanting.clear();
    v1::WantedFile& wanted = *daemon.script.wanting.emplace_back().add_wanted();
    wanted.set_by(Path("s.toml"));
    wanted.set_written(name);
    wanted.set_name(Path(name));
    FakeDaemon other;
    other.script = daemon.script;
    const Invoked invoked =
        Murphy({"run", Path("s.toml"), "--daemon", other.unix_address(), "--", "true"});
    EXPECT_EQ(invoked.code, 2);
    EXPECT_NE(invoked.errors.find("which is not named there"), std::string::npos);
    EXPECT_EQ(other.asked().reads.size(), 1u) << "nothing was sent";
  }
}

TEST_F(RunFile, AMatrixIsOneExperimentPerCell) {
  Command("exit 0");
  Cell({{"model", "a"}, {"n", "1"}}, 11);
  Cell({{"model", "b"}, {"n", "1"}}, 12);
  const Invoked invoked = Run();
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  const Asked asked = daemon.asked();
  EXPECT_EQ(asked.validations.size(), 2u) << "all are checked before one is run";
  ASSERT_EQ(asked.creates.size(), 2u);
  EXPECT_EQ(asked.creates[1].source().params().at("model"), "b");
  EXPECT_EQ(asked.creates[1].seed(), 12u);
  EXPECT_EQ(asked.experiments_finished, 2);
  EXPECT_EQ(invoked.out,
            "example  2 of 2 cells\n\n"
            "  model  n  runs  violations  rate (95 %)       verdict  delivered  experiment\n"
            "  a      1  4     1           25 % (5 to 70 %)  PASS     1          E1\n"
            "  b      1  4     1           25 % (5 to 70 %)  PASS     1          E1\n\n");
}

TEST_F(RunFile, AMatrixEndsWithItsWorstCellInEveryFormat) {
  Command("exit 0");
  Cell({{"model", "a"}}, 11);
  Cell({{"model", "b"}}, 12);
  daemon.script.conclusion.set_verdict(v1::VERDICT_CLASS_FAIL);
  const Invoked text = Run();
  EXPECT_EQ(text.code, 4);
  EXPECT_NE(text.out.find("s.toml --set model=b --seed 7"), std::string::npos) << text.out;
  const Invoked json = Run({"-o", "json"});
  EXPECT_EQ(json.code, 4);
  const auto object = boost::json::parse(json.out).as_object();
  EXPECT_EQ(object.at("schema").as_string(), "murphy.matrix/v1");
  EXPECT_EQ(object.at("exit_code").as_int64(), 4);
  const auto& cell = object.at("cells").as_array().at(1).as_object();
  EXPECT_EQ(cell.at("params").as_object().at("model").as_string(), "b");
  EXPECT_EQ(cell.at("violations").as_int64(), 1);
  EXPECT_NEAR(cell.at("low").as_double(), 0.0456, 1e-3);
  EXPECT_NEAR(cell.at("high").as_double(), 0.6994, 1e-3);
  const Invoked junit = Run({"-o", "junit"});
  EXPECT_EQ(junit.code, 4);
  EXPECT_NE(junit.out.find("<testsuite name=\"example [model=a] conclusion\""), std::string::npos);
  EXPECT_NE(junit.out.find("<testsuite name=\"example [model=b] conclusion\""), std::string::npos);
  const Invoked lines = Run({"-o", "jsonl"});
  EXPECT_NE(lines.out.find("\"event\":\"matrix_finished\""), std::string::npos);
}

TEST_F(RunFile, AnInterruptEndsAMatrixAndReportsWhatIsDone) {
  Command(fmt::format("test -e {0} && kill -INT $PPID && sleep 5; touch {0}", Path("once")));
  Cell({{"model", "a"}}, 11);
  Cell({{"model", "b"}}, 12);
  Cell({{"model", "c"}}, 13);
  const Invoked invoked = Run();
  EXPECT_EQ(invoked.code, 6);
  EXPECT_EQ(daemon.asked().creates.size(), 2u) << "the third cell is not begun";
  EXPECT_NE(invoked.out.find("example  2 of 3 cells, interrupted"), std::string::npos)
      << invoked.out;
  EXPECT_NE(invoked.out.find("not run"), std::string::npos);
}

TEST_F(RunFile, AMistakeOfALaterCellStopsTheFirst) {
  Command("touch " + Path("ran"));
  Cell({{"model", "a"}}, 11);
  daemon.script.create_status = BadRequest({{"s.toml:4:9", "not a duration"}});
  const Invoked invoked = Run();
  EXPECT_EQ(invoked.code, 2);
  EXPECT_EQ(invoked.errors, "The cell model=a:\ns.toml:4:9: not a duration\n");
  EXPECT_FALSE(std::filesystem::exists(Path("ran")));
}

TEST_F(RunFile, PlanTakesParametersAndPlaysAgainstARun) {
  v1::RehearsedRule& rule = *daemon.script.rehearsed.add_rules();
  rule.set_rule("first");
  v1::RehearsedInjection& injection = *rule.add_injections();
  injection.set_exchange(3);
  injection.set_called("shop.pay");
  injection.set_operation(2);
  injection.set_attempt(1);
  injection.set_fault("status");
  injection.set_state(v1::INJECTION_STATE_WOULD_FIRE);
  v1::RehearsedStop& stop = *rule.add_stops();
  stop.set_step("target");
  stop.set_exchanges(4);
  stop.set_first(1);
  daemon.script.rehearsed.add_rules()->set_rule("second");
  daemon.script.rehearsed.add_unknown("What the agent does then.");
  daemon.script.rehearsed.set_run("R1");
  daemon.script.rehearsed.set_exchanges(5);
  daemon.script.rehearsed.set_seed(7);
  const Invoked invoked = Murphy({"plan", Path("s.toml"), "--daemon", daemon.unix_address(), "--set",
                                  "n=1", "--against", "R1", "--run-index", "2"});
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  ASSERT_EQ(daemon.asked().rehearsals.size(), 1u);
  EXPECT_EQ(daemon.asked().rehearsals[0].run(), "R1");
  EXPECT_EQ(daemon.asked().rehearsals[0].run_index(), 2u);
  EXPECT_EQ(daemon.asked().rehearsals[0].source().params().at("n"), "1");
  EXPECT_EQ(invoked.out,
            "against run R1: 5 calls, seed 7\n\n"
            "  first\n"
            "    #3  shop.pay  operation 2, attempt 1  status  would fire\n"
            "    4 calls stopped at `target`  from #1\n\n"
            "  second  would never fire\n\n"
            "not known: What the agent does then.\n");
}

}  // namespace
}  // namespace murphy::test
