// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/config/mistakes.h"

namespace murphy::config {
namespace {

constexpr std::string_view kHead = "schema = \"murphy.scenario/v1\"\nname = \"x\"\n";

std::string MistakesOf(std::string_view text) {
  return Lines(ReadScenario("f", std::string(kHead) + std::string(text), {}).mistakes);
}

std::string FileText(const std::string& path) {
  std::ifstream file(std::string(MURPHY_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ReadScenario, ReadsTheWholeLanguage) {
  const std::string text = FileText("tests/fuzz/corpus/scenario/outage-follows-the-fallback.toml");
  const ScenarioReading reading = ReadScenario("f", text, {});
  ASSERT_EQ(Lines(reading.mistakes), "");
  const v1::Scenario& scenario = reading.scenario;
  EXPECT_EQ(scenario.seed(), 42u);
  EXPECT_EQ(scenario.guard().max_duration().seconds(), 600);
  ASSERT_EQ(scenario.target_size(), 3);
  EXPECT_EQ(scenario.target().at("charge").role(), v1::TARGET_ROLE_SIDE_EFFECT);
  EXPECT_EQ(scenario.target().at("fallback").fallback_for(), "primary");
  ASSERT_EQ(scenario.phase_size(), 2);
  EXPECT_EQ(scenario.phase(0).until(0).injections(), 3u);
  ASSERT_EQ(scenario.rule_size(), 3);
  EXPECT_EQ(scenario.rule(0).fault().rate_limit().retry_after().seconds(), 1);
  EXPECT_EQ(scenario.rule(1).when().first(), 1u);
  EXPECT_EQ(scenario.rule(1).fault().error_event().position().events(), 4u);
  EXPECT_EQ(scenario.rule(2).attempts(1), 1u);
  EXPECT_EQ(scenario.rule(2).fault().lose_response().how(), v1::LOSS_MODE_RESET);
  ASSERT_EQ(scenario.expect_size(), 3);
  EXPECT_EQ(scenario.expect(0).bounded_retries().at_most(), 4u);
  EXPECT_TRUE(scenario.expect(2).has_no_silent_failure());
  EXPECT_EQ(scenario.verdict().p1(), 0.3);
}

TEST(ReadScenario, KnowsWhereEverythingCameFrom) {
  const ScenarioReading reading =
      ReadScenario("f", FileText("tests/fuzz/corpus/scenario/outage-follows-the-fallback.toml"),
                   {"latency,fixed=2s"});
  const auto at = [&reading](std::string_view path) {
    const Origin origin = OriginOf(reading.origins, path);
    return origin.file + ":" + std::to_string(origin.location.line) + ":" +
           std::to_string(origin.location.column);
  };
  EXPECT_EQ(at("rule[1].when.first"), "f:43:25");
  EXPECT_EQ(at("target.charge.kind"), "f:22:8");
  EXPECT_EQ(at("rule[0].fault.rate_limit.retry_after"), "f:37:30");
  EXPECT_EQ(at("rule[0].fault"), "f:37:1");
  EXPECT_EQ(at("rule[0].rate_limit"), "f:37:1");
  EXPECT_EQ(at("rule[2].attempts[1]"), "f:50:21");
  EXPECT_EQ(at("phase[1]"), "f:30:1");
  EXPECT_EQ(at("rule[3].fault.latency.fixed"), "--fault:1:15");
  // What is not written is where its table is.
  EXPECT_EQ(at("rule[0].when.first"), "f:33:1");
  EXPECT_EQ(at("target.charge.path"), "f:21:1");
  EXPECT_EQ(at("banana"), "f:1:1");
  EXPECT_EQ(OriginOf({}, "rule[0].id").location.line, 0);
}

constexpr char kConditions[] = R"(schema = "murphy.scenario/v1"
name = "x"
[[rule]]
status = { code = 503 }
[rule.when]
pattern = ["fail", "fail", "ok"]
on = { response = "rate_limited", times = 2 }
[[rule.when.any]]
first = 3
[[rule.when.any]]
where = { header = "x-tenant", equals = "acme" }
all = [{ nth = 2 }, { probability = 0.5 }]
)";

TEST(ReadScenario, ReadsConditionsWithinConditions) {
  const ScenarioReading reading = ReadScenario("f", kConditions, {});
  ASSERT_EQ(Lines(reading.mistakes), "");
  const v1::Trigger& when = reading.scenario.rule(0).when();
  ASSERT_EQ(when.pattern_size(), 3);
  EXPECT_EQ(when.pattern(2), v1::PATTERN_STEP_OK);
  EXPECT_EQ(when.on().response(), v1::RESPONSE_CLASS_RATE_LIMITED);
  ASSERT_EQ(when.any_size(), 2);
  EXPECT_EQ(when.any(1).where().equals(), "acme");
  EXPECT_EQ(when.any(1).all(1).probability(), 0.5);
  const auto line = [&reading](std::string_view path) {
    return OriginOf(reading.origins, path).location.line;
  };
  EXPECT_EQ(line("rule[0].when.on.response"), 7);
  EXPECT_EQ(line("rule[0].when.any[0].first"), 9);
  EXPECT_EQ(line("rule[0].when.any[1].all[0].nth"), 12);
}

TEST(ReadScenario, ExplainsWrongConditions) {
  const auto explains = [](const std::string& when, const std::string& how) {
    const std::string said =
        MistakesOf("[[rule]]\nstatus = { code = 503 }\nwhen = { " + when + " }");
    EXPECT_NE(said.find(how), std::string::npos) << said;
  };
  explains("on = { response = \"failure\", tokens = 3 }",
           "`response` and `tokens` exclude each other");
  explains("on = { of = \"a\" }", "needs one of `call`, `response`");
  explains("pattern = [\"fial\"]", "did you mean `fail`?");
  explains("any = { first = 1 }", "`any` must be a list of tables");
}

TEST(ReadScenario, UnknownKeysNameTheNearestAndTheAccepted) {
  EXPECT_EQ(MistakesOf("sede = 4"),
            "f:3:1: the top level has no key \"sede\"; did you mean `seed`?\n");
  EXPECT_EQ(MistakesOf("[verdict]\nalpha = 1"),
            "f:4:1: `verdict` has no key \"alpha\"; it accepts `p0`, `p1`, `max_cost_factor`\n");
}

TEST(ReadScenario, UnknownKeysAreToldWhereTheyBelong) {
  const auto said = [](const std::string& lines) { return MistakesOf("[[rule]]\n" + lines); };
  EXPECT_NE(said("status = { code = 503 }\ncause = 'c'").find("write `when.cause = …`"),
            std::string::npos);
  EXPECT_NE(
      said("status = { code = 503 }\nwhen = { header = 'x' }").find("write `where.header = …`"),
      std::string::npos);
  EXPECT_NE(said("status = { code = 503 }\nwhen = { count_per = 'agent' }")
                .find("`count_per` is a key of `rule`"),
            std::string::npos);
  EXPECT_NE(said("status = { code = 503 }\nwhen = { where = { regex = 'x' } }")
                .find("did you mean `matches`?"),
            std::string::npos);
  EXPECT_NE(MistakesOf("[[group]]\nmembers = ['a', 'b']\nmode = 'ordered'\nname = 'g'")
                .find("\"members\"; did you mean `rules`?"),
            std::string::npos);
}

TEST(ReadScenario, TakesOneEntryForAListOfOne) {
  const ScenarioReading reading = ReadScenario("f", R"(schema = "murphy.scenario/v1"
name = "x"
[target.a]
name = "shop.*"
not = { name = ["shop.a", "shop.b"], agent = "x" }
[target.b]
name = ["c", "d"]
[[target.b.not]]
name = "e"
[[target.b.not]]
route = "f"
[[phase]]
name = "p"
until = { calls = 3 }
[[phase]]
name = "q"
until = [{ calls = 3 }, { time = "3s" }]
[[rule]]
target = "a"
status = { code = 503 }
[[rule]]
target = ["a", "b"]
one_of = [{ weight = 3, status = { code = 503 } }, { reset = {} }]
)",
                                               {});
  ASSERT_TRUE(reading.mistakes.empty()) << reading.mistakes[0].message;
  const v1::Scenario& scenario = reading.scenario;
  EXPECT_EQ(scenario.target().at("a").name(0), "shop.*");
  EXPECT_EQ(scenario.target().at("a").excluded(0).name_size(), 2);
  EXPECT_EQ(scenario.target().at("b").excluded_size(), 2);
  EXPECT_EQ(scenario.phase(0).until_size(), 1);
  EXPECT_EQ(scenario.phase(1).until_size(), 2);
  EXPECT_EQ(scenario.rule(0).target_size(), 1);
  EXPECT_EQ(scenario.rule(1).target_size(), 2);
  EXPECT_EQ(scenario.rule(1).one_of(0).fault().status().code(), 503u);
  EXPECT_TRUE(scenario.rule(1).one_of(1).fault().has_reset());
  EXPECT_EQ(OriginOf(reading.origins, "target.a.not").location.line, 5);
}

TEST(ReadScenario, ExplainsWrongListsAndFaultsInThem) {
  const auto said = [](const std::string& lines) { return MistakesOf("[[rule]]\n" + lines); };
  EXPECT_EQ(said("target = 3\nstatus = { code = 503 }"),
            "f:4:10: `target` must be text or list of texts, not 3: write it as \"3\"\n");
  EXPECT_NE(
      said("one_of = [{ weight = 2, sttus = { code = 503 } }]").find("did you mean `status`?"),
      std::string::npos);
  EXPECT_NE(said("one_of = [{ weight = 2 }]").find("`rule.one_of` names no fault"),
            std::string::npos);
  EXPECT_NE(said("limit = 2").find("`rule` names no fault"), std::string::npos);
  EXPECT_NE(MistakesOf("[target.a]\nnot = { nme = 'x' }").find("did you mean `name`?"),
            std::string::npos);
}

TEST(ReadScenario, WrongKindsSayHowToWriteIt) {
  const std::string rule = "[[rule]]\nstatus = { code = 503 }\n";
  EXPECT_NE(MistakesOf("[guard]\nstop = { cost = 1 }").find("write it as [[guard.stop]]"),
            std::string::npos);
  EXPECT_NE(MistakesOf(rule + "when = { any = { first = 1 } }").find("write any = [{ … }]"),
            std::string::npos);
  EXPECT_NE(MistakesOf(rule + "intensity = { ramp = { over = '10s' } }")
                .find("must be a table, not \"10s\": its keys are `calls`, `time`"),
            std::string::npos);
  EXPECT_NE(MistakesOf(rule + "when = { pattern = 'fail fail ok' }")
                .find("must be a list, each one of fail, ok, not"),
            std::string::npos);
  EXPECT_NE(MistakesOf(rule + "when = { where = { pointer = '/a', equals = 42 } }")
                .find("must be text, not 42: write it as \"42\""),
            std::string::npos);
}

TEST(ReadScenario, EmptyListsAreMistakes) {
  const std::string rule = "[[rule]]\nstatus = { code = 503 }\n";
  for (const std::string& text : {rule + "when = { any = [] }", rule + "when = { pattern = [] }",
                                  rule + "[guard]\nupstreams = []"}) {
    EXPECT_NE(MistakesOf(text).find("is an empty list"), std::string::npos) << text;
  }
}

TEST(ReadScenario, OfManyAcceptedKeysOnlyTheNearestIsNamed) {
  EXPECT_EQ(MistakesOf("[[rule]]\nlatencyy = {}"),
            "f:4:1: `rule` has no key \"latencyy\"; did you mean `latency`?\n");
}

TEST(ReadScenario, RequiredKeysAreMissed) {
  EXPECT_EQ(Lines(ReadScenario("f", "# nothing\n", {}).mistakes),
            "f:1:1: `schema` is missing: the top level needs it\n"
            "f:1:1: `name` is missing: the top level needs it\n");
  EXPECT_EQ(MistakesOf("[[phase]]\n[[phase]]\nname = \"b\""),
            "f:3:1: `name` is missing: `phase` needs it\n");
  EXPECT_EQ(MistakesOf("[[expect]]\nbounded_retries = {}"),
            "f:4:19: `at_most` is missing: `expect.bounded_retries` needs it\n");
}

TEST(ReadScenario, AnEmptyFileIsNoScenario) {
  EXPECT_EQ(ReadScenario("f", "", {}).mistakes.size(), 2u);
}

TEST(ReadScenario, AMistypedKeyIsNotAlsoMissing) {
  EXPECT_EQ(MistakesOf("[[phase]]\nnmae = \"b\""),
            "f:4:1: `phase` has no key \"nmae\"; did you mean `name`? It accepts `name`, `until`, "
            "`duration`, `next`, `enter`, `until_on`, `enter_on`, `track`\n");
}

TEST(ReadScenario, ARuleNeedsOneFault) {
  EXPECT_EQ(MistakesOf("[[rule]]\nlatency = { fixed = \"1s\" }\nreset = {}"),
            "f:5:1: `latency` and `reset` exclude each other in `rule`: keep one of them\n");
  const std::string none = MistakesOf("[[rule]]\nid = \"a\"");
  EXPECT_TRUE(
      none.starts_with("f:3:1: `rule` names no fault: it needs one of `latency`, `reset`, `hang`,"))
      << none;
}

TEST(ReadScenario, AlternativesExcludeEachOther) {
  EXPECT_EQ(MistakesOf("[[rule]]\nlatency = { fixed = \"1s\", exponential = { mean = \"1s\" } }"),
            "f:4:27: `fixed` and `exponential` exclude each other in `rule.latency`: keep one of "
            "them\n");
  EXPECT_EQ(MistakesOf("[[rule]]\nlatency = {}"),
            "f:4:11: `rule.latency` needs one of `fixed`, `uniform`, `normal`, `lognormal`, "
            "`exponential`, `of_client_timeout`, `ramp`\n");
  EXPECT_EQ(MistakesOf("[[rule]]\ntruncate_body = {}"), "") << "has a default";
  EXPECT_EQ(MistakesOf("[[rule]]\nslow_events = { delay = \"1s\", jitter = 0.5 }"), "");
}

TEST(ReadScenario, ShapesAreChecked) {
  EXPECT_EQ(MistakesOf("guard = 3"), "f:3:9: `guard` must be a table, not 3\n");
  EXPECT_EQ(MistakesOf("[rule]\nid = \"a\""),
            "f:3:1: `rule` must be a list of tables, not a table: write it as [[rule]]\n");
  EXPECT_EQ(MistakesOf("[[target]]"), "f:3:1: `target` must be a table of tables, not a list\n");
  EXPECT_EQ(MistakesOf("[target]\nx = 3"), "f:4:5: `x` must be a table, not 3\n");
  EXPECT_EQ(MistakesOf("[[rule]]\nhang = {}\nattempts = [1]"),
            "f:5:12: `attempts` must be a list of 2 integers, not of 1\n");
  EXPECT_EQ(MistakesOf("[[rule]]\nhang = {}\nattempts = [1, \"2\"]"),
            "f:5:16: `attempts` must be an integer from 1 to 1000000, not \"2\"\n");
  EXPECT_EQ(MistakesOf("[[rule]]\nhang = {}\nattempts = 1"),
            "f:5:12: `attempts` must be a list of 2 integers, not 1\n");
  EXPECT_EQ(MistakesOf("[[rule]]\nstatus = { code = 503, headers = { x = 1 } }"),
            "f:4:40: `x` must be text, not 1: write it as \"1\"\n");
}

TEST(ReadScenario, ReportsSeveralMistakesInTheOrderOfTheText) {
  EXPECT_EQ(MistakesOf("seed = -1\n[[rule]]\nid = 3\nhnag = {}\n[guard]\nmax_share = 2\n"),
            "f:3:8: `seed` must be an integer of 0 or more, not -1\n"
            "f:5:6: `id` must be text, not 3: write it as \"3\"\n"
            "f:6:1: `rule` has no key \"hnag\"; did you mean `hang`?\n"
            "f:8:13: `max_share` must be a number from 0 to 1, not 2\n");
}

TEST(ReadScenario, CountsWhatItDoesNotShow) {
  std::string text;
  for (int i = 0; i < 10'050; ++i) text += "[[rule]]\nhang = 1\n";
  const ScenarioReading reading = ReadScenario("f", std::string(kHead) + text, {});
  ASSERT_EQ(reading.mistakes.size(), 10'001u);
  EXPECT_EQ(reading.mistakes.back().message, "there are 50 more mistakes from here on");
}

TEST(ReadScenario, RefusesForeignSchemasAndNames) {
  EXPECT_EQ(
      Lines(ReadScenario("f", "schema = \"murphy.scenario/v2\"\nname = \"A b\"", {}).mistakes),
      "f:1:10: `schema` must be \"murphy.scenario/v1\", not \"murphy.scenario/v2\"\n"
      "f:2:8: `name` must be of lower-case letters, digits and `-`, not \"A b\"\n");
}

TEST(ReadToml, SyntaxErrorsHaveAPlace) {
  v1::Guard guard;
  EXPECT_EQ(Lines(ReadToml("f", "max_tokens = 1\nmax_share = = 2", guard, nullptr)),
            "f:2:13: cannot tell what kind of value this is: text needs quotes\n");
  EXPECT_EQ(Lines(ReadToml("f", "max_tokens = 1\nmax_tokens = 2", guard, nullptr)),
            "f:2:14: `max_tokens` is given twice: keep one of them\n");
}

// Whatever its parser says, it is said in words of ours and where it is.
TEST(ReadToml, SpeaksItsOwnLanguage) {
  const std::string deep = "a = " + std::string(40, '[');
  const std::pair<std::string, const char*> cases[] = {
      {"a = \"x\nb = 1", "f:1:5: the text that begins here has no end: close it with a quote\n"},
      {"a = '''x", "f:1:5: the text that begins here has no end: close it with a quote\n"},
      {"[guard]\n[guard]", "f:2:1: `guard` is given twice: keep one of them\n"},
      {deep, "f:1:37: values are nested more than 32 deep here\n"},
      {"a = [1, 2", "f:1:10: the text ends in the middle of an array\n"},
      {"a = 1979-13-01", "f:1:12: this is not TOML, in a date: expected month between 1 and 12, not "
                         "13\n"},
      {"a b = 1", "f:1:3: this is not TOML, in a pair of key and value: expected '=', not 'b'\n"}};
  for (const auto& [text, said] : cases) {
    v1::Guard guard;
    EXPECT_EQ(Lines(ReadToml("f", text, guard, nullptr)), said) << text;
  }
}

TEST(ReadToml, SurvivesWhatItsParserAloneDoesNot) {
  v1::Guard guard;
  EXPECT_EQ(Lines(ReadToml("f", "[\nguard]", guard, nullptr)),
            "f:1:2: this is not TOML, in a key: expected bare key starting character or "
            "string delimiter, not '\\n'\n");
  EXPECT_EQ(ReadToml("f", "max_tokens = 1\n\xc5\x84 = 1", guard, nullptr).at(0).location.line, 2);
  EXPECT_EQ(ReadToml("f", "max_tokens = -\"\xc5\x84\"", guard, nullptr).size(), 1u);
  EXPECT_EQ(ReadToml("f", "max_tokens = [1=\"\"\"\xc5\x84", guard, nullptr).size(), 1u);
  EXPECT_EQ(
      Lines(ReadToml("f", "\xEF\xBB\xBF# \xc5\x84\nenvironment = \"\xc5\x84\"", guard, nullptr)),
      "");
  EXPECT_EQ(guard.environment(), "\xc5\x84");
}

TEST(ReadToml, BoundsSizeAndDepth) {
  v1::Guard guard;
  EXPECT_EQ(Lines(ReadToml("f", std::string((1 << 20) + 1, ' '), guard, nullptr)),
            "f:1:1: the text is longer than 1048576 bytes\n");
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  EXPECT_EQ(Lines(ReadToml("f", key + " = 1", guard, nullptr)),
            "f:1:64: a key has more than 32 segments\n");
  EXPECT_EQ(Lines(ReadToml("f", "\"\"\"\"\"\"\"\"=1\n[" + key + "]", guard, nullptr)),
            "f:2:65: a key has more than 32 segments\n");
  const std::string brackets(100'000, '[');
  EXPECT_EQ(ReadToml("f", "a = " + brackets, guard, nullptr).size(), 1u);
  EXPECT_EQ(Lines(ReadToml("f", "environment = \"" + std::string(200, '.') + "\"", guard, nullptr)),
            "");
}

TEST(ReadToml, ReadsTheDaemonsConfiguration) {
  v1::DaemonConfig config;
  ASSERT_EQ(Lines(ReadToml("murphyd.toml", R"(
environment = "staging"
[gateway]
listen = "127.0.0.1:0"
workers = 2
head_timeout = "5s"
[journal]
max_bytes = 1048576
retention = "720h"
[guard]
max_injections = 10
[route.crm]
upstream = "https://crm.example.com/v2"
provider = "http"
)",
                           config, nullptr)),
            "");
  EXPECT_EQ(config.environment(), "staging");
  EXPECT_EQ(config.gateway().workers(), 2u);
  EXPECT_EQ(config.gateway().head_timeout().seconds(), 5);
  EXPECT_EQ(config.guard().max_injections(), 10u);
  EXPECT_EQ(config.route().at("crm").upstream(), "https://crm.example.com/v2");
  EXPECT_EQ(Lines(ReadToml("murphyd.toml", "[route.crm]\n[gateway]\nworker = 0", config, nullptr)),
            "murphyd.toml:1:1: `upstream` is missing: `route.crm` needs it\n"
            "murphyd.toml:3:1: `gateway` has no key \"worker\"; did you mean `workers`?\n");
}

}  // namespace
}  // namespace murphy::config
