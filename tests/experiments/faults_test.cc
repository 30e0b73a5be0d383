// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/living_world.h"

namespace murphy::experiments {
namespace {

class ArmedFaultsTest : public test::LivingWorld {
 protected:
  absl::Status Arm(const std::string& fault, v1::ArmFaultResponse* response,
                   int64_t nanoseconds = 0) {
    v1::ArmFaultRequest request;
    request.set_fault(fault);
    if (nanoseconds > 0) {
      request.mutable_ttl()->set_seconds(nanoseconds / 1'000'000'000);
      request.mutable_ttl()->set_nanos(static_cast<int32_t>(nanoseconds % 1'000'000'000));
    }
    return books_->faults.Arm(request, response);
  }
  int Count() {
    v1::ListFaultsResponse response;
    EXPECT_TRUE(books_->faults.List({}, &response).ok());
    return response.faults_size();
  }
};

TEST_F(ArmedFaultsTest, ArmOnTheDefaultRunUntilDisarmed) {
  EXPECT_EQ(Exchange("default"), 0);
  v1::ArmFaultResponse response;
  ASSERT_TRUE(Arm("status,code=503", &response).ok());
  EXPECT_EQ(response.fault().run(), "default");
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(Count(), 1);
  EXPECT_FALSE(books_->idle());
  v1::DisarmFaultRequest disarm;
  disarm.set_id(response.fault().id());
  v1::DisarmFaultResponse ignored;
  ASSERT_TRUE(books_->faults.Disarm(disarm, &ignored).ok());
  EXPECT_EQ(books_->faults.Disarm(disarm, &ignored).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Exchange("default"), 0);
  EXPECT_TRUE(books_->idle());
}

TEST_F(ArmedFaultsTest, RepeatRequestsWhereTheConfigurationAllowsIt) {
  v1::ArmFaultResponse response;
  EXPECT_FALSE(Arm("duplicate_request,target=tool:a", &response).ok());
  Policy policy;
  policy.ceilings.set_allow_side_effects(true);
  Open(policy);
  EXPECT_TRUE(Arm("duplicate_request,target=tool:a", &response).ok());
}

TEST_F(ArmedFaultsTest, CountHowOftenTheyFire) {
  v1::ArmFaultResponse response;
  ASSERT_TRUE(Arm("latency,fixed=1ms", &response).ok());
  Exchange("default");
  ASSERT_TRUE(Arm("status,code=503", &response).ok());
  Exchange("default");
  v1::ListFaultsResponse listed;
  ASSERT_TRUE(books_->faults.List({}, &listed).ok());
  ASSERT_EQ(listed.faults_size(), 2);
  EXPECT_EQ(listed.faults(0).fired(), 2u);
  EXPECT_EQ(listed.faults(1).fired(), 1u);
}

TEST_F(ArmedFaultsTest, DisarmThemselvesWhenTheirTimeIsUp) {
  v1::ArmFaultResponse response;
  ASSERT_TRUE(Arm("status,code=503", &response, 1).ok());
  v1::ArmFaultResponse longer;
  ASSERT_TRUE(Arm("status,code=500", &longer).ok());
  books_->Tick();
  EXPECT_EQ(Count(), 1);
}

TEST_F(ArmedFaultsTest, ArmOneFaultForOneRequestId) {
  v1::ArmFaultRequest request;
  request.set_request_id("once");
  request.set_fault("status,code=503");
  v1::ArmFaultResponse first, second;
  ASSERT_TRUE(books_->faults.Arm(request, &first).ok());
  ASSERT_TRUE(books_->faults.Arm(request, &second).ok());
  EXPECT_EQ(first.fault().id(), second.fault().id());
  EXPECT_EQ(Count(), 1);
}

TEST_F(ArmedFaultsTest, AreBoundByCeilingsAndProductionAsScenariosAre) {
  Policy policy;
  policy.ceilings.mutable_max_duration()->set_seconds(5);
  policy.ceilings.set_max_injections(1);
  Open(policy);
  v1::ArmFaultResponse response;
  ASSERT_TRUE(Arm("status,code=503", &response).ok());
  EXPECT_LE(response.fault().expire_time().seconds(),
            absl::ToUnixSeconds(absl::Now() + absl::Seconds(6)));
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(Exchange("default"), 0);
  Open({.environment = "production"});
  EXPECT_EQ(Arm("status,code=503", &response).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ArmedFaultsTest, ExplainWhatIsWrong) {
  v1::ArmFaultResponse response;
  EXPECT_EQ(Arm("statuss,code=503", &response).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Arm("status,code=99999", &response).code(), absl::StatusCode::kInvalidArgument);
  v1::DescribeFaultsRequest request;
  request.set_name("rate_limits");
  v1::DescribeFaultsResponse described;
  const absl::Status status = books_->faults.Describe(request, &described);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("`rate_limit`"), std::string::npos);
}

}  // namespace
}  // namespace murphy::experiments
