// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/events.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {
namespace {

struct WatchOptions {
  std::string run;
  std::string experiment;
};

void Print(const Console& console, const v1::Event& event) {
  if (console.format == Format::kTable) {
    const std::string line = EventLine(event, console.color);
    if (!line.empty()) console.out << line << std::endl;
    return;
  }
  console.out << Line("murphy.event/v1", ToJson(event)) << std::flush;
}

// Streams events until the stream ends. A reader that fell behind goes on where it was.
int WatchEvents(const Console& console, const WatchOptions& options) {
  RequireListFormat(console);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  v1::WatchRequest request;
  request.set_run(options.run);
  request.set_experiment(options.experiment);
  while (true) {
    grpc::ClientContext context;
    daemon.Authorize(context);
    const auto reader = daemon.journal->Watch(&context, request);
    v1::WatchResponse response;
    while (console.out && reader->Read(&response)) {
      Print(console, response.event());
      if (response.event().revision() > 0) request.set_revision(response.event().revision());
    }
    if (!console.out) context.TryCancel();
    const grpc::Status status = reader->Finish();
    if (!console.out) return static_cast<int>(ExitCode::kOk);
    if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED && request.has_revision())
      continue;
    daemon.Check(status);
    return static_cast<int>(ExitCode::kOk);
  }
}

}  // namespace

void AddWatch(CLI::App& app, Commands& commands) {
  CLI::App* watch =
      app.add_subcommand("watch", "Show runs, exchanges and injections as they happen");
  const auto options = std::make_shared<WatchOptions>();
  watch->add_option("--run", options->run, "Only this run")->option_text("RUN");
  watch->add_option("--experiment", options->experiment, "Only this experiment")->option_text("ID");
  commands.Add(watch, [options](const Console& console) { return WatchEvents(console, *options); });
}

}  // namespace murphy::cli
