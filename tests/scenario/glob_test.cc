// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/glob.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace murphy::scenario {
namespace {

using Patterns = std::set<std::string>;

TEST(CommonGlobs, MatchWhatBothMatch) {
  EXPECT_EQ(CommonGlobs("127.0.0.1", "*"), Patterns{"127.0.0.1"});
  EXPECT_EQ(CommonGlobs("127.*", "127.0.0.1"), Patterns{"127.0.0.1"});
  EXPECT_EQ(CommonGlobs("*.example.com", "api.*"), (Patterns{"api.*.example.com", "api.example.com"}));
  EXPECT_EQ(CommonGlobs("a*", "*a"), (Patterns{"a", "a*a"}));
  EXPECT_EQ(CommonGlobs("?b", "a?"), Patterns{"ab"});
  EXPECT_EQ(CommonGlobs("a*", "b*"), Patterns{});
  EXPECT_TRUE(Glob(*CommonGlobs("127.*", "*.0.0.1").begin()).Matches("127.0.0.1") ||
              CommonGlobs("127.*", "*.0.0.1").contains("127.0.0.1"));
}

TEST(CommonGlobs, GiveUpOnWhatHasTooMuchInCommon) {
  EXPECT_EQ(CommonGlobs("*a*b*c*d*e*f*g*h*i*j*", "*k*l*m*n*o*p*q*r*s*t*"), Patterns{});
}

// Random patterns and texts over two letters: a text matches both if and only if it matches one of
// those in common.
TEST(CommonGlobs, AreRightForAllTexts) {
  std::mt19937 random(7);
  const auto word = [&](std::string_view letters, size_t most) {
    std::string text;
    for (size_t n = random() % (most + 1); n > 0; --n) text += letters[random() % letters.size()];
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string a = word("ab*?", 5), b = word("ab*?", 5);
    const Patterns common = CommonGlobs(a, b);
    for (int i = 0; i < 20; ++i) {
      const std::string text = word("ab", 6);
      const bool either = std::any_of(common.begin(), common.end(), [&](const auto& pattern) {
        return Glob(pattern).Matches(text);
      });
      EXPECT_EQ(either, Glob(a).Matches(text) && Glob(b).Matches(text))
          << a << " and " << b << " on " << text;
    }
  }
}

}  // namespace
}  // namespace murphy::scenario
