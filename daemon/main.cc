// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "daemon/app.h"
#include "daemon/state_directory.h"

int main(int argc, char** argv) {
  murphy::AppOptions options;
  options.state_directory = murphy::DefaultStateDirectory();
  std::string print_endpoints;
  CLI::App command("Makes everything that can go wrong around an AI agent go wrong.", "murphyd");
  command.set_version_flag("--version", "murphyd " MURPHY_VERSION);
  command.add_option("--config", options.config_file, "Configuration, a TOML file");
  command
      .add_option("--state-dir", options.state_directory,
                  "Journal, socket, token and lock; one daemon each")
      ->capture_default_str();
  command.add_option("--gateway", options.gateway,
                     "ADDRESS:PORT for agents; port 0 for any [127.0.0.1:7460]");
  command.add_option("--control", options.control,
                     "ADDRESS:PORT for gRPC; \"\" for the Unix socket alone [127.0.0.1:7461]");
  command.add_flag("--on-demand", options.on_demand,
                   "Leave 5 s after the last lease, unless a schedule has something to start");
  command.add_option("--print-endpoints", print_endpoints, "Print where it listens, once it does")
      ->check(CLI::IsMember({"json"}));
  CLI11_PARSE(command, argc, argv);

  // Before any thread begins: they all leave these signals to App::Run.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // A file that may not grow is a failure of the journal, which traffic survives.
  signal(SIGXFSZ, SIG_IGN);

  const auto app = murphy::App::Start(options);
  if (!app.ok()) {
    fmt::print(stderr, "murphyd: {}\n", std::string(app.status().message()));
    return 1;
  }
  if (print_endpoints.empty()) {
    fmt::print(stderr, "{}\n", (*app)->Greeting());
  } else {
    fmt::print("{}\n", (*app)->endpoints());
    std::fflush(stdout);
  }
  (*app)->Run();
  return 0;
}
