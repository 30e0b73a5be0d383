// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "murphy/v1/exchange.pb.h"

namespace murphy::journal {

// Redacts the free texts of an event: the last guard in front of the disk, whatever the data path
// has done before.
void RedactEvent(v1::Event& event);

}  // namespace murphy::journal
