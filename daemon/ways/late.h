// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/ways/pass_through.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::ways {

// What the journal keeps of an exchange of a run that has ended.
v1::Exchange LateRecord(const wire::Incoming& in, const PassedThrough& passed);

}  // namespace murphy::ways
