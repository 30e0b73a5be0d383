// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/history.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace murphy::engine {
namespace {

size_t BytesOf(const message::Document& document) {
  size_t size = 0;
  for (const message::Part& part : document.parts) size += part.raw.size();
  return size;
}

}  // namespace

std::string History::KeyOf(const message::Call& call) {
  return fmt::format("{}\n{}\n{}", static_cast<int>(call.kind), call.name, call.shape);
}

void History::Add(const std::string& key, Answer answer) {
  const size_t size = BytesOf(*answer);
  if (size > kMostBytes) return;
  if (rows_.size() >= kMostRows && !rows_.contains(key)) ForgetQuietest();
  Row& row = rows_[key];
  row.added = ++added_;
  row.answers.push_front(std::move(answer));
  row.bytes += size;
  while (row.answers.size() > kMostAnswers || row.bytes > kMostBytes) {
    row.bytes -= BytesOf(*row.answers.back());
    row.answers.pop_back();
  }
}

std::vector<History::Answer> History::Of(const std::string& key) const {
  const auto row = rows_.find(key);
  if (row == rows_.end()) return {};
  return {row->second.answers.begin(), row->second.answers.end()};
}

void History::ForgetQuietest() {
  rows_.erase(std::min_element(rows_.begin(), rows_.end(), [](const auto& a, const auto& b) {
    return a.second.added < b.second.added;
  }));
}

}  // namespace murphy::engine
