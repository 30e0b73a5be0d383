// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/presences.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace murphy::runs {
namespace {

using Numbers = std::vector<uint64_t>;

// A connection of which the test has the other end.
class Connection final : public engine::Presence {
 public:
  Connection() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()), 0); }
  ~Connection() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void HangUp() const { ::shutdown(ends_[1], SHUT_WR); }
  void Close() { closed_ = true; }

  int Borrow() override {
    ++borrowed_;
    return closed_ ? -1 : ends_[0];
  }
  void GiveBack() override { --borrowed_; }
  int borrowed() const { return borrowed_; }

 private:
  std::array<int, 2> ends_;
  bool closed_ = false;
  int borrowed_ = 0;
};

TEST(PresencesTest, AgentsThatHaveHungUpOrWereClosedAreNamedOnce) {
  Presences presences;
  std::vector<std::shared_ptr<Connection>> connections;
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    connections.push_back(std::make_shared<Connection>());
    presences.Add("same", sequence, connections.back());
  }
  EXPECT_EQ(presences.TakeGone("same"), Numbers());
  connections[0]->HangUp();
  connections[2]->Close();
  EXPECT_EQ(presences.TakeGone("same"), Numbers({1, 3}));
  EXPECT_EQ(presences.TakeGone("same"), Numbers());
  for (const auto& connection : connections) EXPECT_EQ(connection->borrowed(), 0);
}

TEST(PresencesTest, NobodyIsAskedAboutAnotherRequestOrAnExchangeThatIsOver) {
  Presences presences;
  const auto connection = std::make_shared<Connection>();
  connection->HangUp();
  presences.Add("mine", 1, connection);
  EXPECT_EQ(presences.TakeGone("other"), Numbers());
  presences.Remove(1);
  presences.Remove(1);
  EXPECT_EQ(presences.TakeGone("mine"), Numbers());
}

TEST(PresencesTest, OfACrowdTheLatestAreLookedAt) {
  Presences presences;
  const auto connection = std::make_shared<Connection>();
  connection->HangUp();
  for (uint64_t sequence = 1; sequence <= 200; ++sequence) presences.Add("same", sequence, connection);
  const Numbers gone = presences.TakeGone("same");
  ASSERT_EQ(gone.size(), 64u);
  EXPECT_EQ(gone.back(), 200u);
  for (uint64_t sequence = 1; sequence <= 200; ++sequence) presences.Remove(sequence);
}

}  // namespace
}  // namespace murphy::runs
