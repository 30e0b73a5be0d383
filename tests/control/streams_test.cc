// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/control/watch_stream.h"
#include "murphy/v1/journal_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"
#include "tests/control/live_server.h"

namespace murphy::control {
namespace {

class WatchStreams : public LiveServer {};

TEST_F(WatchStreams, DeliverHistoryThenWhatFollowsInOrder) {
  operations_.history = 5;
  grpc::ClientContext context;
  auto watch = v1::JournalService::NewStub(unix_)->Watch(&context, {});
  v1::WatchResponse response;
  for (uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(watch->Read(&response));
    EXPECT_EQ(response.event().revision(), i);
  }
  operations_.Await("subscribed");
  for (uint64_t i = 6; i <= 500; ++i)
    ASSERT_TRUE(operations_.Push(FakeOperations::NumberedEvent(i)));
  for (uint64_t i = 6; i <= 500; ++i) {
    ASSERT_TRUE(watch->Read(&response));
    EXPECT_EQ(response.event().revision(), i);
  }
  context.TryCancel();
  operations_.Await("unsubscribed");
}

TEST_F(WatchStreams, ResumeAfterARevision) {
  operations_.history = 5;
  grpc::ClientContext context;
  v1::WatchRequest request;
  request.set_revision(3);
  auto watch = v1::JournalService::NewStub(unix_)->Watch(&context, request);
  v1::WatchResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.event().revision(), 4u);
  context.TryCancel();
}

TEST_F(WatchStreams, TellASlowReaderAfterWhatItStillGets) {
  grpc::ClientContext context;
  auto watch = v1::JournalService::NewStub(unix_)->Watch(&context, {});
  operations_.Await("subscribed");
  // What the queue and the transport's own buffers take is not for this test to know: push until it
  // is refused.
  v1::Event event = FakeOperations::NumberedEvent(0);
  event.mutable_exchange()->set_failure(std::string(1000, 'x'));
  uint64_t accepted = 0;
  for (event.set_revision(1); accepted < 1'000'000 && operations_.Push(event);
       event.set_revision(accepted + 1)) {
    ++accepted;
  }
  ASSERT_GE(accepted, WatchStream::kMostWaiting);
  ASSERT_LT(accepted, 1'000'000u);
  EXPECT_FALSE(operations_.Push(event));

  v1::WatchResponse response;
  uint64_t read = 0;
  while (watch->Read(&response)) EXPECT_EQ(response.event().revision(), ++read);
  EXPECT_EQ(read, accepted);
  const grpc::Status status = watch->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  operations_.Await("unsubscribed");
}

TEST_F(WatchStreams, EndWhenTheServerStops) {
  grpc::ClientContext context;
  auto watch = v1::JournalService::NewStub(unix_)->Watch(&context, {});
  operations_.Await("subscribed");
  server_->Stop(absl::ZeroDuration());
  v1::WatchResponse response;
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_FALSE(watch->Finish().ok());
  operations_.Await("unsubscribed");
}

TEST_F(WatchStreams, PassOnARefusal) {
  operations_.answer = absl::OutOfRangeError("Those events are gone.");
  grpc::ClientContext context;
  auto watch = v1::JournalService::NewStub(unix_)->Watch(&context, {});
  v1::WatchResponse response;
  EXPECT_FALSE(watch->Read(&response));
  const grpc::Status status = watch->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(status.error_message(), "Those events are gone.");
}

class Leases : public LiveServer {
 protected:
  static v1::HoldLeaseRequest For(const std::string& run) {
    v1::HoldLeaseRequest request;
    request.set_run(run);
    return request;
  }
};

TEST_F(Leases, OpenRenewAndClose) {
  grpc::ClientContext context;
  v1::HoldLeaseResponse response;
  auto lease = v1::RunService::NewStub(unix_)->HoldLease(&context, &response);
  ASSERT_TRUE(lease->Write(For("a")));
  ASSERT_TRUE(lease->Write(For("")));
  ASSERT_TRUE(lease->Write(For("")));
  lease->WritesDone();
  EXPECT_TRUE(lease->Finish().ok());
  EXPECT_EQ(operations_.notes(),
            (std::vector<std::string>{"open a", "renew a", "renew a", "close a"}));
}

TEST_F(Leases, CloseWhenTheClientVanishes) {
  grpc::ClientContext context;
  v1::HoldLeaseResponse response;
  auto lease = v1::RunService::NewStub(unix_)->HoldLease(&context, &response);
  ASSERT_TRUE(lease->Write(For("a")));
  operations_.Await("open a");
  context.TryCancel();
  operations_.Await("close a");
  EXPECT_FALSE(lease->Finish().ok());
}

TEST_F(Leases, AreRefusedForARunThatDoesNotExist) {
  grpc::ClientContext context;
  v1::HoldLeaseResponse response;
  auto lease = v1::RunService::NewStub(unix_)->HoldLease(&context, &response);
  lease->Write(For("missing"));
  const grpc::Status status = lease->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(operations_.notes().empty());
}

}  // namespace
}  // namespace murphy::control
