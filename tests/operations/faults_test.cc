// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/operations/living_world.h"

namespace murphy::operations {
namespace {

class FaultOperations : public LivingWorld {
 protected:
  absl::Status Arm(const std::string& fault, v1::ArmFaultResponse* response,
                   int64_t nanoseconds = 0) {
    v1::ArmFaultRequest request;
    request.set_fault(fault);
    if (nanoseconds > 0) {
      request.mutable_ttl()->set_seconds(nanoseconds / 1'000'000'000);
      request.mutable_ttl()->set_nanos(static_cast<int32_t>(nanoseconds % 1'000'000'000));
    }
    return operations_->ArmFault(request, response);
  }
  int Count() {
    v1::ListFaultsResponse response;
    EXPECT_TRUE(operations_->ListFaults({}, &response).ok());
    return response.faults_size();
  }
};

TEST_F(FaultOperations, ArmOnTheDefaultRunUntilDisarmed) {
  EXPECT_EQ(Exchange("default"), 0);
  v1::ArmFaultResponse response;
  ASSERT_TRUE(Arm("status,code=503", &response).ok());
  EXPECT_EQ(response.fault().run(), "default");
  EXPECT_EQ(Exchange("default"), 1);
  EXPECT_EQ(Count(), 1);
  EXPECT_FALSE(operations_->idle());
  v1::DisarmFaultRequest disarm;
  disarm.set_id(response.fault().id());
  v1::DisarmFaultResponse ignored;
  ASSERT_TRUE(operations_->DisarmFault(disarm, &ignored).ok());
  EXPECT_EQ(operations_->DisarmFault(disarm, &ignored).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Exchange("default"), 0);
  EXPECT_TRUE(operations_->idle());
}

TEST_F(FaultOperations, CountHowOftenTheyFire) {
  v1::ArmFaultResponse response;
  ASSERT_TRUE(Arm("latency,fixed=1ms", &response).ok());
  Exchange("default");
  ASSERT_TRUE(Arm("status,code=503", &response).ok());
  Exchange("default");
  v1::ListFaultsResponse listed;
  ASSERT_TRUE(operations_->ListFaults({}, &listed).ok());
  ASSERT_EQ(listed.faults_size(), 2);
  EXPECT_EQ(listed.faults(0).fired(), 2u);
  EXPECT_EQ(listed.faults(1).fired(), 1u);
}

TEST_F(FaultOperations, DisarmThemselvesWhenTheirTimeIsUp) {
  v1::ArmFaultResponse response;
  ASSERT_TRUE(Arm("status,code=503", &response, 1).ok());
  v1::ArmFaultResponse longer;
  ASSERT_TRUE(Arm("status,code=500", &longer).ok());
  operations_->Tick();
  EXPECT_EQ(Count(), 1);
}

TEST_F(FaultOperations, ArmOneFaultForOneRequestId) {
  v1::ArmFaultRequest request;
  request.set_request_id("once");
  request.set_fault("status,code=503");
  v1::ArmFaultResponse first, second;
  ASSERT_TRUE(operations_->ArmFault(request, &first).ok());
  ASSERT_TRUE(operations_->ArmFault(request, &second).ok());
  EXPECT_EQ(first.fault().id(), second.fault().id());
  EXPECT_EQ(Count(), 1);
}

TEST_F(FaultOperations, AreBoundByCeilingsAndProductionAsScenariosAre) {
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

TEST_F(FaultOperations, ExplainWhatIsWrong) {
  v1::ArmFaultResponse response;
  EXPECT_EQ(Arm("statuss,code=503", &response).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Arm("status,code=99999", &response).code(), absl::StatusCode::kInvalidArgument);
  v1::DescribeFaultsRequest request;
  request.set_name("rate_limits");
  v1::DescribeFaultsResponse described;
  const absl::Status status = operations_->DescribeFaults(request, &described);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("`rate_limit`"), std::string::npos);
}

class SafetyOperations : public LivingWorld {
 protected:
  void Halt() {
    v1::HaltRequest request;
    request.set_reason("on call");
    v1::HaltResponse response;
    ASSERT_TRUE(operations_->Halt(request, &response).ok());
    EXPECT_TRUE(response.state().halted());
  }
};

TEST_F(SafetyOperations, HaltEverythingAndOutliveARestart) {
  const std::string experiment = CreateExperiment();
  const std::string run = StartRun(experiment).run().id();
  EXPECT_EQ(Exchange(run), 1);
  Halt();
  EXPECT_EQ(Exchange(run), 0);
  Open({});
  ASSERT_TRUE(operations_->safety().Restore().ok());
  v1::GetStatusResponse status;
  ASSERT_TRUE(operations_->GetStatus({}, &status).ok());
  EXPECT_TRUE(status.halt().halted());
  EXPECT_EQ(status.halt().reason(), "on call");
  EXPECT_EQ(Exchange(StartRun(experiment).run().id()), 0);
}

TEST_F(SafetyOperations, ResumeOnlyWithAReason) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Halt();
  v1::ResumeRequest request;
  v1::ResumeResponse response;
  EXPECT_EQ(operations_->Resume(request, &response).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Exchange(run), 0);
  request.set_reason("all clear");
  ASSERT_TRUE(operations_->Resume(request, &response).ok());
  EXPECT_FALSE(response.state().halted());
  EXPECT_EQ(Exchange(run), 1);
}

TEST_F(SafetyOperations, InvalidateRunsThatWereHalted) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  Halt();
  v1::ResumeRequest request;
  request.set_reason("all clear");
  v1::ResumeResponse response;
  ASSERT_TRUE(operations_->Resume(request, &response).ok());
  Exchange(run);
  const v1::Outcome outcome = FinishRun(run).run().outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_NE(outcome.integrity().find("halted"), std::string::npos);
}

TEST_F(SafetyOperations, CountEachDeliveredInjectionOnce) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  Exchange(run);
  Exchange(run, "/other");
  FinishRun(run);
  v1::GetStatusResponse status;
  ASSERT_TRUE(operations_->GetStatus({}, &status).ok());
  EXPECT_EQ(status.injections(), 2u);
  EXPECT_EQ(status.connections(), 3u);
  EXPECT_EQ(status.exchanges(), 7u);
  EXPECT_EQ(status.active_runs(), 0u);
}

}  // namespace
}  // namespace murphy::operations
