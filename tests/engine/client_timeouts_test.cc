// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/client_timeouts.h"

#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

World Waiting() {
  return World(
      "guard { max_injections: 1000000 } rule { id: 'r' fault { latency { of_client_timeout: 1.1 } "
      "} }");
}

// What the fault on this call is told.
std::optional<absl::Duration> Told(World& world, const Shot& shot = {}) {
  Begun begun = world.Begin(shot);
  world.Finish(begun.sequence, {.status = 200});
  return begun.decisions.at(0).client_timeout;
}

Shot Stating(std::vector<message::Header> headers) { return {.headers = std::move(headers)}; }

void Leave(World& world, absl::Duration after, const Shot& shot = {}, uint32_t status = 0) {
  const Begun begun = world.Begin(shot);
  world.now += after;
  world.Finish(begun.sequence, {.end = v1::END_STATE_AGENT_LEFT, .status = status});
}

TEST(ClientTimeout, IsWhatTheClientStates) {
  World world = Waiting();
  EXPECT_EQ(Told(world, Stating({{"x-stainless-read-timeout", "2.5"}})), absl::Seconds(2.5));
  EXPECT_EQ(Told(world, Stating({{"X-Stainless-Timeout", "600"}})), absl::Seconds(600));
  EXPECT_EQ(
      Told(world, Stating({{"x-stainless-timeout", "600"}, {"x-stainless-read-timeout", "3"}})),
      absl::Seconds(3));
}

TEST(ClientTimeout, IsUnknownWhereNothingUsefulIsStated) {
  World world = Waiting();
  EXPECT_EQ(Told(world), std::nullopt);
  for (const char* value : {"NOT_GIVEN", "None", "", "0", "-1", "nan", "inf", "1e300", "2 s"})
    EXPECT_EQ(Told(world, Stating({{"x-stainless-read-timeout", value}})), std::nullopt) << value;
}

TEST(ClientTimeout, IsTakenToBeAsMuchShorterAsLeavingMayBeSeenLate) {
  World world = Waiting();
  Leave(world, absl::Milliseconds(390));
  EXPECT_EQ(Told(world), absl::Milliseconds(290)) << "of a client that gave up after 300 ms";
  World brief = Waiting();
  Leave(brief, absl::Milliseconds(50));
  EXPECT_EQ(Told(brief), absl::Milliseconds(25));
}

TEST(ClientTimeout, IsTheLongestAfterWhichTheSameAgentGaveUpOnTheSameCall) {
  World world = Waiting();
  Leave(world, absl::Seconds(4.1));
  EXPECT_EQ(Told(world), absl::Seconds(4));
  Leave(world, absl::Seconds(1));
  EXPECT_EQ(Told(world), absl::Seconds(4)) << "it may leave early for other reasons";
  EXPECT_EQ(Told(world, {.name = "shop.see"}), std::nullopt);
  EXPECT_EQ(Told(world, {.agent = "other"}), std::nullopt);
}

TEST(ClientTimeout, IsNotLearnedFromAnAgentThatLeavesInTheMiddleOfAnAnswer) {
  World world = Waiting();
  Leave(world, absl::Seconds(4), {}, 200);
  EXPECT_EQ(Told(world), std::nullopt);
}

TEST(ClientTimeout, StatedInWholeSecondsIsMadeExactByWhatWasSeenWithinThem) {
  const Shot whole = Stating({{"x-stainless-timeout", "2"}});
  World world = Waiting();
  Leave(world, absl::Seconds(2.8), whole);
  EXPECT_EQ(Told(world, whole), absl::Seconds(2.7));
  Leave(world, absl::Seconds(9), whole);
  EXPECT_EQ(Told(world, whole), absl::Seconds(2));
}

TEST(ClientTimeout, IsLearnedOfABoundedNumberOfClients) {
  World world = Waiting();
  for (size_t i = 0; i <= ClientTimeouts::kMostClients; ++i)
    Leave(world, absl::Milliseconds(2), {.name = std::to_string(i)});
  EXPECT_EQ(Told(world, {.name = "0"}), absl::Milliseconds(1));
  EXPECT_EQ(Told(world, {.name = std::to_string(ClientTimeouts::kMostClients)}), std::nullopt);
}

}  // namespace
}  // namespace murphy::engine
