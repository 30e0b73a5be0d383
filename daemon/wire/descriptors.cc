// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <climits>

namespace murphy::wire {
namespace {

// Connections of controllers, with something for the journal and the audit log.
constexpr int kKept = 64;

}  // namespace

// Of a very small limit, agents have half.
Descriptors::Descriptors(int limit) : most_(limit - std::min(kKept, limit / 2)) {}

Descriptors Descriptors::OfThisProcess() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= INT_MAX)
    return Descriptors(INT_MAX);
  return Descriptors(static_cast<int>(limit.rlim_cur));
}

}  // namespace murphy::wire
