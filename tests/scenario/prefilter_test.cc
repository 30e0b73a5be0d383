// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/prefilter.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "fmt/format.h"
#include "tests/scenario/plans.h"

namespace murphy::scenario {
namespace {

const std::vector<std::string> kExpressions = {"refund-[0-9]+",
                                               "(?i)URGENT",
                                               "^\\{",
                                               "\\}$",
                                               "amount\":[0-9]{3}\\b",
                                               "",
                                               "\\bIBAN\\b",
                                               "abc.*def.*ghi",
                                               "x{3,}",
                                               "^$",
                                               "café|coffee",
                                               "(?s)first.*last",
                                               "(?i)straße|kilo",
                                               "never",
                                               "[[:cntrl:]]"};

TEST(Prefilter, NeverLosesAnExpressionThatIsThere) {
  const Prefilter prefilter(kExpressions);
  for (const std::string text :
       {"", "{}", R"({"amount":500,"note":"urgent: refund-12"})", "abc def ghi", "abc\ndef\nghi",
        "first\nlast", "xxxx", "caf\xc3\xa9", "\xff\xfe never", "an IBAN here", "STRASSE",
        "STRA\xe1\xba\x9e"
        "E",
        "\xe2\x84\xaailo", "UrGeNt"}) {
    const std::vector<bool> candidates = prefilter.Candidates(text);
    ASSERT_EQ(candidates.size(), kExpressions.size());
    for (size_t i = 0; i < kExpressions.size(); ++i) {
      EXPECT_TRUE(candidates[i] || !re2::RE2::PartialMatch(text, kExpressions[i]))
          << kExpressions[i] << " in " << text;
    }
  }
}

TEST(Prefilter, DropsWhatLacksALiteralPiece) {
  const std::vector<bool> candidates = Prefilter(kExpressions).Candidates("a refund-x, abc ghi");
  std::string possible;
  for (size_t i = 0; i < candidates.size(); ++i) possible += candidates[i] ? '+' : '-';
  // Those without a piece of three letters stay, and the refund: its piece is there.
  EXPECT_EQ(possible, "+-++-+--++----+");
}

TEST(Prefilter, LeavesFewExpressionsAlone) {
  EXPECT_TRUE(Prefilter({"refund", "urgent"}).Candidates("a").empty());
  EXPECT_TRUE(Prefilter({}).Candidates("a").empty());
  EXPECT_TRUE(Prefilter(std::vector<std::string>(20, "[0-9]")).Candidates("a").empty())
      << "nothing is needed";
}

}  // namespace
}  // namespace murphy::scenario
