// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/whose.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr std::string_view kHeader = "header:";

bool IsHeader(std::string_view word) {
  return word.starts_with(kHeader) && word.size() > kHeader.size();
}

std::string LowerCase(std::string_view text) {
  return absl::AsciiStrToLower({text.data(), text.size()});
}

}  // namespace

std::string_view SessionOf(const message::Request& request) {
  const std::string_view session = message::FindHeader(request.headers, "mcp-session-id");
  return session.empty() ? message::FindHeader(request.headers, "x-murphy-session") : session;
}

std::string_view Carrier::In(const message::Request& request) const {
  return session() ? SessionOf(request) : message::FindHeader(request.headers, header);
}

const std::vector<std::string>& WhoseDraws() {
  static const auto& words =
      *new std::vector<std::string>{"operation", "session", "agent", "target", "run"};
  return words;
}

const std::vector<std::string>& WhoseCounts() {
  static const auto& words =
      *new std::vector<std::string>{"run", "operation", "session", "agent", "target", "experiment"};
  return words;
}

std::string ProblemOfWhose(std::string_view word, const std::vector<std::string>& accepted) {
  if (IsHeader(word) || std::find(accepted.begin(), accepted.end(), word) != accepted.end())
    return {};
  if (word == kHeader) return "`header:` names no header: write `header:x-tenant`";
  const std::string_view nearest = NearestName(word, accepted);
  if (!nearest.empty()) return fmt::format("there is no `{}`; did you mean `{}`?", word, nearest);
  return fmt::format("there is no `{}`; write one of `{}`, `header:NAME`", word,
                     fmt::join(accepted, "`, `"));
}

Whose WhoseOf(std::string_view word, std::vector<Carrier>& carriers) {
  using Kind = Whose::Kind;
  constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"run", Kind::kRun},     {"experiment", Kind::kExperiment}, {"operation", Kind::kOperation},
      {"agent", Kind::kAgent}, {"target", Kind::kTarget},
  };
  for (const auto& [name, kind] : kKinds) {
    if (name == word) return {.kind = kind};
  }
  if (word != "session" && !IsHeader(word)) return {};
  const std::string header =
      IsHeader(word) ? LowerCase(word.substr(kHeader.size())) : std::string();
  auto carrier = std::find_if(carriers.begin(), carriers.end(),
                              [&](const Carrier& known) { return known.header == header; });
  if (carrier == carriers.end()) carrier = carriers.insert(carrier, {header});
  return {.kind = Kind::kCarrier, .carrier = static_cast<uint32_t>(carrier - carriers.begin())};
}

}  // namespace murphy::scenario
