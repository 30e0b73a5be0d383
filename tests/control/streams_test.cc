// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/control/watch_stream.h"
#include "murphy/v1/journal_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"
#include "tests/control/live_server.h"

namespace murphy::control {
namespace {

class WatchStreams : public LiveServer {
 protected:
  // Appends so many injections of run `a`, and waits until they are committed.
  void Commit(uint64_t events, size_t bytes = 0) {
    for (uint64_t i = 0; i < events; ++i) {
      v1::Event event;
      event.mutable_injection()->set_run("a");
      event.mutable_injection()->set_id(++appended_);
      event.mutable_injection()->set_detail(std::string(bytes, 'x'));
      ASSERT_TRUE(journal_->Append(std::move(event)));
      // The inbox is bounded, too.
      if (i % 1000 == 999) journal_->Flush().IgnoreError();
    }
    ASSERT_TRUE(journal_->Flush().ok());
  }
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> Watch(
      std::optional<uint64_t> revision = std::nullopt) {
    v1::WatchRequest request;
    if (revision) request.set_revision(*revision);
    return v1::JournalService::NewStub(unix_)->Watch(&context_, request);
  }

  grpc::ClientContext context_;
  uint64_t appended_ = 0;
};

TEST_F(WatchStreams, DeliverHistoryThenWhatFollowsInOrder) {
  Commit(5);
  auto watch = Watch(0);
  v1::WatchResponse response;
  uint64_t injections = 0;
  while (watch->Read(&response) && !response.event().synced()) {
    if (!response.event().has_injection()) continue;
    EXPECT_EQ(response.event().injection().id(), ++injections);
  }
  EXPECT_EQ(injections, 5u);
  Commit(495);
  for (uint64_t i = 6; i <= 500; ++i) {
    ASSERT_TRUE(watch->Read(&response));
    EXPECT_EQ(response.event().injection().id(), i);
  }
  context_.TryCancel();
}

TEST_F(WatchStreams, ResumeAfterARevision) {
  Commit(5);
  auto watch = Watch(journal_->revision() - 2);
  v1::WatchResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.event().injection().id(), 4u);
  context_.TryCancel();
}

TEST_F(WatchStreams, TellASlowReaderAfterWhatItStillGets) {
  auto watch = Watch();
  v1::WatchResponse response;
  while (watch->Read(&response) && !response.event().synced()) {
  }
  // More than the transport's own buffers and the stream's together.
  Commit(3 * Backlog::kMostEvents, 1000);
  uint64_t read = 0;
  while (watch->Read(&response)) EXPECT_EQ(response.event().injection().id(), ++read);
  EXPECT_GE(read, Backlog::kMostEvents);
  EXPECT_LT(read, 3 * Backlog::kMostEvents);
  const grpc::Status status = watch->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
}

TEST_F(WatchStreams, GoOnByRevisionAfterTheBudgetOfAllWasUsedUp) {
  const auto small = Server::Start(*books_, {directory_ + "/small.sock", "", "", 200'000});
  ASSERT_TRUE(small.ok());
  const auto stub = v1::JournalService::NewStub(Channel("unix:" + directory_ + "/small.sock"));
  Commit(1000, 1000);
  uint64_t read = 0, revision = 0;
  int ended = 0;
  while (read < 1000) {
    grpc::ClientContext context;
    v1::WatchRequest request;
    request.set_revision(revision);
    auto watch = stub->Watch(&context, request);
    v1::WatchResponse response;
    while (read < 1000 && watch->Read(&response)) {
      revision = response.event().revision();
      if (!response.event().has_injection()) continue;
      ASSERT_EQ(response.event().injection().id(), ++read);
    }
    if (read == 1000) {
      context.TryCancel();
      break;
    }
    ++ended;
    ASSERT_EQ(watch->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  EXPECT_GT(ended, 0);
  (*small)->Stop(absl::ZeroDuration());
}

TEST_F(WatchStreams, EndWhenTheServerStops) {
  auto watch = Watch();
  v1::WatchResponse response;
  while (watch->Read(&response) && !response.event().synced()) {
  }
  server_->Stop(absl::ZeroDuration());
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_FALSE(watch->Finish().ok());
}

class Leases : public LiveServer {
 protected:
  static v1::HoldLeaseRequest For(const std::string& run) {
    v1::HoldLeaseRequest request;
    request.set_run(run);
    return request;
  }
  // Events of the journal say when it happened: no test waits by the clock.
  v1::RunState AwaitChange(const std::string& run) {
    grpc::ClientContext context;
    v1::WatchRequest request;
    request.set_run(run);
    auto watch = v1::JournalService::NewStub(unix_)->Watch(&context, request);
    v1::WatchResponse response;
    while (watch->Read(&response)) {
      if (response.event().has_run() && response.event().run().state() != v1::RUN_STATE_ACTIVE)
        return response.event().run().state();
    }
    return v1::RUN_STATE_UNSPECIFIED;
  }
};

TEST_F(Leases, KeepARunArmedUntilTheyAreClosed) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  grpc::ClientContext context;
  v1::HoldLeaseResponse response;
  auto lease = v1::RunService::NewStub(unix_)->HoldLease(&context, &response);
  ASSERT_TRUE(lease->Write(For(run)));
  ASSERT_TRUE(lease->Write(For("")));
  EXPECT_EQ(Exchange(run), 1);
  lease->WritesDone();
  EXPECT_TRUE(lease->Finish().ok());
  EXPECT_EQ(runs_->Find(run).run->Describe().state(), v1::RUN_STATE_DISARMED);
}

TEST_F(Leases, CloseWhenTheClientVanishes) {
  const std::string run = StartRun(CreateExperiment()).run().id();
  grpc::ClientContext context;
  v1::HoldLeaseResponse response;
  auto lease = v1::RunService::NewStub(unix_)->HoldLease(&context, &response);
  ASSERT_TRUE(lease->Write(For(run)));
  context.TryCancel();
  EXPECT_FALSE(lease->Finish().ok());
  // Cancelled before it was opened, it ends as any lease that nobody opens.
  while (runs_->Find(run).run->disarm_reason().empty()) books_->Tick();
  EXPECT_EQ(AwaitChange(run), v1::RUN_STATE_DISARMED);
}

TEST_F(Leases, AreRefusedForARunThatDoesNotExist) {
  grpc::ClientContext context;
  v1::HoldLeaseResponse response;
  auto lease = v1::RunService::NewStub(unix_)->HoldLease(&context, &response);
  lease->Write(For("missing"));
  EXPECT_EQ(lease->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace murphy::control
