// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/journal_service.pb.h"

namespace murphy::control {

// A reader of committed events. Destroying it ends it: no call is running or follows afterwards.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

// History (a snapshot, or what follows `revision`), `synced`, then what is committed later. `push`
// is called in order, one call at a time, from any thread, and must not block; it returns false to
// stop.
absl::Status WatchJournal(journal::Journal& journal, const v1::WatchRequest& request,
                          std::function<bool(const v1::Event&)> push,
                          std::unique_ptr<Subscription>* subscription);

}  // namespace murphy::control
