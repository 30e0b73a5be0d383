// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/request_ids.h"

#include <fmt/format.h>

#include "daemon/experiments/orphans.h"
#include "tests/support/living_world.h"

namespace murphy::experiments {
namespace {

class RequestIdsTest : public test::LivingWorld {
 protected:
  void Restart() {
    ASSERT_TRUE(EndOrphans(*journal_, "The daemon was restarted.").ok());
    Open({});
  }
};

TEST_F(RequestIdsTest, OutliveTheDaemon) {
  v1::CreateExperimentRequest request;
  request.set_request_id("once");
  request.mutable_source()->set_text(kScenario);
  v1::CreateExperimentResponse first, second;
  ASSERT_TRUE(books_->experiments.Create(request, &first).ok());
  Restart();
  ASSERT_TRUE(books_->experiments.Create(request, &second).ok());
  EXPECT_EQ(second.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(journal_->Experiments(10, "")->size(), 1u);
  request.set_seed(7);
  const absl::Status other = books_->experiments.Create(request, &second);
  EXPECT_EQ(other.code(), absl::StatusCode::kInvalidArgument) << "the id belongs to another request";
}

TEST_F(RequestIdsTest, ARunThatIsAskedForAgainIsOverWithItsDaemon) {
  v1::StartRunRequest request;
  request.set_request_id("once");
  v1::StartRunResponse first, second;
  ASSERT_TRUE(books_->runs.Start(request, &first).ok());
  Restart();
  ASSERT_TRUE(books_->runs.Start(request, &second).ok());
  EXPECT_EQ(second.run().id(), first.run().id());
  EXPECT_EQ(second.run().state(), v1::RUN_STATE_FINISHED);
  EXPECT_EQ(runs_->Live().size(), 1u) << "`default`";
}

TEST_F(RequestIdsTest, AFaultThatIsAskedForAgainIsNotSaidToBeArmed) {
  v1::ArmFaultRequest request;
  request.set_request_id("once");
  request.set_fault("status,code=503");
  v1::ArmFaultResponse response;
  ASSERT_TRUE(books_->faults.Arm(request, &response).ok());
  Restart();
  const absl::Status again = books_->faults.Arm(request, &response);
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(again.message().find("another request id"), std::string::npos) << again;
  request.set_request_id("twice");
  EXPECT_TRUE(books_->faults.Arm(request, &response).ok());
}

using Ids = RequestIds<v1::StartRunResponse>;

v1::StartRunRequest Request(int number) {
  v1::StartRunRequest request;
  request.set_request_id(fmt::format("id with spaces {}", number));
  return request;
}

// Numbers of requests that are remembered.
std::vector<int> Known(Ids& ids, int most) {
  std::vector<int> known;
  for (int number = 0; number < most; ++number) {
    v1::StartRunResponse response;
    const auto repeats = ids.Repeats(Request(number), &response);
    EXPECT_TRUE(repeats.ok()) << repeats.status();
    if (repeats.ok() && *repeats && response.gateway() == std::to_string(number))
      known.push_back(number);
  }
  return known;
}

TEST_F(RequestIdsTest, AreTheLastOnesBeforeAndAfterARestart) {
  Ids ids(*journal_, "test");
  for (int number = 0; number < 300; ++number) {
    v1::StartRunResponse response;
    response.set_gateway(std::to_string(number));
    ids.Keep(Request(number), response);
  }
  const std::vector<int> known = Known(ids, 300);
  EXPECT_EQ(known.size(), 256u);
  EXPECT_EQ(known.front(), 44);
  Ids later(*journal_, "test");
  EXPECT_EQ(Known(later, 300), known);
  v1::StartRunResponse response;
  response.set_gateway("300");
  later.Keep(Request(300), response);
  Ids latest(*journal_, "test");
  EXPECT_EQ(Known(latest, 301).front(), 45);
  Ids other(*journal_, "other");
  EXPECT_TRUE(Known(other, 301).empty());
}

TEST_F(RequestIdsTest, ADamagedAnswerIsNone) {
  for (const char* damaged : {"", " ", "x", "1", "1 ", "1 99999 id", "1 2 id", "99999999999999999999 2 id"}) {
    ASSERT_TRUE(journal_->PutNote("answer/test/1", damaged).ok());
    Ids ids(*journal_, "test");
    EXPECT_TRUE(Known(ids, 3).empty()) << damaged;
  }
}

}  // namespace
}  // namespace murphy::experiments
