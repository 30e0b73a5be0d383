// SPDX-License-Identifier: Apache-2.0
// The commands around `run`.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "boost/json.hpp"
#include "fmt/format.h"
#include "tests/murphy/fake_daemon.h"

namespace murphy::test {
namespace {

class Command : public testing::Test {
 protected:
  Invoked Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--daemon", daemon.unix_address()});
    return Murphy(arguments);
  }

  FakeDaemon daemon;
};

TEST_F(Command, InjectArmsTheFaultWithItsTarget) {
  const Invoked invoked = Run(
      {"inject", "rate_limit,first=2", "--target", "model:gpt-*", "--ttl", "90s", "--run", "R"});
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  const v1::ArmFaultRequest request = daemon.asked().arms.at(0);
  EXPECT_EQ(request.fault(), "rate_limit,first=2,target=model:gpt-*");
  EXPECT_EQ(request.ttl().seconds(), 90);
  EXPECT_EQ(request.run(), "R");
  EXPECT_NE(invoked.out.find("murphy fault disarm fault-1"), std::string::npos);
}

TEST_F(Command, InjectQuotesATargetThatIsNoBareWord) {
  Run({"inject", "hang", "--target", "tool:a,b \"c\""});
  EXPECT_EQ(daemon.asked().arms.at(0).fault(), R"(hang,target="tool:a,b \"c\"")");
  EXPECT_EQ(daemon.asked().arms.at(0).ttl().seconds(), 60);
}

TEST_F(Command, FaultListsShowsAndDisarms) {
  EXPECT_EQ(Run({"fault"}).out, "No one-off faults are armed.\n");
  daemon.script.armed.resize(2);
  daemon.script.armed[0].set_id("a");
  daemon.script.armed[0].set_fault("hang");
  daemon.script.armed[1].set_id("b");
  EXPECT_NE(Run({"fault", "list"}).out.find("hang"), std::string::npos);
  const auto shown = boost::json::parse(Run({"fault", "show", "b", "-o", "json"}).out);
  EXPECT_EQ(shown.at("schema").as_string(), "murphy.armed_faults/v1");
  EXPECT_EQ(shown.at("faults").as_array().size(), 1u);
  EXPECT_EQ(Run({"fault", "show", "c"}).code, 2);
  EXPECT_EQ(Run({"fault", "disarm", "a"}).code, 0);
  EXPECT_EQ(daemon.asked().disarms.at(0).id(), "a");
}

TEST_F(Command, HaltAndResumeCarryTheirReasons) {
  EXPECT_EQ(Run({"halt", "pager went off"}).code, 0);
  EXPECT_EQ(daemon.asked().halts.at(0).reason(), "pager went off");
  EXPECT_EQ(Run({"halt"}).code, 0);
  EXPECT_EQ(Run({"resume"}).code, 2);
  EXPECT_EQ(Run({"resume", "fixed"}).code, 0);
  EXPECT_EQ(daemon.asked().resumes.at(0).reason(), "fixed");
}

TEST_F(Command, StatusSaysThatItIsHalted) {
  daemon.script.status.mutable_halt()->set_halted(true);
  daemon.script.status.mutable_halt()->set_reason("pager");
  EXPECT_NE(Run({"status"}).out.find("HALTED"), std::string::npos);
  const auto status = boost::json::parse(Run({"status", "-o", "json"}).out);
  EXPECT_EQ(status.at("schema").as_string(), "murphy.status/v1");
  EXPECT_TRUE(status.at("halt").at("halted").as_bool());
}

TEST_F(Command, ExplainListsTheCatalogueAndDescribesOneFault) {
  v1::FaultDescription* fault = daemon.script.catalogue.add_faults();
  fault->set_name("hang");
  fault->mutable_info()->set_summary("Never answered.");
  fault->mutable_info()->set_layer(v1::LAYER_TRANSPORT);
  v1::ParameterDescription* parameter = fault->add_parameters();
  parameter->set_name("duration");
  parameter->set_type("duration");
  parameter->mutable_info()->set_default_value("10m");
  EXPECT_EQ(Run({"explain"}).out,
            "fault  layer      what happens\nhang   transport  Never answered.\n");
  EXPECT_NE(Run({"explain", "hang"}).out.find("duration  duration  default 10m"),
            std::string::npos);
  EXPECT_EQ(daemon.asked().describes.back().name(), "hang");
  daemon.script.describe_status = {grpc::StatusCode::NOT_FOUND,
                                   "No fault is called `hnag`; the nearest is `hang`."};
  const Invoked invoked = Run({"explain", "hnag"});
  EXPECT_EQ(invoked.code, 2);
  EXPECT_EQ(invoked.errors, "No fault is called `hnag`; the nearest is `hang`.\n");
}

TEST_F(Command, FaultMayBeCalledAsACommandIs) {
  EXPECT_EQ(Run({"explain", "status"}).code, 0);
  EXPECT_EQ(daemon.asked().describes.at(0).name(), "status");
  EXPECT_EQ(Run({"inject", "status"}).code, 0);
  EXPECT_EQ(daemon.asked().arms.at(0).fault(), "status");
}

TEST_F(Command, PlanOnlyValidates) {
  v1::PlanSummary* plan = daemon.script.created.mutable_plan();
  plan->add_rules("rule-1: rate_limit on every call");
  plan->add_recent_matches(12);
  plan->add_timing_dependencies("Phase `a` ends by time.");
  plan->add_warnings("No expectation is stated.");
  const Invoked invoked = Run({"plan", "--fault", "rate_limit"});
  EXPECT_EQ(invoked.code, 0) << invoked.errors;
  EXPECT_TRUE(daemon.asked().validations.at(0).validate_only());
  EXPECT_TRUE(daemon.asked().starts.empty());
  EXPECT_EQ(invoked.out,
            "  rule                              matches in the last hour\n"
            "  rule-1: rate_limit on every call  12\n"
            "timing-dependent\n"
            "  Phase `a` ends by time.\n"
            "warning: No expectation is stated.\n");
  plan->set_reproducible(true);
  EXPECT_NE(Run({"plan", "--fault", "rate_limit"}).out.find("reproducible"), std::string::npos);
  EXPECT_EQ(Run({"plan"}).code, 2);
}

TEST_F(Command, JournalReadsEveryPage) {
  daemon.script.exchanges.resize(5);
  for (int i = 0; i < 5; ++i) daemon.script.exchanges[i].set_sequence(i + 1);
  const auto listed = boost::json::parse(Run({"journal", "exchanges", "R", "-o", "json"}).out);
  EXPECT_EQ(listed.at("exchanges").as_array().size(), 5u);
  const Invoked lines = Run({"journal", "exchanges", "R", "-o", "jsonl"});
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 5);
  EXPECT_EQ(Run({"journal"}).code, 2);
}

