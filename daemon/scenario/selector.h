// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "daemon/scenario/glob.h"
#include "faults/message/dialect.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::scenario {

// What a target is matched against.
struct Subject {
  const message::Call& call;
  std::string_view route;
  std::string_view agent;
  std::string_view method;
  std::string_view path;
};

// A fault that needs an exchange of this scope can act on calls of this kind. Plain HTTP calls
// count as calls to tools.
bool CanActOn(v1::Scope scope, v1::TargetKind kind);

// The part of a target that selects exchanges, compiled. Telemetry matches none. MCP handshakes,
// listings and notifications match only a selector that names them, by kind or by a name that is
// more than wildcards.
class Selector {
 public:
  explicit Selector(const v1::Target& spec);

  bool Matches(const Subject& subject) const;

  // A call of this kind can match.
  bool Offers(v1::TargetKind kind) const;

  // The one call name that can match, if there is only one: a key for an index.
  std::optional<std::string_view> only_name() const;

 private:
  v1::TargetKind kind_;
  std::optional<Glob> name_;
  std::optional<Glob> model_;
  std::optional<Glob> provider_;
  std::optional<Glob> route_;
  std::optional<Glob> agent_;
  std::optional<Glob> method_;
  std::optional<Glob> path_;
};

}  // namespace murphy::scenario
