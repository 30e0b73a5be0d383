// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/damage.h"

#include "absl/strings/str_cat.h"

namespace murphy::journal {
namespace {

constexpr size_t kMostShown = 5;

}  // namespace

void Damage::Note(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (names_.size() < kMostNames) names_.insert(name);
}

std::string Damage::Describe(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  if (names_.empty()) return {};
  std::string shown;
  size_t count = 0;
  for (const std::string& name : names_) {
    if (count++ == kMostShown) break;
    absl::StrAppend(&shown, shown.empty() ? "" : ", ", name);
  }
  if (names_.size() > kMostShown) absl::StrAppend(&shown, " and others");
  const bool one = names_.size() == 1;
  return absl::StrCat(names_.size() == kMostNames ? "At least " : "", names_.size(),
                      one ? " record" : " records", " of the journal ", path,
                      one ? " is damaged and left" : " are damaged and left",
                      " out of what is listed: ", shown, ".");
}

}  // namespace murphy::journal
