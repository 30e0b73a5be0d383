// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/redact.h"

#include <gtest/gtest.h>

#include "tests/journal/temporary_journal.h"

namespace murphy::journal {
namespace {

TEST(Redact, ReplacesSecretsAndNothingElse) {
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"/v1beta/models/x:generate?key=AbC123&alt=sse",
       "/v1beta/models/x:generate?key=[redacted]&alt=sse"},
      {"?access_token=abc.def&x=1", "?access_token=[redacted]&x=1"},
      {R"({"api_key": "hunter2", "n": 1})", R"({"api_key": "[redacted]", "n": 1})"},
      {"Authorization: Bearer abcdef123456", "Authorization: Bearer [redacted]"},
      {"refused: Bearer abcdef123456.", "refused: Bearer [redacted]"},
      {"Incorrect API key provided: sk-proj-abcdefgh12345.",
       "Incorrect API key provided: [redacted]."},
      {"https://user:pass@host/path", "https://[redacted]@host/path"},
      {"https://ghp_token@host", "https://[redacted]@host"},
      {"--route a=http://u:p/w@host/", "--route a=http://[redacted]@host/"},
      {"http://127.0.0.1:8080/users/a@b.c", "http://127.0.0.1:8080/users/a@b.c"},
      {"/cart;jsessionid=0A1B2C?x=1", "/cart;jsessionid=[redacted]?x=1"},
      {R"({"body":"{\"password\":\"hunter2\"}"})", R"({"body":"{\"password\":\"[redacted]\"}"})"},
      {"Cookie: sid=abc; theme=dark", "Cookie: [redacted]"},
      {"accessToken: abc.def", "accessToken: [redacted]"},
      {R"(Bearer realm="api", error="invalid_token")", R"(Bearer realm="api", error="invalid_token")"},
      {"ghp_0123456789abcdefghij0123", "[redacted]"},
      {"/v1/chat/completions", "/v1/chat/completions"},
      {"connection to 10.0.0.1:443 refused", "connection to 10.0.0.1:443 refused"},
      {R"({"retry_after_ms": 1000, "tokens": 5})", R"({"retry_after_ms": 1000, "tokens": 5})"},
      {"max_tokens=100&monkey=banana", "max_tokens=100&monkey=banana"},
      {"page_token: expected one from the last response",
       "page_token: expected one from the last response"},
      {"task-list ask-something-long", "task-list ask-something-long"},
      {"", ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Redact(c.text), c.expected) << c.text;
    EXPECT_EQ(Redact(c.expected), c.expected) << "once more changes nothing";
  }
}

TEST(RedactedQuestion, KeepsTheNamesOfVariablesAndNothingElse) {
  const struct {
    const char* text;
    const char* expected;
  } cases[] = {
      {"curl -H 'Authorization: Bearer $LEDGER_TOKEN' x", "curl -H 'Authorization: Bearer $LEDGER_TOKEN' x"},
      {"postgresql://me:$PG_WORD@host/db", "postgresql://me:$PG_WORD@host/db"},
      {"http://${USERINFO}@host/", "http://${USERINFO}@host/"},
      {"password=$(cat file)", "password=$(cat file)"},
      {"postgresql://me:word@host/db", "postgresql://[redacted]@host/db"},
      {"token=$ecret-word", "token=[redacted]"},
      {"curl -H 'Authorization: Bearer abcdef123456' x", "curl -H 'Authorization: Bearer [redacted]' x"},
  };
  for (const auto& each : cases)
    EXPECT_EQ(RedactedQuestion(each.text).value_or(each.text), each.expected);
  // Elsewhere a dollar is a part of the secret.
  EXPECT_EQ(Redacted("token=$TOKEN"), "token=[redacted]");
  EXPECT_TRUE(IsVariable("Bearer $TOKEN"));
  EXPECT_FALSE(IsVariable("Bearer $TOKENx-and-more"));
}

TEST(RedactedPath, LeavesOutWhatNobodyHasNamed) {
  EXPECT_EQ(RedactedPath("/services/T024BE7LD/xoXb1234AbCd5678EfGh/post?limit=5"),
            "/services/T024BE7LD/[redacted]/post?limit=5");
  EXPECT_EQ(RedactedPath("/a?key=1"), "/a?key=[redacted]");
  for (const char* kept : {"/model/anthropic.claude-3-5-sonnet-20241022-v2:0/invoke", "/", "",
                           "/u/550e8400-e29b-41d4-a716-446655440000"}) {
    EXPECT_EQ(RedactedPath(kept), std::nullopt) << kept;
  }
}

class RedactedJournal : public TemporaryJournal {};

TEST_F(RedactedJournal, HoldsNoSecretThatTheDataPathLetThrough) {
  auto journal = OpenJournal();
  v1::Event event = ExchangeEvent("a", 1);
  event.mutable_exchange()->set_path("/v1/models/sk-proj-abcdefgh12345");
  event.mutable_exchange()->set_failure("https://user:pass@host refused the connection");
  journal->Append(std::move(event));
  ASSERT_TRUE(journal->Flush().ok());
  const auto exchanges = journal->Exchanges("a", 0, 1);
  EXPECT_EQ(exchanges->front().path(), "/v1/models/[redacted]");
  EXPECT_EQ(exchanges->front().failure(), "https://[redacted]@host refused the connection");
}

}  // namespace
}  // namespace murphy::journal
