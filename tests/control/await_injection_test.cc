// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/await_injection.h"

#include <gtest/gtest.h>

#include <future>
#include <list>

#include "murphy/v1/journal_service.grpc.pb.h"
#include "tests/control/live_server.h"

namespace murphy::control {
namespace {

class Awaiting : public LiveServer {
 protected:
  void Append(const std::string& run, uint64_t id, v1::InjectionState state,
              const std::string& rule = "down") {
    v1::Event event;
    v1::Injection& injection = *event.mutable_injection();
    injection.set_run(run);
    injection.set_id(id);
    injection.set_rule(rule);
    injection.set_state(state);
    if (state != v1::INJECTION_STATE_MATCHED && state != v1::INJECTION_STATE_MASKED)
      injection.mutable_fire_time()->set_seconds(1);
    ASSERT_TRUE(journal_->Append(std::move(event)));
  }

  struct Answer {
    grpc::Status status;
    v1::Injection injection;
  };
  Answer Await(const std::string& run, absl::Duration timeout, v1::InjectionState state = {},
               const std::string& rule = "") {
    v1::AwaitInjectionRequest request;
    request.set_run(run);
    request.set_rule(rule);
    request.set_state(state);
    request.mutable_timeout()->set_seconds(absl::ToInt64Seconds(timeout));
    request.mutable_timeout()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(timeout % absl::Seconds(1))));
    grpc::ClientContext context;
    v1::AwaitInjectionResponse response;
    const grpc::Status status =
        v1::JournalService::NewStub(unix_)->AwaitInjection(&context, request, &response);
    return {status, response.injection()};
  }

  std::future<Answer> Later(const std::string& run, v1::InjectionState state,
                            const std::string& rule = "") {
    return std::async(std::launch::async,
                      [=, this] { return Await(run, absl::Minutes(1), state, rule); });
  }
};

TEST_F(Awaiting, ReturnsWhatHasHappenedAlready) {
  const std::string run = StartRun("").run().id();
  Append(run, 1, v1::INJECTION_STATE_FIRED);
  Append(run, 1, v1::INJECTION_STATE_DELIVERED);
  ASSERT_TRUE(journal_->Flush().ok());
  for (const auto state : {v1::INJECTION_STATE_UNSPECIFIED, v1::INJECTION_STATE_FIRED,
                           v1::INJECTION_STATE_MATCHED, v1::INJECTION_STATE_DELIVERED}) {
    const Answer answer = Await(run, absl::ZeroDuration(), state);
    EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
    EXPECT_EQ(answer.injection.state(), v1::INJECTION_STATE_DELIVERED);
  }
}

TEST_F(Awaiting, WaitsForTheRuleAndTheStateThatItNames) {
  const std::string run = StartRun("").run().id();
  std::future<Answer> waiting = Later(run, v1::INJECTION_STATE_DELIVERED, "down");
  Append("other", 9, v1::INJECTION_STATE_DELIVERED);
  Append(run, 1, v1::INJECTION_STATE_DELIVERED, "slow");
  Append(run, 2, v1::INJECTION_STATE_FIRED);
  Append(run, 2, v1::INJECTION_STATE_EXPIRED);
  Append(run, 3, v1::INJECTION_STATE_FIRED);
  Append(run, 3, v1::INJECTION_STATE_DELIVERED);
  const Answer answer = waiting.get();
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.injection.id(), 3u);
}

TEST_F(Awaiting, SaysThatNoneCameInTime) {
  const std::string run = StartRun("").run().id();
  Append(run, 1, v1::INJECTION_STATE_FIRED);
  const Answer answer = Await(run, absl::Milliseconds(20), v1::INJECTION_STATE_DELIVERED, "down");
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(answer.status.error_message(), "No injection of the rule `down` in the run `" + run +
                                               "` came to `delivered` in 20ms.");
}

TEST_F(Awaiting, EndsWithTheRun) {
  const std::string run = StartRun("").run().id();
  std::future<Answer> waiting = Later(run, v1::INJECTION_STATE_DELIVERED);
  FinishRun(run);
  const Answer answer = waiting.get();
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_NE(answer.status.error_message().find("before the run ended"), std::string::npos);
  EXPECT_EQ(Await(run, absl::Minutes(1)).status.error_code(), grpc::StatusCode::FAILED_PRECONDITION)
      << "nobody waits for a run that is over";
}

TEST_F(Awaiting, RefusesWhatCanNeverCome) {
  EXPECT_EQ(Await("no-such-run", absl::Seconds(1)).status.error_code(),
            grpc::StatusCode::NOT_FOUND);
  const std::string run = StartRun("").run().id();
  EXPECT_EQ(Await(run, absl::Minutes(6)).status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Await(run, absl::Seconds(1), v1::INJECTION_STATE_ARMED).status.error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Awaiting, ManyWaitWithoutKeepingOthersFromTheirCalls) {
  const std::string run = StartRun("").run().id();
  const auto stub = v1::JournalService::NewStub(unix_);
  constexpr int kMany = 300;
  std::list<grpc::ClientContext> contexts(kMany);
  std::list<v1::AwaitInjectionResponse> responses(kMany);
  std::list<std::promise<grpc::Status>> ends(kMany);
  v1::AwaitInjectionRequest request;
  request.set_run(run);
  auto response = responses.begin();
  auto end = ends.begin();
  for (grpc::ClientContext& context : contexts) {
    stub->async()->AwaitInjection(&context, &request, &*response,
                                  [end](const grpc::Status& status) { end->set_value(status); });
    ++response, ++end;
  }
  const std::string other = StartRun("").run().id();
  EXPECT_FALSE(other.empty());
  contexts.front().TryCancel();
  EXPECT_EQ(ends.front().get_future().get().error_code(), grpc::StatusCode::CANCELLED);
  Append(run, 1, v1::INJECTION_STATE_DELIVERED);
  int busy = 0;
  for (auto one = std::next(ends.begin()); one != ends.end(); ++one) {
    const grpc::Status status = one->get_future().get();
    busy += status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ? 1 : 0;
    EXPECT_TRUE(status.ok() || status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  EXPECT_LT(busy, kMany / 2) << "they wait, and hold no thread";
}

TEST_F(Awaiting, EndsWhenTheServerStops) {
  const std::string run = StartRun("").run().id();
  std::future<Answer> waiting = Later(run, v1::INJECTION_STATE_DELIVERED);
  server_->Stop(absl::ZeroDuration());
  EXPECT_FALSE(waiting.get().status.ok());
}

}  // namespace
}  // namespace murphy::control
