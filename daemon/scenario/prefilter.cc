// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/prefilter.h"

#include <re2/filtered_re2.h>
#include <re2/set.h>

namespace murphy::scenario {
namespace {

// Shorter pieces are in most texts.
constexpr int kShortestPiece = 3;
constexpr int64_t kMostBytes = 8 << 20;

// Pieces are given in lower case, whatever the expression says about case.
re2::RE2::Options LiteralOptions() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_literal(true);
  options.set_case_sensitive(false);
  options.set_max_mem(kMostBytes);
  return options;
}

}  // namespace

struct Prefilter::Pieces {
  re2::FilteredRE2 filter{kShortestPiece};
  re2::RE2::Set literals{LiteralOptions(), re2::RE2::UNANCHORED};
};

Prefilter::Prefilter(const std::vector<std::string>& expressions) : count_(expressions.size()) {
  if (count_ < kWorthwhile) return;
  auto pieces = std::make_unique<Pieces>();
  re2::RE2::Options options;
  options.set_log_errors(false);
  for (const std::string& expression : expressions) {
    int id = 0;
    if (pieces->filter.Add(expression, options, &id) != re2::RE2::NoError) return;
  }
  std::vector<std::string> literals;
  pieces->filter.Compile(&literals);
  // Then none of them needs anything.
  if (literals.empty()) return;
  for (const std::string& literal : literals) {
    if (pieces->literals.Add(literal, nullptr) < 0) return;
  }
  if (pieces->literals.Compile()) pieces_ = std::move(pieces);
}

Prefilter::~Prefilter() = default;

std::vector<bool> Prefilter::Candidates(std::string_view text) const {
  if (pieces_ == nullptr) return {};
  std::vector<int> found;
  re2::RE2::Set::ErrorInfo error{};
  if (!pieces_->literals.Match({text.data(), text.size()}, &found, &error) &&
      error.kind != re2::RE2::Set::kNoError) {
    return {};
  }
  std::vector<int> possible;
  pieces_->filter.AllPotentials(found, &possible);
  std::vector<bool> candidates(count_);
  for (const int index : possible) candidates[static_cast<size_t>(index)] = true;
  return candidates;
}

}  // namespace murphy::scenario
