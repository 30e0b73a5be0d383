// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/restarts.h"

#include <algorithm>
#include <map>
#include <string>

namespace murphy::outcome {
namespace {

// One agent's calls, in order. MCP's own traffic is not its task.
using Lines = std::map<std::string, std::vector<size_t>>;

Lines LinesOf(const History& history) {
  Lines lines;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (exchange.kind() != v1::TARGET_KIND_MCP) lines[exchange.agent()].push_back(position);
  }
  return lines;
}

bool SaySame(const v1::Exchange& left, const v1::Exchange& right) {
  return !left.request_digest().empty() && left.request_digest() == right.request_digest() &&
         left.name() == right.name() && left.kind() == right.kind();
}

// Something went wrong there.
bool Troubled(const History& history, size_t position) {
  return Broken(history.at(position)) || !history.at(position).altered_by().empty();
}

// A model that is asked the first question again is told the task again. Any other first call may
// be one that is made every now and then: there the second has to follow it, too.
bool Begins(const History& history, const std::vector<size_t>& line, size_t at) {
  const v1::Exchange& first = history.at(line.front());
  const v1::Exchange& again = history.at(line[at]);
  if (at < 2 || !again.repeat() || again.attempt() > 1 || !SaySame(first, again)) return false;
  if (SaySame(first, history.at(line[1]))) return false;
  if (first.kind() == v1::TARGET_KIND_MODEL) return true;
  return at + 1 < line.size() && SaySame(history.at(line[1]), history.at(line[at + 1]));
}

}  // namespace

std::vector<size_t> Restarts(const History& history) {
  std::vector<size_t> restarts;
  for (const auto& [agent, line] : LinesOf(history)) {
    bool troubled = false;
    for (size_t at = 0; at < line.size(); ++at) {
      if (troubled && Begins(history, line, at)) {
        restarts.push_back(line[at]);
        troubled = false;
      }
      troubled = troubled || Troubled(history, line[at]);
    }
  }
  std::sort(restarts.begin(), restarts.end());
  return restarts;
}

std::unordered_set<uint64_t> Restarted(const History& history) {
  std::unordered_set<uint64_t> again;
  const std::vector<size_t>& restarts = history.restarts();
  if (restarts.empty()) return again;
  for (const auto& [agent, line] : LinesOf(history)) {
    std::unordered_set<std::string> said;
    bool restarted = false;
    for (const size_t position : line) {
      const v1::Exchange& exchange = history.at(position);
      restarted = restarted || std::binary_search(restarts.begin(), restarts.end(), position);
      const std::string words = exchange.name() + '\n' + exchange.request_digest();
      if (restarted && said.contains(words)) again.insert(exchange.sequence());
      said.insert(words);
    }
  }
  return again;
}

std::optional<size_t> RestartBetween(const History& history, size_t position, size_t end) {
  const std::vector<size_t>& restarts = history.restarts();
  for (auto it = std::upper_bound(restarts.begin(), restarts.end(), position);
       it != restarts.end() && *it < end; ++it) {
    if (history.at(*it).agent() == history.at(position).agent()) return *it;
  }
  return std::nullopt;
}

}  // namespace murphy::outcome
