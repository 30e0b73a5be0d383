// SPDX-License-Identifier: Apache-2.0
// Words on their way to a person or a shell: quoting, durations, columns, status sentences.
#include "tools/murphy/render/text.h"

#include <stdio.h>

#include "gtest/gtest.h"
#include "murphy/v1/exchange.pb.h"
#include "tests/murphy/fake_daemon.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/render/columns.h"
#include "tools/murphy/shell_quote.h"
#include "tools/murphy/status_text.h"

namespace murphy::cli {
namespace {

std::string AsTheShellReadsIt(const std::string& word) {
  FILE* shell = popen(("printf %s " + word).c_str(), "r");
  std::string text;
  char buffer[256];
  while (const size_t bytes = fread(buffer, 1, sizeof buffer, shell)) text.append(buffer, bytes);
  pclose(shell);
  return text;
}

TEST(ShellQuote, ShellReadsBackWhatWasQuoted) {
  for (const std::string text : {"plain", "two words", "it's", "$HOME `id` \"x\" \\", "a\nb",
                                 "*?[a]", "~", "!x", "''", "ä", "a;b|c&d<e>f"}) {
    EXPECT_EQ(AsTheShellReadsIt(ShellQuote(text)), text);
  }
}

TEST(ShellQuote, LeavesPlainWordsAlone) {
  EXPECT_EQ(ShellJoin({"murphy", "run", "a/b.toml", "--seed", "42", "x=y:z"}),
            "murphy run a/b.toml --seed 42 x=y:z");
  EXPECT_EQ(ShellJoin({"", "rate_limit,first=2", "model:gpt-*"}),
            "'' rate_limit,first=2 'model:gpt-*'");
}

TEST(Duration, ReadsUnits) {
  EXPECT_EQ(ParseDuration("500ms"), Milliseconds(500));
  EXPECT_EQ(ParseDuration("1.5s"), Milliseconds(1500));
  EXPECT_EQ(ParseDuration("1h30m"), Milliseconds(5'400'000));
  EXPECT_EQ(ParseDuration("0s"), Milliseconds(0));
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"", "90", "s", "1x", "-1s", "1 s", "1e9s", "400d",
                           "999999999999999999999h", "nans", "infs"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsShownShort) {
  EXPECT_EQ(ShowDuration(Milliseconds(420)), "0.4s");
  EXPECT_EQ(ShowDuration(Milliseconds(125'000)), "2m05s");
  EXPECT_EQ(ShowDuration(Milliseconds(11'220'000)), "3h07m");
}

TEST(Text, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[31mb\x07\nc\x7f"), "a?[31mb??c?");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "?31m");
  EXPECT_EQ(Printable("grün ✓"), "grün ✓");
}

TEST(Text, ShortensByCharactersNotBytes) {
  EXPECT_EQ(Shorten("äöüß", 4), "äöüß");
  EXPECT_EQ(Shorten("äöüßx", 4), "äöü…");
}

TEST(Text, EnumeratorsBecomeWords) {
  EXPECT_EQ(NameOf(v1::OUTCOME_CLASS_FAILED_LOUD), "FAILED_LOUD");
  EXPECT_EQ(AsWords(NameOf(v1::RECOVERY_LAYER_SDK_RETRY)), "sdk retry");
  EXPECT_EQ(NameOf(v1::END_STATE_UNSPECIFIED), "");
}

TEST(Columns, AlignsByWidthAndDropsEmptyColumns) {
  Columns table(1);
  table.Row({{"ä"}, {""}, {"x"}});
  table.Row({{"abc"}, {""}, {"y"}});
  EXPECT_EQ(table.Render(false), " ä    x\n abc  y\n");
}

TEST(Columns, ColourDoesNotMoveColumns) {
  Columns table;
  table.Row({{"a", Tone::kGood}, {"x"}});
  EXPECT_EQ(table.Render(true), "\x1b[32ma\x1b[0m  x\n");
}

TEST(StatusText, MistakesOfAScenarioAreALineEach) {
  const Failure failure = ExplainStatus(
      test::BadRequest({{"a.toml:3:1", "`rat_limit` is no fault; nearest is `rate_limit`"},
                        {"a.toml:9:7", "expected a duration"}}),
      "unix:/s");
  EXPECT_EQ(failure.code, ExitCode::kUsage);
  EXPECT_EQ(failure.text,
            "a.toml:3:1: `rat_limit` is no fault; nearest is `rate_limit`\na.toml:9:7: expected a "
            "duration");
}

TEST(StatusText, EveryFailureHasItsExitCode) {
  const std::vector<std::pair<grpc::StatusCode, ExitCode>> table = {
      {grpc::StatusCode::INVALID_ARGUMENT, ExitCode::kUsage},
      {grpc::StatusCode::NOT_FOUND, ExitCode::kUsage},
      {grpc::StatusCode::FAILED_PRECONDITION, ExitCode::kUsage},
      {grpc::StatusCode::UNAVAILABLE, ExitCode::kUnreachable},
      {grpc::StatusCode::DEADLINE_EXCEEDED, ExitCode::kUnreachable},
      {grpc::StatusCode::UNAUTHENTICATED, ExitCode::kUnreachable},
      {grpc::StatusCode::UNIMPLEMENTED, ExitCode::kInternal},
      {grpc::StatusCode::INTERNAL, ExitCode::kInternal}};
  for (const auto& [code, expected] : table)
    EXPECT_EQ(ExplainStatus({code, "why"}, "here").code, expected) << code;
}

TEST(StatusText, GarbageInDetailsIsNotRead) {
  EXPECT_TRUE(
      FieldViolations({grpc::StatusCode::INVALID_ARGUMENT, "x", "\xff\xff\xff garbage"}).empty());
}

}  // namespace
}  // namespace murphy::cli
