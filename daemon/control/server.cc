// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/un.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/control/services.h"
#include "grpc/health/v1/health.pb.h"

namespace murphy::control {
namespace {

class GrpcServer final : public Server {
 public:
  GrpcServer(Books& books, const std::string& token) : calls_(books.audit, token) {
    services_.push_back(MakeExperimentService(calls_, books.experiments, books.runs));
    services_.push_back(MakeRunService(calls_, books.runs));
    services_.push_back(MakeFaultService(calls_, books.faults));
    services_.push_back(MakeJournalService(calls_, books.world.journal));
    services_.push_back(MakeSafetyService(calls_, books.off_switch, books.status));
    services_.push_back(MakeAuditService(calls_, books.audit));
    services_.push_back(MakeScheduleService(calls_, books.schedules));
  }
  ~GrpcServer() override { Stop(absl::ZeroDuration()); }

  bool Listen(const ServerOptions& options) {
    // Links the schema of the health service, so that reflection knows it.
    grpc::health::v1::HealthCheckRequest::descriptor();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    // With port sharing, a second daemon would take every other call.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1000);
    unlink(options.unix_socket.c_str());
    builder.AddListeningPort(absl::StrCat("unix:", options.unix_socket),
                             grpc::InsecureServerCredentials());
    if (!options.listen.empty()) {
      builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port_);
    }
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return false;
    server_->GetHealthCheckService()->SetServingStatus(true);
    return options.listen.empty() || port_ != 0;
  }

  uint16_t port() const override { return static_cast<uint16_t>(port_); }

  void Stop(absl::Duration patience) override {
    if (server_ != nullptr) server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
    server_.reset();
  }

 private:
  // After the server, which calls it.
  Calls calls_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Books& books, const ServerOptions& options) {
  if (options.unix_socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("The path of the control socket, ", options.unix_socket, ", has ",
                     options.unix_socket.size(), " characters and may have ",
                     sizeof(sockaddr_un::sun_path) - 1, ". Use a shorter state directory."));
  }
  auto server = std::make_unique<GrpcServer>(books, options.token);
  if (!server->Listen(options)) {
    return absl::UnavailableError(
        absl::StrCat("The control API cannot listen on ", options.unix_socket,
                     options.listen.empty() ? "" : " and ", options.listen, "."));
  }
  return server;
}

}  // namespace murphy::control
