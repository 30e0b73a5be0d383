// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "boost/json.hpp"
#include "google/protobuf/message.h"
#include "tools/murphy/console.h"
#include "tools/murphy/json.h"
#include "tools/murphy/render/columns.h"

namespace murphy::cli {

// Prints `messages` in the console's format: as the table, as one document `{"schema": …, KEY:
// […]}`, or one line each.
template <typename Messages>
void PrintList(const Console& console, std::string_view schema, std::string_view key,
               const Messages& messages, const Columns& table) {
  if (console.format == Format::kTable) {
    console.out << table.Render(console.color);
    return;
  }
  boost::json::array entries;
  for (const auto& message : messages) {
    if (console.format == Format::kJsonl) {
      console.out << Line(schema, ToJson(message));
    } else {
      entries.push_back(ToJson(message));
    }
  }
  if (console.format == Format::kJsonl) return;
  boost::json::object object;
  object[key] = std::move(entries);
  console.out << Document(schema, object);
}

// The same for one message: its fields after the schema.
inline void PrintOne(const Console& console, std::string_view schema,
                     const google::protobuf::Message& message, const Columns& table) {
  if (console.format == Format::kTable) {
    console.out << table.Render(console.color);
  } else if (console.format == Format::kJsonl) {
    console.out << Line(schema, ToJson(message));
  } else {
    console.out << Document(schema, ToJson(message));
  }
}

}  // namespace murphy::cli
