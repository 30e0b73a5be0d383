// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/server.h"

#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/error_details.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <thread>

#include "daemon/control/calls.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "murphy/v1/experiment_service.grpc.pb.h"
#include "murphy/v1/fault_service.grpc.pb.h"
#include "murphy/v1/journal_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"
#include "murphy/v1/safety_service.grpc.pb.h"
#include "tests/control/live_server.h"

namespace murphy::control {
namespace {

class ControlServer : public LiveServer {
 protected:
  static grpc::Status GetStatus(const std::shared_ptr<grpc::Channel>& channel,
                                const char* authorization) {
    grpc::ClientContext context;
    if (authorization != nullptr) context.AddMetadata("authorization", authorization);
    v1::GetStatusResponse response;
    return v1::SafetyService::NewStub(channel)->GetStatus(&context, {}, &response);
  }
};

google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(grpc::ExtractErrorDetails(status, &details).ok());
  google::rpc::ErrorInfo info;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) break;
  }
  return info;
}

google::rpc::BadRequest MistakesOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(grpc::ExtractErrorDetails(status, &details).ok());
  google::rpc::BadRequest mistakes;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&mistakes)) break;
  }
  return mistakes;
}

TEST_F(ControlServer, AnswersOverTheUnixSocketWithoutAToken) {
  grpc::ClientContext context;
  v1::GetStatusResponse response;
  const grpc::Status status = v1::SafetyService::NewStub(unix_)->GetStatus(&context, {}, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.version(), "test");
}

TEST_F(ControlServer, AnswersOverTcpOnlyToTheToken) {
  EXPECT_TRUE(GetStatus(tcp_, "Bearer secret").ok());
  for (const char* wrong : {"Bearer wrong!", "Bearer secre", "Bearer secrets", "secret", ""}) {
    const grpc::Status status = GetStatus(tcp_, wrong);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << wrong;
    EXPECT_EQ(InfoOf(status).reason(), "TOKEN_WRONG");
  }
  const grpc::Status missing = GetStatus(tcp_, nullptr);
  EXPECT_EQ(InfoOf(missing).reason(), "TOKEN_MISSING");
  EXPECT_EQ(missing.error_message().find("secret"), std::string::npos);
}

