// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "google/protobuf/message.h"

namespace murphy {

// Puts the catalogue's `default_value` into every absent field, so that no default is written
// twice. Defaults that are a rule and not a value ("10 mean", "until the agent gives up") leave the
// field absent: they are the fault's own to work out.
void FillDefaults(google::protobuf::Message& message);

}  // namespace murphy
