// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "murphy/v1/experiment_service.grpc.pb.h"
#include "murphy/v1/fault_service.grpc.pb.h"
#include "murphy/v1/safety_service.grpc.pb.h"
#include "tests/control/live_server.h"

namespace murphy::control {
namespace {

class AuditedCalls : public LiveServer {
 protected:
  grpc::Status Resume(const std::string& reason) {
    grpc::ClientContext context;
    context.AddMetadata("murphy-actor", "ann@desk");
    v1::ResumeRequest request;
    request.set_reason(reason);
    v1::ResumeResponse response;
    return v1::SafetyService::NewStub(unix_)->Resume(&context, request, &response);
  }
  grpc::Status Halt() {
    grpc::ClientContext context;
    v1::HaltResponse response;
    return v1::SafetyService::NewStub(unix_)->Halt(&context, {}, &response);
  }
  // A directory lies where the log should.
  void Obstruct() {
    std::filesystem::remove(directory_ + "/audit.jsonl");
    std::filesystem::create_directory(directory_ + "/audit.jsonl");
  }
  // Newest first.
  std::vector<v1::AuditEntry> Recorded() {
    v1::ListAuditEntriesResponse response;
    EXPECT_TRUE(books_->audit.List({}, &response).ok());
    return {response.entries().begin(), response.entries().end()};
  }
};

TEST_F(AuditedCalls, SayWhoWhatAndWhy) {
  ASSERT_TRUE(Resume("the bill is paid").ok());
  ASSERT_EQ(Recorded().size(), 1u);
  const v1::AuditEntry entry = Recorded()[0];
  EXPECT_EQ(entry.actor(), "ann@desk");
  EXPECT_EQ(entry.peer(), "unix");
  EXPECT_EQ(entry.call(), "Resume");
  EXPECT_EQ(entry.reason(), "the bill is paid");
  EXPECT_EQ(entry.request(), R"({"reason":"the bill is paid"})");
  EXPECT_EQ(entry.result(), "OK");
}

TEST_F(AuditedCalls, OverTcpNameTheAddressOfTheCaller) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer secret");
  v1::ResumeRequest request;
  request.set_reason("why");
  v1::ResumeResponse response;
  ASSERT_TRUE(v1::SafetyService::NewStub(tcp_)->Resume(&context, request, &response).ok());
  ASSERT_EQ(Recorded().size(), 1u);
  EXPECT_TRUE(Recorded()[0].peer().starts_with("127.0.0.1:")) << Recorded()[0].peer();
}

TEST_F(AuditedCalls, RefusedOnesAreOnRecordToo) {
  EXPECT_FALSE(Resume("").ok());
  ASSERT_EQ(Recorded().size(), 1u);
  EXPECT_TRUE(Recorded()[0].result().starts_with("INVALID_ARGUMENT: Resume needs a reason"));
}

TEST_F(AuditedCalls, AreNotMadeWhileTheLogCannotBeWritten) {
  ASSERT_TRUE(Halt().ok());
  Obstruct();
  const grpc::Status refused = Resume("why");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_NE(refused.error_message().find("Nothing was changed"), std::string::npos);
  EXPECT_TRUE(runs_->halted());
}

TEST_F(AuditedCalls, AreAnnouncedBeforeTheyAreMade) {
  ASSERT_TRUE(Resume("the bill is paid").ok());
  std::ifstream log(directory_ + "/audit.jsonl");
  std::string announced, done;
  std::getline(log, announced);
  std::getline(log, done);
  EXPECT_NE(announced.find(R"("result":"BEGUN")"), std::string::npos) << announced;
  EXPECT_NE(done.find(R"("result":"OK")"), std::string::npos) << done;
  EXPECT_NE(done.find(R"("begun":1)"), std::string::npos) << done;
}

TEST_F(AuditedCalls, HaltActsEvenThen) {
  Obstruct();
  // Whether it says that it is not on record depends on how long that took to find out.
  const grpc::Status halted = Halt();
  EXPECT_TRUE(halted.ok() || halted.error_message().find("It was done") != std::string::npos);
  EXPECT_TRUE(runs_->halted());
}

TEST_F(AuditedCalls, QuestionsAreNotOnRecord) {
  grpc::ClientContext first, second;
  v1::ListFaultsResponse faults;
  ASSERT_TRUE(v1::FaultService::NewStub(unix_)->ListFaults(&first, {}, &faults).ok());
  v1::CreateExperimentRequest dry_run;
  dry_run.set_validate_only(true);
  dry_run.mutable_source()->set_text(kScenario);
  v1::CreateExperimentResponse experiment;
  ASSERT_TRUE(
      v1::ExperimentService::NewStub(unix_)->CreateExperiment(&second, dry_run, &experiment).ok());
  EXPECT_TRUE(Recorded().empty());
}

}  // namespace
}  // namespace murphy::control
