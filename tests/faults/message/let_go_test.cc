// SPDX-License-Identifier: Apache-2.0
#include "faults/message/let_go.h"

#include <gtest/gtest.h>

namespace murphy::message {
namespace {

TEST(LetGoTest, KeepsNoMemory) {
  std::string text(1 << 20, 'x');
  LetGo(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.capacity(), std::string().capacity());
}

}  // namespace
}  // namespace murphy::message
