// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/address.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "faults/rng.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

constexpr size_t kLongestName = 128;
constexpr size_t kLongestShape = 512;

std::string Legible(std::string_view text, size_t longest) {
  std::string legible;
  if (text.size() <= longest) {
    legible = std::string(text);
  } else {
    size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    legible = fmt::format("{}^{:016x}", text.substr(0, end), HashName(text));
  }
  for (char& c : legible) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = '?';
  }
  return legible;
}

std::string_view KindPrefix(v1::TargetKind kind) {
  if (kind == v1::TARGET_KIND_MODEL) return "llm:";
  if (kind == v1::TARGET_KIND_TOOL) return "tool:";
  if (kind == v1::TARGET_KIND_MCP) return "mcp:";
  return "http:";
}

std::string_view Stripped(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// What is no escape stays as it is.
std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned int code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 2, code, 16).ptr == &text[i + 1] + 2) {
      decoded += static_cast<char>(code);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace

std::string BoundedName(std::string_view name) { return Legible(name, kLongestName); }

void AppendBounded(std::string_view name, std::string& text) {
  const bool plain =
      name.size() <= kLongestName && std::none_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_iscntrl(static_cast<unsigned char>(c));
      });
  if (plain) {
    text += name;
  } else {
    text += BoundedName(name);
  }
}

std::string CalledName(const message::Call& call) {
  return fmt::format("{}{}", KindPrefix(call.kind), BoundedName(call.name));
}

std::string AddressPrefix(std::string_view agent, const message::Call& call) {
  std::string prefix;
  AppendBounded(agent.empty() ? "-" : agent, prefix);
  prefix += '/';
  prefix += KindPrefix(call.kind);
  AppendBounded(call.name, prefix);
  prefix += '/';
  prefix += Legible(call.shape, kLongestShape);
  return prefix;
}

std::string AgentOf(const message::Request& request) {
  const std::string_view named = message::FindHeader(request.headers, "x-murphy-agent");
  if (!named.empty()) return std::string(named);
  constexpr std::string_view kKey = "murphy-agent";
  std::string_view baggage = message::FindHeader(request.headers, "baggage");
  while (!baggage.empty()) {
    const size_t comma = std::min(baggage.find(','), baggage.size());
    // `key = value ; property`: the properties say nothing about the agent.
    std::string_view member = baggage.substr(0, comma);
    member = member.substr(0, member.find(';'));
    baggage.remove_prefix(std::min(comma + 1, baggage.size()));
    const size_t equals = member.find('=');
    if (equals == std::string_view::npos || Stripped(member.substr(0, equals)) != kKey) continue;
    return PercentDecoded(Stripped(member.substr(equals + 1)));
  }
  return "";
}

std::string_view LegOf(Stage stage) {
  switch (stage) {
    case Stage::kAdmission:
    case Stage::kLatency:
    case Stage::kPreCommit:
      return "request";
    case Stage::kPostCommit:
      return "post-commit";
    case Stage::kBody:
    case Stage::kTrailing:
      return "response";
    case Stage::kStream:
      return "stream";
  }
  return "";
}

}  // namespace murphy::engine