TEST_F(Command, JournalListsAsManyAsAreAskedFor) {
  daemon.script.exchanges.resize(5);
  const Invoked lines = Run({"journal", "exchanges", "R", "--limit", "3", "-o", "jsonl"});
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 3);
  const Invoked wrong = Run({"journal", "exchanges", "R", "--since", "yesterday"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.errors.find("`--since yesterday` is neither"), std::string::npos);
  EXPECT_EQ(Run({"journal", "exchanges", "R", "--since", "10m"}).code, 0);
}

TEST_F(Command, JournalSaysWhatAlteredAnAnswer) {
  daemon.script.exchanges.resize(1);
  v1::Exchange& exchange = daemon.script.exchanges[0];
  exchange.set_status(200);
  exchange.set_origin(v1::ORIGIN_UPSTREAM);
  exchange.add_altered_by("wrong_value");
  exchange.add_altered_by("rate_limit");
  EXPECT_NE(
      Run({"journal", "exchanges", "R"}).out.find("upstream, altered by wrong_value, rate_limit"),
      std::string::npos);
}

TEST_F(Command, JournalSaysWhatCannotBeRead) {
  daemon.script.damaged = {7, 9};
  const Invoked invoked = Run({"journal", "exchanges", "R"});
  EXPECT_EQ(invoked.code, 0);
  EXPECT_NE(invoked.errors.find("2 records of the journal cannot be read and are left out: "
                                "revision 7, 9."),
            std::string::npos)
      << invoked.errors;
}

TEST_F(Command, JournalExportsOneEventPerLine) {
  daemon.script.exchanges.resize(3);
  daemon.script.injections.resize(2);
  std::istringstream lines(Run({"journal", "export", "R"}).out);
  std::vector<std::string> kinds;
  for (std::string line; std::getline(lines, line);) {
    const boost::json::value event = boost::json::parse(line);
    EXPECT_EQ(event.at("schema").as_string(), "murphy.journal/v1");
    kinds.emplace_back(std::next(event.as_object().begin())->key());
  }
  EXPECT_EQ(kinds, (std::vector<std::string>{"run", "exchange", "exchange", "exchange", "injection",
                                             "injection"}));
}

