// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace murphy::experiments {

// Why runs are still armed: each has a lease that its controller renews. Pure: `now` is passed,
// from any clock that only grows. Not synchronised.
class Leases {
 public:
  // How long a run without a lease is kept for a controller that comes back for its outcome.
  static constexpr absl::Duration kGrace = absl::Seconds(60);

  // A run begins. `required`: its lease runs from now on, opened or not; otherwise from when it is
  // opened.
  void Add(const std::string& run, absl::Duration length, bool required, absl::Duration now);
  void Remove(const std::string& run) { leases_.erase(run); }

  enum class Opening { kOpen, kOver, kUnknown };
  Opening Open(const std::string& run, absl::Duration now);
  // A lease that is over stays over.
  void Renew(const std::string& run, absl::Duration now);
  // True when this ended the lease.
  bool Close(const std::string& run, absl::Duration now);

  // Runs whose lease has run out since the last call.
  std::vector<std::string> TakeLapsed(absl::Duration now);
  // Runs whose lease has been over for longer than the grace, each once.
  std::vector<std::string> TakeAbandoned(absl::Duration now);
  // The lease of a run is over; true for a run without one.
  bool Over(const std::string& run) const {
    const auto lease = leases_.find(run);
    return lease == leases_.end() || lease->second.over;
  }
  // Some lease is not over.
  bool any_held() const;

 private:
  struct Lease {
    absl::Duration length;
    absl::Duration deadline;
    // Open streams.
    int holders = 0;
    bool running = false;
    bool over = false;
    absl::Duration ended;
    bool abandoned = false;
  };
  static void End(Lease& lease, absl::Duration now);

  std::map<std::string, Lease> leases_;
};

}  // namespace murphy::experiments
