// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/draft.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/murphy/fake_daemon.h"

namespace murphy::cli {
namespace {

v1::Exchange Call(uint64_t sequence, v1::TargetKind kind, const std::string& name,
                  const std::string& method = "POST") {
  v1::Exchange exchange;
  exchange.set_sequence(sequence);
  exchange.set_kind(kind);
  exchange.set_name(name);
  exchange.set_method(method);
  return exchange;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Draft, NamesWhatTheRunHasCalled) {
  DraftSubject subject{.name = "mine", .run = "R1"};
  subject.exchanges = {Call(1, v1::TARGET_KIND_MODEL, "gpt-4o"), Call(2, v1::TARGET_KIND_MODEL, "gpt-4o"),
                       Call(3, v1::TARGET_KIND_HTTP, "payments.charges.{id}"),
                       Call(4, v1::TARGET_KIND_TOOL, "search.find", "GET"),
                       Call(5, v1::TARGET_KIND_MCP, "tools/list")};
  const std::string text = DraftScenario(subject);
  EXPECT_TRUE(Has(text, "name    = \"mine\"\n")) << text;
  EXPECT_TRUE(Has(text, "# 2 calls\n[target.gpt-4o]\nkind = \"model\"\nmodel = \"gpt-4o\"\n")) << text;
  EXPECT_TRUE(Has(text, "[target.payments-charges-id]\nkind = \"http\"\nname = "
                        "\"payments.charges.{id}\"\n# Does it change something?"))
      << text;
  EXPECT_TRUE(Has(text, "[target.search-find]\nkind = \"tool\"\nname = \"search.find\"\n\n"))
      << "a GET is no candidate";
  EXPECT_FALSE(Has(text, "tools/list"));
  EXPECT_TRUE(Has(text, "id     = \"gpt-4o-fails\"\ntarget = \"gpt-4o\"\n")) << text;
}

TEST(Draft, MarksWhatWasSeenTwiceByTheHints) {
  DraftSubject subject{.name = "mine", .run = "R1", .hinted = {2}};
  subject.exchanges = {Call(1, v1::TARGET_KIND_TOOL, "a"), Call(2, v1::TARGET_KIND_TOOL, "b")};
  const std::string text = DraftScenario(subject);
  EXPECT_TRUE(Has(text, "name = \"b\"\n# It ran more than once with the same arguments")) << text;
}

TEST(Draft, NoNameOfACallCanBreakTheFile) {
  DraftSubject subject{.name = "mine", .run = "R1\n[run]"};
  subject.exchanges = {Call(1, v1::TARGET_KIND_TOOL, "x\"\n[[rule]]\nid = \"y${z}\\"),
                       Call(2, v1::TARGET_KIND_TOOL, "!!!"), Call(3, v1::TARGET_KIND_TOOL, "???")};
  const std::string text = DraftScenario(subject);
  EXPECT_TRUE(Has(text, R"(name = "x\"\u000A[[rule]]\u000Aid = \"y$${z}\\")")) << text;
  EXPECT_TRUE(Has(text, "[target.target]\n"));
  EXPECT_TRUE(Has(text, "[target.target-2]\n"));
  EXPECT_FALSE(Has(text, "\n[run]:")) << "a comment stays one line";
}

TEST(Draft, SaysHowTheAgentWasRunWhereThatIsKnown) {
  DraftSubject subject{.name = "mine", .run = "R1"};
  subject.exchanges = {Call(1, v1::TARGET_KIND_TOOL, "a")};
  subject.invocation.add_command("python");
  subject.invocation.add_command("agent.py");
  (*subject.invocation.mutable_routes())["pay"] = "http://127.0.0.1:9";
  EXPECT_TRUE(Has(DraftScenario(subject), "\ncommand = [\"python\", \"agent.py\"]\n"));
  EXPECT_TRUE(Has(DraftScenario(subject), "\nroutes  = { pay = \"http://127.0.0.1:9\" }\n"));
  subject.invocation.set_redacted(true);
  EXPECT_TRUE(Has(DraftScenario(subject), "\n# command = [")) << "half a command is none";
}

TEST(Draft, NamesAreMadeOfAnyText) {
  EXPECT_EQ(ScenarioName("My Scenario (2)"), "my-scenario-2");
  EXPECT_EQ(ScenarioName("___"), "scenario");
}

TEST(NewCommand, LeavesAFileThatIsThereAlone) {
  test::FakeDaemon daemon;
  const std::string file = (daemon.directory() / "mine.toml").string();
  EXPECT_EQ(test::Murphy({"new", file}).code, 0);
  const test::Invoked again = test::Murphy({"new", file});
  EXPECT_EQ(again.code, 2);
  EXPECT_EQ(again.errors, file + " is there already, and is left as it is: name another file.\n");
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  EXPECT_TRUE(Has(text.str(), "name    = \"mine\"\n"));
}

TEST(NewCommand, WritesNothingFromARunThatCalledNothing) {
  test::FakeDaemon daemon;
  const std::string file = (daemon.directory() / "mine.toml").string();
  const test::Invoked invoked =
      test::Murphy({"new", file, "--from", "R1", "--daemon", daemon.unix_address()});
  EXPECT_EQ(invoked.code, 2);
  EXPECT_TRUE(Has(invoked.errors, "The run R1 has called nothing"));
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace murphy::cli