TEST_F(Command, WatchPrintsEventsUntilTheStreamEnds) {
  daemon.script.events.resize(2);
  daemon.script.events[0].set_synced(true);
  daemon.script.events[1].mutable_exchange()->set_run("R");
  daemon.script.events[1].mutable_exchange()->set_method("POST");
  daemon.script.events[1].mutable_exchange()->set_path("/v1/\x1b[2J");
  daemon.script.events[1].mutable_exchange()->set_status(429);
  const Invoked invoked = Run({"watch"});
  EXPECT_EQ(invoked.code, 0);
  EXPECT_EQ(invoked.out, "R  exchange  POST /v1/?[2J  429  0.0s\n");
  std::istringstream lines(Run({"watch", "-o", "jsonl"}).out);
  std::string first;
  std::getline(lines, first);
  EXPECT_TRUE(boost::json::parse(first).at("synced").as_bool());
}

TEST_F(Command, RunsAndExperimentsAreListed) {
  daemon.script.finished.resize(1);
  daemon.script.finished[0].mutable_run()->set_id("R7");
  daemon.script.created.mutable_experiment()->set_id("E7");
  EXPECT_NE(Run({"run", "list"}).out.find("R7"), std::string::npos);
  EXPECT_NE(Run({"run", "show", "R7"}).out.find("R7"), std::string::npos);
  EXPECT_NE(Run({"experiment"}).out.find("E7"), std::string::npos);
  EXPECT_NE(Run({"experiment", "show", "E7"}).out.find("R7"), std::string::npos);
  EXPECT_EQ(boost::json::parse(Run({"run", "list", "-o", "json"}).out).at("schema").as_string(),
            "murphy.runs/v1");
  EXPECT_EQ(Run({"run", "list", "-o", "junit"}).code, 2);
}

TEST(CommandLine, VersionAndHelpNeedNoDaemon) {
  EXPECT_EQ(Murphy({"--version"}).out.substr(0, 7), "murphy ");
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"--help"}, {"run", "--help"}, {"fault", "disarm", "--help"}}) {
    const Invoked invoked = Murphy(arguments);
    EXPECT_EQ(invoked.code, 0);
    EXPECT_NE(invoked.out.find("Usage: "), std::string::npos);
  }
  EXPECT_NE(Murphy({"run", "--help"}).out.find("-- CMD"), std::string::npos);
}

// Loads the script in bash and asks it to complete `words`; the last one is being typed.
std::string Complete(const std::string& script, const std::string& words) {
  char path[] = "/tmp/murphy-completion-XXXXXX";
  close(mkstemp(path));
  std::ofstream(path) << script;
  const std::string command = fmt::format(
      "bash -c 'source {}; COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _murphy; echo "
      "${{COMPREPLY[@]}}'",
      path, words);
  FILE* shell = popen(command.c_str(), "r");
  std::string text;
  char buffer[4096];
  while (const size_t bytes = fread(buffer, 1, sizeof buffer, shell)) text.append(buffer, bytes);
  pclose(shell);
  unlink(path);
  return text;
}

TEST(Completion, BashCompletesCommandsOptionsAndFaults) {
  const std::string script = Murphy({"completion", "bash"}).out;
  EXPECT_EQ(Complete(script, "murphy ex"), "explain expectations experiment\n");
  EXPECT_EQ(Complete(script, "murphy run --see"), "--seed\n");
  EXPECT_EQ(Complete(script, "murphy run --fault rate_"), "rate_limit\n");
  EXPECT_EQ(Complete(script, "murphy explain han"), "hang\n");
  EXPECT_EQ(Complete(script, "murphy fault dis"), "disarm\n");
}

TEST(Completion, EveryShellKnowsEveryCommand) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = Murphy({"completion", shell}).out;
    for (const char* word : {"run", "journal", "exchanges", "disarm", "prompt_injection", "seed"}) {
      EXPECT_NE(script.find(word), std::string::npos) << shell << " " << word;
    }
  }
  EXPECT_EQ(Murphy({"completion", "tcsh"}).code, 2);
}

}  // namespace
}  // namespace murphy::test
