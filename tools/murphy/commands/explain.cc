// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

Columns Catalogue(const v1::DescribeFaultsResponse& response) {
  Columns table;
  table.Head({"fault", "layer", "what happens"});
  for (const v1::FaultDescription& fault : response.faults()) {
    table.Row({{fault.name(), Tone::kStrong},
               {AsWords(NameOf(fault.info().layer()))},
               {fault.info().summary()}});
  }
  return table;
}

std::string Acts(const v1::FaultInfo& info) {
  std::string legs;
  for (const int leg : info.legs()) {
    if (!legs.empty()) legs += ", ";
    legs += AsWords(NameOf(static_cast<v1::Leg>(leg)));
  }
  const std::string scope = AsWords(NameOf(info.scope()));
  return fmt::format("{}; on {}", legs, scope.empty() ? "any HTTP exchange" : scope + " calls");
}

std::string Range(const v1::FieldInfo& info) {
  if (info.required()) return "required";
  return info.default_value().empty() ? "" : "default " + info.default_value();
}

// The shortest inline form that is complete.
std::string Example(const v1::FaultDescription& fault) {
  std::string form = fault.name() + ",first=1";
  for (const v1::ParameterDescription& parameter : fault.parameters()) {
    if (parameter.info().required()) form += fmt::format(",{}=…", parameter.name());
  }
  return form;
}

std::string Details(const v1::FaultDescription& fault, bool color) {
  std::string out = fmt::format("{}  {}\n", Paint(fault.name(), Tone::kStrong, color),
                                Printable(fault.info().summary()));
  out += fmt::format("  layer    {}\n  acts     {}\n", AsWords(NameOf(fault.info().layer())),
                     Acts(fault.info()));
  if (fault.info().repeats_effect()) {
    out +=
        "  caution  the upstream may act more than once: needs a `read` target or "
        "guard.allow_side_effects\n";
  }
  Columns parameters(2);
  for (const v1::ParameterDescription& parameter : fault.parameters()) {
    parameters.Row({{parameter.name(), Tone::kStrong},
                    {parameter.type()},
                    {Range(parameter.info()), Tone::kFaint},
                    {parameter.summary()}});
  }
  if (!parameters.Empty()) out += "\nparameters\n" + parameters.Render(color);
  return out + fmt::format("\ntry it\n  murphy run --fault '{}' -- CMD…\n", Example(fault));
}

int Explain(const Console& console, const std::string& name) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::DescribeFaultsRequest request;
  request.set_name(name);
  const auto response =
      daemon.Call(daemon.faults, &v1::FaultService::Stub::DescribeFaults, request);
  if (console.format == Format::kTable && !name.empty()) {
    for (const v1::FaultDescription& fault : response.faults())
      console.out << Details(fault, console.color);
  } else {
    PrintList(console, "murphy.faults/v1", "faults", response.faults(), Catalogue(response));
  }
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

void AddExplain(CLI::App& app, Commands& commands) {
  CLI::App* explain = app.add_subcommand(
      "explain", "Say what a fault does and what its parameters are; without one, list them all");
  const auto name = std::make_shared<std::string>();
  explain->add_option("fault", *name, "Name of a fault")->option_text("FAULT");
  commands.Add(explain, [name](const Console& console) { return Explain(console, *name); });
}

}  // namespace murphy::cli
