// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/commands/commands.h"

#include <charconv>

#include "murphy/v1/fault.pb.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {

const Action* Commands::Parsed() const {
  const Action* found = nullptr;
  for (const auto& [place, action] : actions_) {
    if (place->parsed()) found = &action;
  }
  return found;
}

std::vector<std::string> FaultNames() {
  std::vector<std::string> names;
  const auto* kinds = v1::Fault::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) names.push_back(kinds->field(i)->name());
  return names;
}

std::string IsSeed(const std::string& text) {
  uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seed);
  return error == std::errc() && rest == end ? "" : text + " is not between 0 and 2^64 - 1";
}

void RequireListFormat(const Console& console) {
  if (console.format != Format::kJunit) return;
  throw Failure(ExitCode::kUsage, "-o junit is for `murphy run`; here it is table, json or jsonl.");
}

}  // namespace murphy::cli
