// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/departures.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace murphy::wire {
namespace {

class DeparturesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0);
    departures_.Add(ends_[0], hung_up_);
  }
  void TearDown() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  std::array<int, 2> ends_;
  Departures departures_;
  bool hung_up_ = false;
};

TEST_F(DeparturesTest, WhoeverIsThereIsNotNoticed) {
  departures_.Collect();
  EXPECT_FALSE(hung_up_);
}

TEST_F(DeparturesTest, WhoeverSaysSomethingIsNotNoticed) {
  ASSERT_EQ(::send(ends_[1], "x", 1, 0), 1);
  departures_.Collect();
  EXPECT_FALSE(hung_up_);
}

TEST_F(DeparturesTest, WhoeverClosesItsSideIsNoticedAlsoBehindWhatItSaid) {
  ASSERT_EQ(::send(ends_[1], "x", 1, 0), 1);
  ASSERT_EQ(::shutdown(ends_[1], SHUT_WR), 0);
  departures_.Collect();
  EXPECT_TRUE(hung_up_);
}

TEST_F(DeparturesTest, WhoeverIsNoSocketMustBeLookedAt) {
  bool looked_at = false;
  departures_.Add(-1, looked_at);
  EXPECT_TRUE(looked_at);
}

}  // namespace
}  // namespace murphy::wire
