// SPDX-License-Identifier: Apache-2.0
// Which daemon is used: named, running, or started for the occasion.
#include "tools/murphy/daemon.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "tests/murphy/fake_daemon.h"
#include "tools/murphy/endpoints.h"

namespace murphy::test {
namespace {

namespace fs = std::filesystem;

class FindingTheDaemon : public testing::Test {
 protected:
  FindingTheDaemon() : state(daemon.directory() / "state") { fs::create_directories(state); }

  void WriteEndpoints(const std::string& text) { std::ofstream(state / "endpoints.json") << text; }

  // A program that stands for murphyd: runs `body`.
  std::string Program(const std::string& body) {
    const fs::path path = daemon.directory() / "murphyd";
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    chmod(path.c_str(), 0700);
    return path.string();
  }

  FakeDaemon daemon;
  fs::path state;
};

TEST_F(FindingTheDaemon, OptionBeatsVariable) {
  EXPECT_EQ(Murphy({"status", "--daemon", daemon.unix_address()},
                   {{"MURPHY_DAEMON", "unix:/nonexistent"}})
                .code,
            0);
  EXPECT_EQ(Murphy({"status"}, {{"MURPHY_DAEMON", daemon.unix_address()}}).code, 0);
}

TEST_F(FindingTheDaemon, NamedDaemonThatDoesNotAnswerIsNotReplaced) {
  const Invoked invoked =
      Murphy({"run", "--daemon", "unix:/nonexistent/s", "--fault", "hang", "--", "true"},
             {{"MURPHYD", Program("exit 0")}});
  EXPECT_EQ(invoked.code, 7);
  EXPECT_NE(invoked.errors.find("/nonexistent/s"), std::string::npos);
}

TEST_F(FindingTheDaemon, TokenIsSentOverTcpOnly) {
  std::ofstream(daemon.directory() / "token") << "s3cret\n";
  const std::string file = (daemon.directory() / "token").string();
  EXPECT_EQ(Murphy({"status", "--daemon", daemon.tcp_address(), "--token-file", file}).code, 0);
  EXPECT_EQ(daemon.asked().authorizations.back(), "Bearer s3cret");
  EXPECT_EQ(
      Murphy({"status", "--daemon", daemon.tcp_address()}, {{"MURPHY_TOKEN_FILE", file}}).code, 0);
  EXPECT_EQ(daemon.asked().authorizations.back(), "Bearer s3cret");
  EXPECT_EQ(Murphy({"status", "--daemon", daemon.unix_address(), "--token-file", file}).code, 0);
  EXPECT_EQ(daemon.asked().authorizations.back(), "");
  EXPECT_EQ(
      Murphy({"status", "--daemon", daemon.tcp_address(), "--token-file", "/nonexistent"}).code, 2);
}

TEST_F(FindingTheDaemon, RunningDaemonIsFoundByItsStateDirectory) {
  WriteEndpoints(daemon.EndpointsJson(getpid()));
  EXPECT_EQ(Murphy({"status", "--state-dir", state.string()}).code, 0);
  EXPECT_EQ(Murphy({"status"}, {{"MURPHY_STATE_DIR", state.string()}}).code, 0);
}

TEST_F(FindingTheDaemon, StaleEndpointsAreNotBelieved) {
  // No process has this id: it is above the kernel's limit.
  WriteEndpoints(daemon.EndpointsJson(2'000'000'000));
  EXPECT_EQ(Murphy({"status", "--state-dir", state.string()}).code, 7);
  WriteEndpoints("{\"schema\": \"murphy.endpoints/v2\"}");
  EXPECT_EQ(Murphy({"status", "--state-dir", state.string()}).code, 7);
  WriteEndpoints("garbage");
  EXPECT_EQ(Murphy({"status", "--state-dir", state.string()}).code, 7);
}

TEST_F(FindingTheDaemon, RunStartsADaemonOfItsOwn) {
  std::ofstream(daemon.directory() / "endpoints") << daemon.EndpointsJson(getpid());
  const std::string program = Program(fmt::format(
      "echo \"$@\" > {0}/arguments; cat {0}/endpoints; exec sleep 1", daemon.directory().string()));
  const Invoked invoked = Murphy({"run", "--state-dir", (state / "new").string(), "--", "true"},
                                 {{"MURPHYD", program}});
  EXPECT_EQ(invoked.code, 5) << invoked.errors;
  EXPECT_EQ(daemon.asked().starts.size(), 1u);
  const auto arguments = cli::ReadFile(daemon.directory() / "arguments", 4096);
  EXPECT_EQ(
      *arguments,
      fmt::format(
          "--on-demand --gateway 127.0.0.1:0 --control  --state-dir {} --print-endpoints json\n",
          (state / "new").string()));
  EXPECT_EQ(fs::status(state / "new").permissions(), fs::perms::owner_all);
}

TEST_F(FindingTheDaemon, RunReusesTheOneThatRuns) {
  WriteEndpoints(daemon.EndpointsJson(getpid()));
  const Invoked invoked =
      Murphy({"run", "--state-dir", state.string(), "--", "true"}, {{"MURPHYD", "/nonexistent"}});
  EXPECT_EQ(invoked.code, 5) << invoked.errors;
}

TEST_F(FindingTheDaemon, DaemonThatFailsToStartIsQuoted) {
  const std::string program = Program("echo 'port 7460 is held by process 12' >&2; exit 1");
  const Invoked invoked =
      Murphy({"run", "--state-dir", state.string(), "--", "true"}, {{"MURPHYD", program}});
  EXPECT_EQ(invoked.code, 7);
  EXPECT_NE(invoked.errors.find("port 7460 is held by process 12"), std::string::npos);
}

TEST_F(FindingTheDaemon, LoserOfARaceUsesTheWinner) {
  std::ofstream(daemon.directory() / "endpoints") << daemon.EndpointsJson(getpid());
  const std::string program = Program(fmt::format("cp {0}/endpoints {1}/endpoints.json; exit 1",
                                                  daemon.directory().string(), state.string()));
  EXPECT_EQ(
      Murphy({"run", "--state-dir", state.string(), "--", "true"}, {{"MURPHYD", program}}).code, 5);
}

TEST_F(FindingTheDaemon, HistoryIsReadThroughADaemonOfItsOwn) {
  std::ofstream(daemon.directory() / "endpoints") << daemon.EndpointsJson(getpid());
  const std::string program =
      Program(fmt::format("cat {}/endpoints; exec sleep 1", daemon.directory().string()));
  EXPECT_EQ(
      Murphy({"journal", "exchanges", "R", "--state-dir", state.string()}, {{"MURPHYD", program}})
          .code,
      0);
  EXPECT_EQ(Murphy({"run", "list", "--state-dir", state.string()}, {{"MURPHYD", program}}).code, 0);
}

TEST_F(FindingTheDaemon, CommandsThatActOnTrafficStartNothing) {
  const std::string program = Program(fmt::format("touch {}/started", daemon.directory().string()));
  EXPECT_EQ(Murphy({"inject", "hang", "--state-dir", state.string()}, {{"MURPHYD", program}}).code,
            7);
  EXPECT_FALSE(fs::exists(daemon.directory() / "started"));
}

TEST(StateDirectory, FollowsTheVariables) {
  EXPECT_EQ(
      cli::StateDirectory({{"MURPHY_STATE_DIR", "/a"}, {"XDG_STATE_HOME", "/b"}, {"HOME", "/c"}}),
      "/a");
  EXPECT_EQ(cli::StateDirectory({{"XDG_STATE_HOME", "/b"}, {"HOME", "/c"}}), "/b/murphy");
  EXPECT_EQ(cli::StateDirectory({{"HOME", "/c"}}), "/c/.local/state/murphy");
}

TEST(Endpoints, NeedAWayToTheControlApi) {
  EXPECT_FALSE(cli::ParseEndpoints(R"({"schema": "murphy.endpoints/v1", "pid": 1})"));
  EXPECT_FALSE(cli::ParseEndpoints(
      R"({"schema": "murphy.endpoints/v1", "pid": "x", "control": {"unix": "/s"}})"));
  const auto endpoints = cli::ParseEndpoints(
      R"({"schema": "murphy.endpoints/v1", "pid": 5, "control": {"tcp": "127.0.0.1:7461"}, "token_file": "/t"})");
  ASSERT_TRUE(endpoints);
  EXPECT_EQ(endpoints->control_tcp, "127.0.0.1:7461");
  EXPECT_EQ(endpoints->pid, 5);
}

}  // namespace
}  // namespace murphy::test
