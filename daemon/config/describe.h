// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/fault_service.pb.h"

namespace murphy::config {

// Names of the catalogue, in its order.
std::vector<std::string> FaultNames();

// The catalogue, in its order; with a name, only that fault, or nothing when there is none.
std::vector<v1::FaultDescription> DescribeFaults(std::string_view name);

// The same of expectations.
std::vector<std::string> ExpectationNames();
std::vector<v1::ExpectDescription> DescribeExpectations(std::string_view name);

}  // namespace murphy::config