TEST_F(ControlServer, RefusesStreamsOverTcpWithoutTheToken) {
  {
    grpc::ClientContext context;
    auto watch = v1::JournalService::NewStub(tcp_)->Watch(&context, {});
    v1::WatchResponse response;
    EXPECT_FALSE(watch->Read(&response));
    EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  }
  grpc::ClientContext context;
  v1::HoldLeaseResponse response;
  auto lease = v1::RunService::NewStub(tcp_)->HoldLease(&context, &response);
  v1::HoldLeaseRequest request;
  request.set_run("a");
  lease->Write(request);
  EXPECT_EQ(lease->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(ControlServer, PassesOnEveryMistakeOfARequest) {
  grpc::ClientContext context;
  v1::CreateExperimentRequest request;
  request.mutable_source()->set_name("a.toml");
  request.mutable_source()->set_text(
      "schema = \"murphy.scenario/v1\"\nname = \"a\"\nspeed = 1\nsped = 2\n");
  v1::CreateExperimentResponse response;
  const grpc::Status status =
      v1::ExperimentService::NewStub(unix_)->CreateExperiment(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const google::rpc::BadRequest mistakes = MistakesOf(status);
  ASSERT_EQ(mistakes.field_violations_size(), 2);
  EXPECT_EQ(mistakes.field_violations(1).field(), "a.toml:4:1");
  EXPECT_EQ(InfoOf(status).reason(), "INVALID_REQUEST");
  EXPECT_EQ(InfoOf(status).domain(), "murphy");
}

// Clients drop trailers beyond 8 KiB, and with them the error itself.
TEST_F(ControlServer, KeepsAFloodOfMistakesWithinWhatClientsAccept) {
  grpc::ClientContext context;
  v1::StartRunRequest request;
  for (int i = 0; i < 1000; ++i)
    (*request.mutable_routes())[absl::StrCat("route", i)] = "gopher://" + std::string(600, 'x');
  v1::StartRunResponse response;
  const grpc::Status status =
      v1::RunService::NewStub(unix_)->StartRun(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  const google::rpc::BadRequest received = MistakesOf(status);
  ASSERT_GT(received.field_violations_size(), 3);
  const int shown = received.field_violations_size() - 1;
  EXPECT_EQ(received.field_violations(shown).description(),
            absl::StrCat("… and ", 1000 - shown, " more"));
}

TEST(ToGrpc, GivesPlainErrorsAReasonToo) {
  const grpc::Status status = ToGrpc(absl::NotFoundError("There is no experiment x."));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "There is no experiment x.");
  EXPECT_EQ(InfoOf(status).reason(), "NOT_FOUND");
}

TEST_F(ControlServer, IsHealthyWithoutAToken) {
  for (const auto& channel : {unix_, tcp_}) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckResponse response;
    const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                           grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::Status status = grpc::internal::BlockingUnaryCall(
        channel.get(), method, &context, grpc::health::v1::HealthCheckRequest(), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  }
}

// Requests and answers of grpc.reflection.v1alpha as bytes: linking its schema twice would abort.
std::string Reflect(const std::shared_ptr<grpc::Channel>& channel, const std::string& request) {
  grpc::ClientContext context;
  const grpc::internal::RpcMethod method(
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      grpc::internal::RpcMethod::BIDI_STREAMING);
  const std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
          channel.get(), method, &context));
  const grpc::Slice slice(request);
  EXPECT_TRUE(stream->Write(grpc::ByteBuffer(&slice, 1)));
  stream->WritesDone();
  grpc::ByteBuffer answer;
  EXPECT_TRUE(stream->Read(&answer));
  grpc::Slice bytes;
  EXPECT_TRUE(answer.DumpToSingleSlice(&bytes).ok());
  EXPECT_TRUE(stream->Finish().ok());
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

TEST_F(ControlServer, ListsItsServicesByReflection) {
  const std::string list = Reflect(tcp_, std::string("\x3a\x01*"));
  for (const char* service :
       {"murphy.v1.ExperimentService", "murphy.v1.RunService", "murphy.v1.FaultService",
        "murphy.v1.JournalService", "murphy.v1.SafetyService", "grpc.health.v1.Health"}) {
    EXPECT_NE(list.find(service), std::string::npos) << service;
  }
}

TEST_F(ControlServer, DescribesHealthAndErrorsByReflection) {
  for (const std::string symbol :
       {"grpc.health.v1.Health", "google.rpc.BadRequest", "murphy.v1.Fault"}) {
    const std::string request = std::string("\x22") + static_cast<char>(symbol.size()) + symbol;
    const std::string answer = Reflect(unix_, request);
    EXPECT_NE(answer.find("proto3"), std::string::npos) << symbol;
  }
}

TEST_F(ControlServer, RefusesASecondListenerOnItsPort) {
  const auto second = Server::Start(
      *books_,
      {directory_ + "/second.sock", absl::StrCat("127.0.0.1:", server_->port()), "secret"});
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.status().message().find(absl::StrCat(server_->port())), std::string::npos);
}

TEST_F(ControlServer, RefusesASocketPathThatIsTooLong) {
  const auto server =
      Server::Start(*books_, {directory_ + "/" + std::string(120, 'x'), "", "secret"});
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.status().message().find("107"), std::string::npos) << server.status();
}

uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string Frame(uint8_t type, const std::string& payload) {
  std::string frame(9, '\0');
  for (int i = 0; i < 3; ++i) frame[i] = static_cast<char>(payload.size() >> (16 - 8 * i));
  frame[3] = static_cast<char>(type);
  // All but the settings belong to the first stream.
  frame[8] = type == 4 ? 0 : 1;
  return frame + payload;
}

