// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "faults/fault.h"
#include "murphy/v1/fault.pb.h"
#include "murphy/v1/fault_service.pb.h"

namespace murphy {

// The fault that a message describes. Defaults are filled in; the message has been validated. Null
// for an empty message.
std::unique_ptr<const Fault> MakeFault(const v1::Fault& fault);

// Name of the fault, as in a scenario; empty for an empty message.
std::string_view FaultName(const v1::Fault& fault);

// Metadata of the fault.
const v1::FaultInfo& InfoOf(const v1::Fault& fault);

}  // namespace murphy
