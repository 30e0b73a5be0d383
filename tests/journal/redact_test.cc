// SPDX-License-Identifier: Apache-2.0
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
      {"https://user:pass@host/path", "https://user:[redacted]@host/path"},
      {"ghp_0123456789abcdefghij0123", "[redacted]"},
      {"/v1/chat/completions", "/v1/chat/completions"},
      {"connection to 10.0.0.1:443 refused", "connection to 10.0.0.1:443 refused"},
      {R"({"retry_after_ms": 1000, "tokens": 5})", R"({"retry_after_ms": 1000, "tokens": 5})"},
      {"max_tokens=100&monkey=banana", "max_tokens=100&monkey=banana"},
      {"task-list ask-something-long", "task-list ask-something-long"},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(Redact(c.text), c.expected) << c.text;
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
  EXPECT_EQ(exchanges->front().failure(), "https://user:[redacted]@host refused the connection");
}

}  // namespace
}  // namespace murphy::journal