// The value of a header of 1 GiB begins, in a block that never ends; no token is needed for that.
TEST_F(ControlServer, ClosesAConnectionThatSendsAnEndlessHeader) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(server_->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const uint64_t before = ResidentBytes();
  const std::string literal = std::string("\x40\x01") + "a" + "\x7f\x81\xff\xff\xff\x03";
  std::string sent = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, "") + Frame(1, literal);
  const std::string more = Frame(9, std::string(16384, 'x'));
  uint64_t total = 0;
  bool open = true;
  while (open && total < (64u << 20)) {
    const ssize_t got = send(client, sent.data(), sent.size(), MSG_NOSIGNAL);
    open = got == static_cast<ssize_t>(sent.size());
    total += sent.size();
    sent = more;
  }
  EXPECT_FALSE(open) << "64 MiB were taken";
  EXPECT_LT(ResidentBytes(), before + (32u << 20));
  close(client);
  EXPECT_TRUE(GetStatus(tcp_, "Bearer secret").ok());
}

TEST_F(ControlServer, RefusesMetadataThatNobodyNeeds) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer secret");
  context.AddMetadata("murphy-actor", std::string(40'000, 'x'));
  v1::GetStatusResponse response;
  const grpc::Status status = v1::SafetyService::NewStub(tcp_)->GetStatus(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
}

// Everybody else waits for a disk that does not answer.
TEST_F(ControlServer, HaltsTellsItsStatusAndTakesChangesWhileReadsWait) {
  std::mutex mutex;
  std::condition_variable changed;
  bool reached = false, open = false;
  const uint64_t dam = journal_->Subscribe([&](const auto&) {
    std::unique_lock lock(mutex);
    reached = true;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
  });
  v1::Event event;
  event.mutable_injection()->set_run("a");
  event.mutable_injection()->set_id(1);
  ASSERT_TRUE(journal_->Append(event));
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return reached; });
  }
  event.mutable_injection()->set_id(2);
  ASSERT_TRUE(journal_->Append(event));

  // Each wants to know whether its run is about to be committed.
  const auto stub = v1::JournalService::NewStub(unix_);
  v1::WatchRequest request;
  request.set_run("missing");
  std::deque<grpc::ClientContext> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchResponse>>> waiting;
  for (int i = 0; i < 300; ++i) waiting.push_back(stub->Watch(&contexts.emplace_back(), request));
  grpc::StatusCode code = grpc::StatusCode::OK;
  while (code != grpc::StatusCode::DEADLINE_EXCEEDED) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
    v1::ListFaultsResponse faults;
    code = v1::FaultService::NewStub(unix_)->ListFaults(&context, {}, &faults).error_code();
  }
  EXPECT_TRUE(GetStatus(unix_, nullptr).ok());
  {
    grpc::ClientContext context;
    v1::CreateExperimentRequest create;
    create.set_validate_only(true);
    create.mutable_source()->set_text("schema = \"murphy.scenario/v1\"\nname = \"a\"\n");
    v1::CreateExperimentResponse created;
    const grpc::Status status =
        v1::ExperimentService::NewStub(unix_)->CreateExperiment(&context, create, &created);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  std::thread halt([this] {
    grpc::ClientContext context;
    v1::HaltResponse response;
    v1::SafetyService::NewStub(unix_)->Halt(&context, {}, &response);
  });
  // It acts before it waits for the disk itself.
  while (!runs_->halted()) std::this_thread::yield();
  EXPECT_TRUE(GetStatus(unix_, nullptr).ok());
  {
    const std::lock_guard lock(mutex);
    open = true;
  }
  changed.notify_all();
  halt.join();
  for (const auto& watch : waiting)
    EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  journal_->Unsubscribe(dam);
}

}  // namespace
}  // namespace murphy::control
