// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "daemon/control/operations.h"
#include "daemon/journal/journal.h"

namespace murphy::operations {

// Operations::Watch over a journal.
absl::Status WatchJournal(journal::Journal& journal, const v1::WatchRequest& request,
                          std::function<bool(const v1::Event&)> push,
                          std::unique_ptr<control::Operations::Subscription>* subscription);

}  // namespace murphy::operations
