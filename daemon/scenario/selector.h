// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

// What one table of a file says of an exchange: all of its keys must fit, and of a list of
// patterns one.
class Patterns {
 public:
  // A v1::Target or a v1::Exclusion.
  template <typename Spec>
  explicit Patterns(const Spec& spec);

  bool Match(const Subject& subject) const;
  bool MatchesKind(v1::TargetKind kind) const;

  v1::TargetKind kind() const { return kind_; }
  const std::vector<Glob>& name() const { return name_; }
  const std::vector<Glob>& model() const { return model_; }

 private:
  v1::TargetKind kind_;
  std::vector<Glob> name_, model_, provider_, route_, agent_, method_, path_;
};

// The part of a target that selects exchanges, compiled. Telemetry matches none. MCP handshakes,
// listings and notifications match only a selector that names them, by kind or by names that are
// more than wildcards.
class Selector {
 public:
  explicit Selector(const v1::Target& spec);

  bool Matches(const Subject& subject) const;

  // A call of this kind can match.
  bool Offers(v1::TargetKind kind) const;

  // The call names that can match, if there are only so many: keys for an index; else empty.
  std::vector<std::string> only_names() const;

 private:
  bool Names(const message::Call& call) const;

  Patterns wanted_;
  std::vector<Patterns> excluded_;
};

}  // namespace murphy::scenario
