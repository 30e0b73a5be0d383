// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/draft.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/process.h"

namespace murphy::cli {
namespace {

struct NewOptions {
  std::string file;
  std::string run;
};

// What a run has called, and how it was run.
void Learn(const Daemon& daemon, DraftSubject& subject) {
  v1::GetRunRequest get;
  get.set_id(subject.run);
  const v1::Run run = daemon.Call(daemon.runs, &v1::RunService::Stub::GetRun, get).run();
  for (const v1::Hint& hint : run.outcome().hints())
    subject.hinted.insert(hint.exchanges().begin(), hint.exchanges().end());
  v1::ListExchangesRequest list;
  list.set_run(subject.run);
  const auto fetch = [&daemon](const v1::ListExchangesRequest& page) {
    auto response = daemon.Call(daemon.journal, &v1::JournalService::Stub::ListExchanges, page);
    return std::pair(std::move(*response.mutable_exchanges()), response.next_page_token());
  };
  subject.exchanges = Pages<v1::Exchange>(std::move(list), kEverything, fetch);
  if (run.experiment().empty()) return;
  v1::GetExperimentRequest experiment;
  experiment.set_id(run.experiment());
  subject.invocation =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::GetExperiment, experiment)
          .experiment()
          .invocation();
}

// A file that is there is somebody's work.
void WriteNew(const std::string& path, const std::string& text) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0 && errno == EEXIST) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{} is there already, and is left as it is: name another file.", path));
  }
  size_t written = 0;
  while (file.get() >= 0 && written < text.size()) {
    const ssize_t bytes = write(file.get(), text.data() + written, text.size() - written);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) break;
    written += static_cast<size_t>(bytes);
  }
  if (file.get() < 0 || written < text.size()) {
    throw Failure(ExitCode::kUsage,
                  fmt::format("{} cannot be written: {}.", path, std::strerror(errno)));
  }
}

int New(const Console& console, const NewOptions& options) {
  if (std::filesystem::exists(options.file)) WriteNew(options.file, "");
  DraftSubject subject;
  subject.name = ScenarioName(std::filesystem::path(options.file).stem().string());
  subject.run = options.run;
  if (!options.run.empty()) {
    Learn(FindDaemon(console.daemon, console.environment), subject);
    if (subject.exchanges.empty()) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("The run {} has called nothing that is in the journal: there is "
                                "nothing to write a scenario from.",
                                options.run));
    }
  }
  WriteNew(options.file, DraftScenario(subject));
  if (!console.quiet) {
    console.out << fmt::format("{} is written. `murphy plan {}` checks it.\n", options.file,
                               options.file);
  }
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

void AddNew(CLI::App& app, Commands& commands) {
  CLI::App* draft = app.add_subcommand("new", "Write a scenario to start from");
  const auto options = std::make_shared<NewOptions>();
  draft->add_option("file", options->file, "File to write; one that is there stays as it is")
      ->option_text("FILE")
      ->required();
  draft->add_option("--from", options->run, "A run: its targets are what that has called")
      ->option_text("RUN");
  commands.Add(draft, [options](const Console& console) { return New(console, *options); });
}

}  // namespace murphy::cli
