// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_posix.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/control/backlog.h"
#include "daemon/control/front.h"
#include "daemon/control/services.h"
#include "grpc/health/v1/health.pb.h"

namespace murphy::control {
namespace {

// What callers need, and not what anybody could send before it is known who calls.
constexpr int kMostMetadataBytes = 16 << 10;
constexpr int kMostStreams = 4096;
constexpr size_t kTransportBytes = 128 << 20;
// gRPC reads connections with two threads on a small machine, and each may be at a thousand calls
// that have come at once. A halt on another connection finds one that is free.
constexpr size_t kMoreReaders = 6;

// Threads that read connections, and have no calls of their own.
class Readers {
 public:
  explicit Readers(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {}
  // After the server was shut down.
  ~Readers() {
    queue_->Shutdown();
    for (std::thread& thread : threads_) thread.join();
  }

  void Begin() {
    for (size_t i = 0; i < kMoreReaders; ++i) threads_.emplace_back([this] { Read(); });
  }

 private:
  void Read() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
    }
  }

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::vector<std::thread> threads_;
};

class GrpcServer final : public Server {
 public:
  GrpcServer(Books& books, const ServerOptions& options)
      : watch_budget_(options.watch_bytes),
        calls_(books.audit, options.token,
               [this](const std::string& peer) { return CallerOf(peer); }) {
    services_.push_back(MakeExperimentService(calls_, books.experiments, books.runs));
    services_.push_back(MakeAnalysisService(calls_, books.analyses));
    services_.push_back(MakeRunService(calls_, books.runs));
    services_.push_back(MakeFaultService(calls_, books.faults));
    services_.push_back(MakeJournalService(calls_, books.world.journal, watch_budget_));
    services_.push_back(MakeSafetyService(calls_, books.off_switch, books.status));
    services_.push_back(MakeAuditService(calls_, books.audit));
    services_.push_back(MakeScheduleService(calls_, books.schedules));
  }
  ~GrpcServer() override { Stop(absl::ZeroDuration()); }

  absl::Status Listen(const ServerOptions& options) {
    // Links the schema of the health service, so that reflection knows it.
    grpc::health::v1::HealthCheckRequest::descriptor();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMostMetadataBytes);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostStreams);
    builder.SetResourceQuota(grpc::ResourceQuota("control").Resize(kTransportBytes));
    unlink(options.unix_socket.c_str());
    builder.AddListeningPort(absl::StrCat("unix:", options.unix_socket),
                             grpc::InsecureServerCredentials());
    for (const auto& service : services_) builder.RegisterService(service.get());
    readers_ = std::make_unique<Readers>(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return absl::UnavailableError(
          absl::StrCat("The control API cannot listen on ", options.unix_socket, "."));
    }
    readers_->Begin();
    if (!options.listen.empty()) {
      auto front = Front::Listen(options.listen, [this](int socket) {
        grpc::AddInsecureChannelFromFd(server_.get(), socket);
      });
      if (!front.ok()) return front.status();
      front_ = *std::move(front);
      front_->Begin();
    }
    server_->GetHealthCheckService()->SetServingStatus(true);
    return absl::OkStatus();
  }

  uint16_t port() const override { return front_ == nullptr ? 0 : front_->port(); }

  void Stop(absl::Duration patience) override {
    if (front_ != nullptr) front_->StopListening();
    if (server_ != nullptr) server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
    readers_.reset();
    server_.reset();
    front_.reset();
  }

 private:
  // gRPC knows who came through the front by the number of the socket that it got.
  std::string CallerOf(const std::string& peer) const {
    int socket = -1;
    const bool through = absl::StartsWith(peer, "fd:") && absl::SimpleAtoi(peer.substr(3), &socket);
    return through && front_ != nullptr ? front_->CallerOf(socket) : std::string();
  }

  // After the server, which calls them; and the budget after the pool, where readers end.
  WatchBudget watch_budget_;
  Calls calls_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<Front> front_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Readers> readers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Books& books, const ServerOptions& options) {
  if (options.unix_socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("The path of the control socket, ", options.unix_socket, ", has ",
                     options.unix_socket.size(), " characters and may have ",
                     sizeof(sockaddr_un::sun_path) - 1, ". Use a shorter state directory."));
  }
  auto server = std::make_unique<GrpcServer>(books, options);
  if (absl::Status status = server->Listen(options); !status.ok()) return status;
  return server;
}

}  // namespace murphy::control
