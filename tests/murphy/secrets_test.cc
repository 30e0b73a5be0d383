// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/secrets.h"

#include <gtest/gtest.h>


namespace murphy::cli {
namespace {

TEST(WithoutSecrets, ShowsACommandLineWithoutThem) {
  const struct {
    std::vector<std::string> words;
    const char* shown;
  } cases[] = {
      {{"agent", "--api-key", "hunter2", "--n", "5"}, "agent --api-key [redacted] --n 5"},
      {{"agent", "--api-key=hunter2"}, "agent --api-key=[redacted]"},
      {{"agent", "--token", "--verbose"}, "agent --token --verbose"},
      {{"env", "OPENAI_API_KEY=hunter2", "agent"}, "env OPENAI_API_KEY=[redacted] agent"},
      {{"--route", "pay=https://user:hunter2@host/x"}, "--route pay=https://[redacted]@host/x"},
      {{"--check", "sh -c 'test --api-key hunter2 --n 5'"},
       "--check sh -c 'test --api-key [redacted] --n 5'"},
      {{"--check", "test --token --verbose"}, "--check test --token --verbose"},
      {{"curl", "-H", "Authorization: Bearer hunter2"}, "curl -H Authorization: [redacted]"},
      {{"agent", "sk-proj-hunter2hunter2"}, "agent [redacted]"},
      {{"--fault", "rate_limit,first=2,retry_after=1s"},
       "--fault rate_limit,first=2,retry_after=1s"},
      {{"python", "agent.py", "--max-tokens", "100", "--keyboard", "us"},
       "python agent.py --max-tokens 100 --keyboard us"}};
  for (const auto& one : cases) {
    std::string shown;
    for (const std::string& word : WithoutSecrets(one.words))
      shown += (shown.empty() ? "" : " ") + word;
    EXPECT_EQ(shown, one.shown);
  }
}

}  // namespace
}  // namespace murphy::cli
