// SPDX-License-Identifier: Apache-2.0
#include "faults/sha256.h"

#include <gtest/gtest.h>

namespace murphy {
namespace {

// FIPS 180-4, appendix B.1.
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, IsTheSameInOnePieceAndInMany) {
  EXPECT_EQ(Sha256Hex("abc"), kOfAbc);
  Sha256 pieces;
  EXPECT_EQ(pieces.Hex(), "");
  pieces.Add("a");
  const Sha256 begun(pieces);
  pieces.Add("bc");
  EXPECT_EQ(pieces.Hex(), kOfAbc);
  EXPECT_EQ(begun.Hex(), Sha256Hex("a"));
}

TEST(Sha256Hex, KnowsTheEmptyText) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace murphy
