// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/daemon.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>

#include "fmt/format.h"
#include "tools/murphy/endpoints.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/spawn.h"
#include "tools/murphy/status_text.h"

namespace murphy::cli {
namespace {

constexpr size_t kMaxTokenBytes = 4096;
constexpr int kMostReceived = 512 << 20;
constexpr std::chrono::seconds kAnswerDeadline(3);

// For the audit log: who runs this program, and where.
std::string Actor() {
  std::array<char, 4096> memory;
  passwd entry;
  passwd* found = nullptr;
  std::string name = std::to_string(geteuid());
  if (getpwuid_r(geteuid(), &entry, memory.data(), memory.size(), &found) == 0 && found != nullptr)
    name = found->pw_name;
  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) == 0) name += "@" + std::string(host.data());
  // What metadata may hold.
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
  return name;
}

std::string ReadToken(const std::string& path) {
  const std::optional<std::string> text = ReadFile(path, kMaxTokenBytes);
  if (!text) {
    throw Failure(ExitCode::kUsage, fmt::format("The token file {} cannot be read.", path));
  }
  const size_t end = text->find_last_not_of(" \t\r\n");
  return text->substr(0, end == std::string::npos ? 0 : end + 1);
}

std::string TokenFile(const DaemonOptions& options, const Environment& environment) {
  if (!options.token_file.empty()) return options.token_file;
  return std::string(Get(environment, "MURPHY_TOKEN_FILE"));
}

// The daemon that the user names, by option or variable.
std::optional<Address> NamedAddress(const DaemonOptions& options, const Environment& environment) {
  const std::string address =
      options.address.empty() ? std::string(Get(environment, "MURPHY_DAEMON")) : options.address;
  if (address.empty()) return std::nullopt;
  const std::string token_file = TokenFile(options, environment);
  if (address.starts_with("unix:")) {
    const std::filesystem::path path = address.substr(5);
    return Address{"unix:" + std::filesystem::absolute(path).string(), {}};
  }
  if (address.find(':') == std::string::npos) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{} is no daemon address. Write unix:PATH or HOST:PORT.", address));
  }
  return Address{address, token_file.empty() ? std::string() : ReadToken(token_file)};
}

Address AddressOf(const Endpoints& endpoints) {
  if (!endpoints.control_unix.empty()) return {"unix:" + endpoints.control_unix, {}};
  return {endpoints.control_tcp,
          endpoints.token_file.empty() ? std::string() : ReadToken(endpoints.token_file)};
}

std::filesystem::path StateDirectoryOf(const DaemonOptions& options,
                                       const Environment& environment) {
  if (!options.state_directory.empty()) return std::filesystem::absolute(options.state_directory);
  return StateDirectory(environment);
}

bool Answers(const Daemon& daemon) {
  grpc::ClientContext context;
  daemon.Authorize(context);
  context.set_deadline(std::chrono::system_clock::now() + kAnswerDeadline);
  v1::GetStatusResponse response;
  const grpc::Status status = daemon.safety->GetStatus(&context, {}, &response);
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return false;
  }
  daemon.Check(status);
  return true;
}

std::optional<Daemon> Running(const std::filesystem::path& state_directory) {
  const std::optional<Endpoints> endpoints = ReadEndpoints(state_directory);
  if (!endpoints) return std::nullopt;
  Daemon daemon(AddressOf(*endpoints));
  if (!Answers(daemon)) return std::nullopt;
  return daemon;
}

std::optional<Daemon> Named(const DaemonOptions& options, const Environment& environment) {
  const std::optional<Address> address = NamedAddress(options, environment);
  if (!address) return std::nullopt;
  Daemon daemon(*address);
  if (!Answers(daemon)) {
    throw Failure(
        ExitCode::kUnreachable,
        fmt::format("No murphyd answers at {}. Check that it runs and that the address is "
                    "right; `murphy status` without --daemon looks for a local one.",
                    address->target));
  }
  return daemon;
}

}  // namespace

Daemon::Daemon(Address address) : address_(std::move(address)) {
  grpc::ChannelArguments arguments;
  // The control API is local: a proxy of the user's must not get between.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A run may have hundreds of thousands of injections; gRPC's own limit is 4 MiB.
  arguments.SetMaxReceiveMessageSize(kMostReceived);
  const auto channel =
      grpc::CreateCustomChannel(address_.target, grpc::InsecureChannelCredentials(), arguments);
  experiments = v1::ExperimentService::NewStub(channel);
  runs = v1::RunService::NewStub(channel);
  faults = v1::FaultService::NewStub(channel);
  journal = v1::JournalService::NewStub(channel);
  safety = v1::SafetyService::NewStub(channel);
  schedules = v1::ScheduleService::NewStub(channel);
  audit = v1::AuditService::NewStub(channel);
  analyses = v1::AnalysisService::NewStub(channel);
}

void Daemon::Authorize(grpc::ClientContext& context) const {
  context.AddMetadata("murphy-actor", Actor());
  if (!address_.token.empty()) context.AddMetadata("authorization", "Bearer " + address_.token);
}

void Daemon::Check(const grpc::Status& status) const {
  if (!status.ok()) throw ExplainStatus(status, address_.target);
}

std::string ApprovalToken(const DaemonOptions& options, const Environment& environment) {
  const std::string file = options.approval_file.empty()
                               ? std::string(Get(environment, "MURPHY_APPROVAL_FILE"))
                               : options.approval_file;
  return file.empty() ? std::string() : ReadToken(file);
}

Daemon FindDaemon(const DaemonOptions& options, const Environment& environment) {
  if (std::optional<Daemon> named = Named(options, environment)) return std::move(*named);
  const std::filesystem::path state_directory = StateDirectoryOf(options, environment);
  if (std::optional<Daemon> running = Running(state_directory)) return std::move(*running);
  throw Failure(ExitCode::kUnreachable,
                fmt::format("No murphyd runs on {}. Start `murphyd`, or name one with --daemon; "
                            "`murphy run` starts its own.",
                            state_directory.string()));
}

Daemon FindOrSpawnDaemon(const DaemonOptions& options, const Environment& environment) {
  if (std::optional<Daemon> named = Named(options, environment)) return std::move(*named);
  const std::filesystem::path state_directory = StateDirectoryOf(options, environment);
  if (std::optional<Daemon> running = Running(state_directory)) return std::move(*running);
  Daemon daemon(AddressOf(SpawnDaemon(state_directory, environment)));
  if (!Answers(daemon)) {
    throw Failure(ExitCode::kUnreachable,
                  fmt::format("The murphyd that was started does not answer at {}. Its log is {}.",
                              daemon.target(), (state_directory / "murphyd.log").string()));
  }
  return daemon;
}

std::string NewRequestId() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

}  // namespace murphy::cli
