// SPDX-License-Identifier: Apache-2.0
// How a probe is asked, and what is read from what comes.
#include <gtest/gtest.h>

#include <algorithm>

#include "fmt/format.h"
#include "google/protobuf/text_format.h"
#include "tools/murphy/captured.h"
#include "tools/murphy/probe.h"
#include "tools/murphy/probe_question.h"

namespace murphy::cli {
namespace {

v1::Probe Probe(const std::string& text) {
  v1::Probe probe;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &probe));
  return probe;
}

std::string Line(const Question& question) {
  std::string line;
  for (const std::string& word : question.command) line += word + "|";
  return line;
}

TEST(ProbeQuestion, KeepsSecretsOffTheCommandLine) {
  const Environment environment = {{"TOKEN", "s3cret-value"}, {"DB", "postgresql://me:pass-word@h/db?x=1"}};
  const Question http = QuestionOf(
      Probe(R"(http { url: "http://h/\"x" headers { key: "Authorization" value: "Bearer $TOKEN" } })"),
      environment);
  EXPECT_EQ(http.mistake, "");
  EXPECT_EQ(Line(http), "curl|-q|--config|-|");
  EXPECT_NE(http.input.find("header = \"Authorization: Bearer s3cret-value\""), std::string::npos);
  EXPECT_NE(http.input.find(R"(url = "http://h/\"x")"), std::string::npos) << http.input;
  const Question sql = QuestionOf(Probe("sql { database: '$DB' query: 'select 1' }"), environment);
  EXPECT_EQ(sql.mistake, "");
  EXPECT_EQ(sql.environment.at("PGPASSWORD"), "pass-word");
  EXPECT_EQ(Line(sql).find("pass-word"), std::string::npos);
  EXPECT_NE(Line(sql).find("|postgresql://me@h/db?x=1|"), std::string::npos) << Line(sql);
  for (const Question* question : {&http, &sql}) {
    EXPECT_EQ(Redacted("s3cret-value and pass-word", question->secrets),
              question == &http ? "[redacted] and pass-word" : "[redacted] and [redacted]");
  }
}

TEST(ProbeQuestion, PutsVariablesInTheirPlaces) {
  const Environment environment = {{"HOST", "h:1"}, {"LONG", "never"}};
  const Question question =
      QuestionOf(Probe("http { url: 'http://$HOST/$$a?b=$1' }"), environment);
  EXPECT_NE(question.input.find("url = \"http://h:1/$a?b=$1\""), std::string::npos) << question.input;
  EXPECT_EQ(QuestionOf(Probe("http { url: '$NONE' }"), environment).mistake,
            "there is no variable NONE in the environment");
  // A scenario that comes back from the daemon has lost them.
  EXPECT_NE(QuestionOf(Probe("http { url: 'http://a:[redacted]@h' }"), environment).mistake, "");
}

TEST(ProbeQuestion, TakesNoOptionFromAFileOrAQuery) {
  const Question question =
      QuestionOf(Probe("sql { database: 'sqlite:-x' query: '-cmd .shell' }"), {});
  EXPECT_NE(Line(question).find("|./-x| -cmd .shell|"), std::string::npos) << Line(question);
}

TEST(ProbeAnswer, IsTheBodyOfWhatWentWell) {
  const v1::Probe probe = Probe("http { url: 'http://h' }");
  EXPECT_EQ(AnswerIn(probe, " two\nlines \n200").text, "two\nlines");
  EXPECT_EQ(AnswerIn(probe, "\n204").text, "");
  EXPECT_EQ(AnswerIn(probe, "gone\n404").mistake, "the status is 404");
  EXPECT_EQ(AnswerIn(probe, "").mistake, "the status is ");
}

TEST(ProbeAnswer, IsAPlaceInADocument) {
  const v1::Probe probe = Probe("command: 'x' pointer: '/a/1'");
  EXPECT_EQ(AnswerIn(probe, R"({"a": [1, "two"]})").text, "two");
  EXPECT_EQ(AnswerIn(probe, R"({"a": [1, {"b": null}]})").text, R"({"b":null})");
  EXPECT_EQ(AnswerIn(probe, "{}").mistake, "the answer has nothing at /a/1");
  EXPECT_EQ(AnswerIn(probe, "no").mistake, "the answer is no JSON");
}

TEST(ProbeAnswer, OfPrometheusIsOneNumber) {
  const v1::Probe probe = Probe("prometheus { url: 'http://h' query: 'up' }");
  const auto answer = [&](const std::string& data) {
    return AnswerIn(probe, R"({"status":"success","data":)" + data + "}\n200");
  };
  EXPECT_EQ(answer(R"({"resultType":"vector","result":[{"metric":{},"value":[1,"7.5"]}]})").text, "7.5");
  EXPECT_EQ(answer(R"({"resultType":"scalar","result":[1,"3"]})").text, "3");
  EXPECT_EQ(answer(R"({"resultType":"vector","result":[]})").mistake, "the query comes to nothing");
  EXPECT_EQ(answer(R"({"resultType":"matrix","result":[{"metric":{},"values":[]}]})").mistake,
            "the query comes to no number");
  EXPECT_EQ(AnswerIn(probe, "[]\n200").mistake, "this is no answer of Prometheus");
}

Captured RunShell(const std::string& script, Milliseconds timeout = Milliseconds(20'000)) {
  return RunCaptured({.command = {"/bin/sh", "-c", script},
                      .environment = {{"PATH", "/usr/bin:/bin"}},
                      .input = "given",
                      .timeout = timeout,
                      .most_bytes = 100'000,
                      .cancelled = {}});
}

TEST(Captured, TellsWhatAProgramReadsAndWrites) {
  const Captured captured = RunShell("cat; echo oh >&2; exit 3");
  EXPECT_EQ(captured.end, Captured::End::kExited);
  EXPECT_EQ(captured.exit_code, 3);
  EXPECT_EQ(captured.output, "given");
  EXPECT_EQ(captured.errors, "oh\n");
}

TEST(Captured, EndsWhatDoesNotEndAndWhatIsLeftBehind) {
  EXPECT_EQ(RunShell("sleep 600", Milliseconds(200)).end, Captured::End::kTimedOut);
  // It holds the pipe; nobody waits for it.
  const Captured captured = RunShell("sleep 600 & echo $!");
  EXPECT_EQ(captured.end, Captured::End::kExited);
  const int left = std::stoi(captured.output);
  // One that nobody has waited for yet is a zombie.
  const std::string runs =
      fmt::format("kill -0 {0} && ! grep -q 'State:.Z' /proc/{0}/status", left);
  bool gone = false;
  for (int i = 0; i < 1000 && !gone; ++i) gone = RunShell(runs).exit_code != 0;
  EXPECT_TRUE(gone);
}

TEST(Captured, KeepsOnlySoMuch) {
  const Captured captured = RunShell("head -c 500000 /dev/zero | tr '\\0' x");
  EXPECT_EQ(captured.end, Captured::End::kExited);
  EXPECT_EQ(captured.output.size(), 100'000u);
  EXPECT_TRUE(captured.cut);
}

TEST(Captured, SaysThatThereIsNoSuchProgram) {
  const Captured captured = RunCaptured({.command = {"/no/such/program"}, .environment = {}, .input = {},
                                         .timeout = Milliseconds(1000), .cancelled = {}});
  EXPECT_EQ(captured.end, Captured::End::kNotStarted);
  EXPECT_EQ(captured.exit_code, ENOENT);
}

TEST(Probe, KeepsTextThatCanBeCarried) {
  const v1::Probe probe = Probe(R"(name: "p" command: "printf 'a\\377b'")");
  const v1::ProbeResult result =
      Ask(probe, v1::PROBE_MOMENT_AFTER, {{"PATH", "/usr/bin:/bin"}}, [] { return false; });
  EXPECT_EQ(result.answer(), "a?b") << result.failure();
  EXPECT_FALSE(result.cut());
}

}  // namespace
}  // namespace murphy::cli
