// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "daemon/config/reader.h"
#include "daemon/experiments/check_config.h"
#include "daemon/experiments/moments.h"
#include "daemon/experiments/orphans.h"
#include "daemon/listen_address.h"
#include "daemon/runs/route.h"
#include "proto/time.h"

namespace murphy {
namespace {

constexpr char kDefaultGateway[] = "127.0.0.1:7460";
constexpr char kDefaultControl[] = "127.0.0.1:7461";
constexpr absl::Duration kDefaultDrain = absl::Seconds(10);
constexpr absl::Duration kControlPatience = absl::Seconds(2);
// Bodies held by all exchanges, together.
constexpr uint64_t kDefaultHeldBytes = 256 << 20;
constexpr long kTickNanoseconds = 50'000'000;
// How long an on-demand daemon waits for its first lease, and for the next one.
constexpr absl::Duration kFirstIdleTime = absl::Seconds(15);
constexpr absl::Duration kIdleTime = absl::Seconds(5);

absl::StatusOr<v1::DaemonConfig> ReadConfig(const AppOptions& options) {
  v1::DaemonConfig config;
  if (!options.config_file.empty()) {
    std::ifstream file(options.config_file);
    if (!file)
      return absl::NotFoundError(
          fmt::format("The configuration {} cannot be read.", options.config_file));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    config::Origins origins;
    std::string mistakes;
    const auto say = [&mistakes](const config::Origin& place, const std::string& message) {
      mistakes += fmt::format("{}{}:{}:{}: {}", mistakes.empty() ? "" : "\n", place.file,
                              place.location.line, place.location.column, message);
    };
    const auto misread = config::ReadToml(options.config_file, text, config, &origins);
    for (const config::Mistake& mistake : misread)
      say({mistake.file, mistake.location}, mistake.message);
    if (misread.empty()) {
      for (const scenario::Mistake& mistake : experiments::CheckConfig(config))
        say(config::OriginOf(origins, mistake.path), mistake.message);
    }
    if (!mistakes.empty()) return absl::InvalidArgumentError(mistakes);
  }
  if (options.gateway) config.mutable_gateway()->set_listen(*options.gateway);
  if (!config.gateway().has_listen()) config.mutable_gateway()->set_listen(kDefaultGateway);
  if (options.control) config.mutable_control()->set_listen(*options.control);
  if (!config.control().has_listen()) config.mutable_control()->set_listen(kDefaultControl);
  return config;
}

// Refuses addresses that are none and those that are not loopback.
absl::StatusOr<std::vector<std::pair<std::string, ListenAddress>>> Addresses(
    v1::DaemonConfig& config) {
  std::vector<std::pair<std::string, std::string*>> listens = {
      {"gateway.listen", config.mutable_gateway()->mutable_listen()}};
  if (!config.control().listen().empty())
    listens.emplace_back("control.listen", config.mutable_control()->mutable_listen());
  std::vector<std::pair<std::string, ListenAddress>> addresses;
  for (const auto& [key, listen] : listens) {
    auto address = ReadListenAddress(key, *listen);
    if (!address.ok()) return address.status();
    *listen = address->text();
    addresses.emplace_back(key, *std::move(address));
  }
  return addresses;
}

// Each connection of an agent's may need one to an upstream.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

absl::StatusOr<std::string> NewToken() {
  std::array<unsigned char, 32> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return absl::InternalError("The kernel gives no random bytes for the control token.");
  }
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

}  // namespace

App::App(const AppOptions& options, v1::DaemonConfig config, StateDirectory directory)
    : options_(options), config_(std::move(config)), directory_(std::move(directory)) {}

absl::StatusOr<std::unique_ptr<App>> App::Start(const AppOptions& options) {
  absl::StatusOr<v1::DaemonConfig> config = ReadConfig(options);
  if (!config.ok()) return config.status();
  const auto addresses = Addresses(*config);
  if (!addresses.ok()) return addresses.status();
  absl::StatusOr<StateDirectory> directory = StateDirectory::Open(options.state_directory);
  if (!directory.ok()) return directory.status();
  // Ports that somebody else has, before anything is bound.
  for (const auto& [key, address] : *addresses) {
    if (absl::Status status = ProbePort(key, address); !status.ok()) return status;
  }
  RaiseDescriptorLimit();

  auto app = std::unique_ptr<App>(new App(options, *std::move(config), *std::move(directory)));
  for (const auto step :
       {&App::OpenJournal, &App::BuildRuns, &App::StartGateway, &App::StartControl}) {
    if (absl::Status status = ((*app).*step)(); !status.ok()) return status;
  }
  return app;
}

absl::Status App::OpenJournal() {
  journal::Options options;
  if (config_.journal().has_max_bytes()) options.max_bytes = config_.journal().max_bytes();
  if (config_.journal().has_retention())
    options.retention = FromProto(config_.journal().retention());
  auto journal = journal::Journal::Open(directory_.File("journal.db"), options);
  if (!journal.ok()) return journal.status();
  journal_ = *std::move(journal);
  auto anchor = journal::AnchorIn(*journal_);
  if (!anchor.ok()) return anchor.status();
  const uint64_t audit_bytes = config_.limits().has_audit_bytes() ? config_.limits().audit_bytes()
                                                                  : journal::AuditLog::kMostBytes;
  auto audit =
      journal::AuditLog::Open(directory_.File("audit.jsonl"), *std::move(anchor), audit_bytes);
  if (!audit.ok()) return audit.status();
  audit_ = *std::move(audit);
  return absl::OkStatus();
}

absl::Status App::BuildRuns() {
  // Nothing is armed after a start: runs of the last daemon cannot go on.
  const auto ended =
      experiments::EndOrphans(*journal_, "The daemon was restarted while the run was active.");
  if (!ended.ok()) return ended.status();
  runs::RouteTable routes = runs::BuiltInRoutes();
  for (const auto& [name, route] : config_.route()) {
    auto parsed =
        runs::ParseRoute(name, route.upstream(), route.provider(), /*allow_link_local=*/true);
    if (!parsed.ok()) return parsed.status();
    routes[name] = std::make_shared<const runs::Route>(*std::move(parsed));
  }
  std::map<std::string, runs::Price> prices;
  for (const auto& [model, price] : config_.price())
    prices[model] = {price.input(), price.output()};
  runs_ = std::make_unique<runs::Runs>(*journal_, std::move(routes), *ended, runs::Prices(prices));
  v1::Event event;
  *event.mutable_run() = runs_->Find("default").run->Describe();
  journal_->Append(std::move(event));

  experiments::Policy policy;
  if (config_.has_environment()) policy.environment = config_.environment();
  policy.allow_production_faults = config_.allow_production_faults();
  policy.ceilings = config_.guard();
  policy.approvers.assign(config_.approval().token_sha256().begin(),
                          config_.approval().token_sha256().end());
  world_ = std::make_unique<experiments::World>(
      experiments::World{*journal_, *audit_, *runs_, std::move(policy)});
  return absl::OkStatus();
}

absl::Status App::StartGateway() {
  // Before the first exchange: a halt outlives a restart.
  const auto halt = journal_->GetHalt();
  if (!halt.ok()) return halt.status();
  if (halt->halted()) runs_->Halt();
  const uint64_t held =
      config_.limits().has_held_bytes() ? config_.limits().held_bytes() : kDefaultHeldBytes;
  auto gateway = ways::Gateway::Start(config_.gateway(), *runs_, held);
  if (!gateway.ok()) return gateway.status();
  gateway_ = *std::move(gateway);
  return absl::OkStatus();
}

absl::Status App::StartControl() {
  books_ = std::make_unique<control::Books>(
      *world_, safety::Identity{.version = MURPHY_VERSION,
                                .gateway = gateway_->origin(),
                                .state_directory = directory_.path(),
                                .connections = [this] { return gateway_->connections(); },
                                .exchanges = [this] { return gateway_->exchanges(); }});
  if (absl::Status status = books_->off_switch.Restore(); !status.ok()) return status;
  if (absl::Status status = books_->schedules.Restore(); !status.ok()) return status;
  // After schedules, which know more about the end of theirs.
  if (absl::Status status = books_->experiments.Restore(); !status.ok()) return status;
  const absl::StatusOr<std::string> token = NewToken();
  if (!token.ok()) return token.status();
  if (absl::Status status = directory_.Write("token", *token + "\n"); !status.ok()) return status;

  control::ServerOptions options{directory_.File("control.sock"), config_.control().listen(),
                                 *token};
  if (config_.limits().has_watch_bytes()) options.watch_bytes = config_.limits().watch_bytes();
  auto server = control::Server::Start(*books_, options);
  if (!server.ok()) return server.status();
  control_ = *std::move(server);
  std::string tcp;
  if (!options.listen.empty()) {
    tcp =
        options.listen.substr(0, options.listen.rfind(':')) + fmt::format(":{}", control_->port());
  }
  std::vector<std::string> addresses = {"unix:" + options.unix_socket};
  if (!tcp.empty()) addresses.push_back(tcp);
  books_->status.Announce(std::move(addresses));
  books_->schedules.Begin();
  return Publish(options.unix_socket, tcp);
}

absl::Status App::Publish(const std::string& unix_socket, const std::string& tcp) {
  const boost::json::object control = {{"unix", unix_socket}, {"tcp", tcp}};
  endpoints_ = boost::json::serialize(boost::json::object{{"schema", "murphy.endpoints/v1"},
                                                          {"pid", getpid()},
                                                          {"version", MURPHY_VERSION},
                                                          {"gateway", gateway_->origin()},
                                                          {"control", control},
                                                          {"token_file", directory_.File("token")},
                                                          {"state_directory", directory_.path()}});
  return directory_.Write("endpoints.json", endpoints_ + "\n");
}

std::string App::Greeting() const {
  return fmt::format("murphyd {} serves {}; control on {}; state in {}.", MURPHY_VERSION,
                     gateway_->origin(), directory_.File("control.sock"), directory_.path());
}

void App::Run() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  const timespec tick = {0, kTickNanoseconds};
  absl::Duration leave_at = experiments::Uptime() + kFirstIdleTime;
  while (sigtimedwait(&signals, nullptr, &tick) < 0) {
    books_->Tick();
    if (!options_.on_demand) continue;
    const absl::Duration now = experiments::Uptime();
    if (!books_->idle()) leave_at = now + kIdleTime;
    if (now >= leave_at) break;
  }
  // Whoever asks a second time does not want to wait.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

App::~App() {
  // No faults from here on, and nobody finds it any more; no calls, no exchanges; then the record is
  // closed.
  if (books_ != nullptr) books_->schedules.Leave();
  if (runs_ != nullptr) runs_->Halt();
  directory_.Remove("endpoints.json");
  if (control_ != nullptr) control_->Stop(kControlPatience);
  if (books_ != nullptr) books_->schedules.Close("the daemon was stopped");
  const auto& gateway = config_.gateway();
  const absl::Duration drain =
      gateway.has_drain_timeout() ? FromProto(gateway.drain_timeout()) : kDefaultDrain;
  if (gateway_ != nullptr) gateway_->Drain(drain);
  if (runs_ != nullptr) {
    experiments::EndOrphans(*journal_, "The daemon was stopped while the run was active.")
        .IgnoreError();
  }
  control_.reset();
  books_.reset();
  gateway_.reset();
}

}  // namespace murphy
