// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "faults/nearest.h"
#include "google/protobuf/message.h"
#include "murphy/v1/config.pb.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::config {

// A position in a text, from 1. Line 0: the text as a whole.
struct Location {
  int line = 0;
  int column = 0;
  bool operator==(const Location&) const = default;
};

// A mistake, ready to be shown: `FILE:LINE:COLUMN: message`.
struct Mistake {
  std::string file;
  Location location;
  std::string message;
};

// Where each field came from: path as in scenario::Mistake to file and place.
struct Origin {
  std::string file;
  Location location;
};
using Origins = std::map<std::string, Origin>;

// Reads TOML into any message, by reflection alone. On mistakes the message is unspecified, and all
// mistakes are there.
std::vector<Mistake> ReadToml(std::string_view file, std::string_view text,
                              google::protobuf::Message& message, Origins* origins);

// Reads one inline fault, `NAME(,dotted.key=value)*`, into a rule. `file` is what errors call it,
// as `--fault`. An inline target `KIND:GLOB` becomes an anonymous target of `scenario`; a plain
// name refers to one of it.
std::vector<Mistake> ReadInlineRule(std::string_view file, std::string_view text,
                                    v1::Scenario& scenario, Origins* origins);

// A scenario from a file's text (may be empty), inline faults and inline expectations (may be none).
struct ScenarioReading {
  v1::Scenario scenario;
  Origins origins;
  std::vector<Mistake> mistakes;
};
ScenarioReading ReadScenario(std::string_view file, std::string_view text,
                             const std::vector<std::string>& inline_faults,
                             const std::vector<std::string>& inline_expects = {});

// Where a field came from: the field itself, else the nearest enclosing one that has a place.
Origin OriginOf(const Origins& origins, std::string_view path);

}  // namespace murphy::config
