// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/daemon.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

Columns Listing(const v1::DescribeExpectationsResponse& response) {
  Columns table;
  table.Head({"expectation", "judged from", "what must be so"});
  for (const v1::ExpectDescription& each : response.expectations()) {
    table.Row({{each.name(), Tone::kStrong},
               {each.info().over_runs() ? "all runs" : "each run"},
               {each.info().summary()}});
  }
  return table;
}

std::string Range(const v1::FieldInfo& info) {
  if (info.required()) return "required";
  return info.default_value().empty() ? "" : "default " + info.default_value();
}

std::string Details(const v1::ExpectDescription& each, bool color) {
  std::string out = fmt::format("{}  {}\n", Paint(each.name(), Tone::kStrong, color),
                                Printable(each.info().summary()));
  std::string form = each.name();
  Columns keys(2);
  for (const v1::ParameterDescription& key : each.parameters()) {
    keys.Row({{key.name(), Tone::kStrong},
              {key.type()},
              {Range(key.info()), Tone::kFaint},
              {key.summary()}});
    if (key.info().required()) form += fmt::format(",{}=…", key.name());
  }
  if (!keys.Empty()) out += "\nkeys\n" + keys.Render(color);
  return out + fmt::format("\ntry it\n  murphy run SCENARIO --expect '{}' -- CMD…\n", form);
}

int Describe(const Console& console, const std::string& name) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::DescribeExpectationsRequest request;
  request.set_name(name);
  const auto response = daemon.Call(daemon.experiments,
                                    &v1::ExperimentService::Stub::DescribeExpectations, request);
  if (console.format == Format::kTable && !name.empty()) {
    for (const v1::ExpectDescription& each : response.expectations())
      console.out << Details(each, console.color);
  } else {
    PrintList(console, "murphy.expectations/v1", "expectations", response.expectations(),
              Listing(response));
  }
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

void AddExpectations(CLI::App& app, Commands& commands) {
  CLI::App* expectations = app.add_subcommand(
      "expectations", "Say what an expectation means and what its keys are; without one, list them");
  const auto name = std::make_shared<std::string>();
  expectations->add_option("expectation", *name, "Name of an expectation")
      ->option_text("EXPECTATION");
  commands.Add(expectations, [name](const Console& console) { return Describe(console, *name); });
}

}  // namespace murphy::cli
