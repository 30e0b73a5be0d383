// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/value.h"
#include "google/protobuf/message.h"

namespace murphy::config {

// Where a table is: `path` as in Origins (`rule[1].fault.latency`), `shown` as its header would
// name it (`rule.latency`).
struct Place {
  std::string path;
  std::string shown;
};

// Reads a table into a message, by reflection. Mistakes go to `slips`, places to `origins` (may be
// null) as being of the files that their locations number.
void ReadTable(const Value& table, const Place& place, std::span<const std::string> files,
               google::protobuf::Message& message, Origins* origins, std::vector<Slip>& slips);

}  // namespace murphy::config
