// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/control/books.h"
#include "daemon/control/server.h"
#include "daemon/journal/journal.h"
#include "daemon/runs/runs.h"
#include "daemon/state_directory.h"
#include "daemon/ways/gateway.h"
#include "murphy/v1/config.pb.h"

namespace murphy {

struct AppOptions {
  // Empty: no file, everything as it is by default.
  std::string config_file;
  std::string state_directory;
  // Instead of what the file says.
  std::optional<std::string> gateway;
  std::optional<std::string> control;
  // Leave when nobody needs the daemon any more.
  bool on_demand = false;
};

// The daemon: owns everything, starts it in one order and stops it in the reverse one.
class App {
 public:
  // Everything is listening when this returns. SIGINT and SIGTERM must be blocked.
  static absl::StatusOr<std::unique_ptr<App>> Start(const AppOptions& options);
  // Finishes what is on its way, for as long as the configuration says.
  ~App();

  // Where it listens, as one line of JSON (`murphy.endpoints/v1`).
  const std::string& endpoints() const { return endpoints_; }
  // Where it listens, for people.
  std::string Greeting() const;
  // Serves until SIGINT or SIGTERM, or until an on-demand daemon is no longer needed.
  void Run();

 private:
  App(const AppOptions& options, v1::DaemonConfig config, StateDirectory directory);
  absl::Status OpenJournal();
  absl::Status BuildRuns();
  absl::Status StartGateway();
  absl::Status StartControl();
  absl::Status Publish(const std::string& unix_socket, const std::string& tcp);

  const AppOptions options_;
  v1::DaemonConfig config_;
  StateDirectory directory_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::AuditLog> audit_;
  std::unique_ptr<runs::Runs> runs_;
  std::unique_ptr<ways::Gateway> gateway_;
  std::unique_ptr<experiments::World> world_;
  std::unique_ptr<control::Books> books_;
  std::unique_ptr<control::Server> control_;
  std::string endpoints_;
};

}  // namespace murphy
