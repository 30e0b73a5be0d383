// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
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
  // Which of the texts that are read together.
  uint32_t file = 0;
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

struct SourceFile {
  std::string name;
  std::string text;
};

// A scenario as it is written: a file (its text may be empty), those that it includes, inline
// faults and expectations, and values of parameters instead of their defaults.
struct ScenarioText {
  SourceFile file;
  std::vector<SourceFile> included;
  std::vector<std::string> inline_faults;
  std::vector<std::string> inline_expects;
  std::map<std::string, std::string> params;
};

// A file that is included, and whose text is not there.
struct Wanted {
  std::string name;
  // As it is written, and where.
  std::string written;
  Origin origin;
};

// One combination of a matrix: parameters and their values, as ScenarioText::params takes them.
using MatrixCell = std::vector<std::pair<std::string, std::string>>;

struct ScenarioReading {
  // With what was included, with the values of its parameters, and without a matrix: with the
  // values of the first cell.
  v1::Scenario scenario;
  Origins origins;
  std::vector<Mistake> mistakes;
  // While there are some, the scenario is unspecified.
  std::vector<Wanted> wanted;
  // Empty: there is no matrix, or `params` leave nothing of it open.
  std::vector<MatrixCell> cells;
};
ScenarioReading ReadScenario(const ScenarioText& text);
// Without other files and parameters.
ScenarioReading ReadScenario(std::string_view file, std::string_view text,
                             const std::vector<std::string>& inline_faults,
                             const std::vector<std::string>& inline_expects = {});

// The text of a scenario without the values of `run.env`, for what is kept of it: nothing of a text
// that cannot be read.
std::string WithoutEnvironment(std::string_view text);

// Where a field came from: the field itself, else the nearest enclosing one that has a place.
Origin OriginOf(const Origins& origins, std::string_view path);

}  // namespace murphy::config
