// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/scenario/plan.h"
#include "faults/rng.h"

namespace murphy::engine {

struct Arrival;
struct Identity;

// For each of Plan::carriers, a digest of what the request carries; 0: nothing.
std::vector<uint64_t> CarriedBy(const message::Request& request,
                                const std::vector<scenario::Carrier>& carriers);

// Sessions of a run, numbered as they appear: their ids are new in every run, and their numbers are
// not.
class Sessions {
 public:
  // Those beyond are known by their ids.
  static constexpr size_t kMost = 10'000;

  explicit Sessions(const std::vector<scenario::Carrier>& carriers);

  // An exchange begins: its session becomes its number.
  void Number(std::vector<uint64_t>& carried);

 private:
  // Which of the carriers is the session, or -1.
  int place_ = -1;
  absl::flat_hash_map<uint64_t, uint64_t> numbers_;
};

// Whose an exchange is.
class Holder {
 public:
  Holder(const Arrival& arrival, const Identity& identity, const std::vector<uint64_t>& carried)
      : arrival_(arrival), identity_(identity), carried_(carried) {}

  // The same for exchanges that have this in common; nullopt: it carries nothing of the kind. Not
  // to be asked about a single exchange.
  std::optional<uint64_t> Of(const scenario::Whose& whose) const;

 private:
  const Arrival& arrival_;
  const Identity& identity_;
  const std::vector<uint64_t>& carried_;
};

// Draws of one rule on one exchange: its own, and those of whoever it belongs to.
class Draws {
 public:
  Draws(const DrawKey& key, uint64_t address, const Holder& holder)
      : key_(key), own_(key, address), holder_(holder) {}

  const Draw& own() const { return own_; }
  // Nullopt: it belongs to nobody of that kind.
  std::optional<Draw> Of(const scenario::Whose& whose) const;

 private:
  const DrawKey& key_;
  const Draw own_;
  const Holder& holder_;
};

}  // namespace murphy::engine
