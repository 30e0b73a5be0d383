// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/selector.h"

#include <algorithm>

namespace murphy::scenario {
namespace {

std::vector<Glob> Compiled(const google::protobuf::RepeatedPtrField<std::string>& patterns) {
  return {patterns.begin(), patterns.end()};
}

bool Fits(const std::vector<Glob>& globs, std::string_view text) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(),
                                      [text](const Glob& glob) { return glob.Matches(text); });
}

bool AllExact(const std::vector<Glob>& globs) {
  return std::all_of(globs.begin(), globs.end(), [](const Glob& glob) { return glob.exact(); });
}

}  // namespace

bool CanActOn(v1::Scope scope, v1::TargetKind kind) {
  if (scope == v1::SCOPE_MODEL) return kind == v1::TARGET_KIND_MODEL;
  if (scope == v1::SCOPE_TOOL) return kind == v1::TARGET_KIND_TOOL || kind == v1::TARGET_KIND_HTTP;
  return true;
}

template <typename Spec>
Patterns::Patterns(const Spec& spec)
    : kind_(spec.kind()),
      name_(Compiled(spec.name())),
      model_(Compiled(spec.model())),
      provider_(Compiled(spec.provider())),
      route_(Compiled(spec.route())),
      agent_(Compiled(spec.agent())),
      method_(Compiled(spec.method())),
      path_(Compiled(spec.path())) {}

bool Patterns::MatchesKind(v1::TargetKind kind) const {
  if (!model_.empty() && kind != v1::TARGET_KIND_MODEL) return false;
  if (kind_ == v1::TARGET_KIND_UNSPECIFIED || kind_ == v1::TARGET_KIND_HTTP) return true;
  if (kind_ == v1::TARGET_KIND_TOOL && kind == v1::TARGET_KIND_HTTP) return true;
  return kind_ == kind;
}

bool Patterns::Match(const Subject& subject) const {
  const message::Call& call = subject.call;
  return MatchesKind(call.kind) && Fits(name_, call.name) && Fits(model_, call.name) &&
         Fits(provider_, call.provider) && Fits(route_, subject.route) &&
         Fits(agent_, subject.agent) && Fits(method_, subject.method) && Fits(path_, subject.path);
}

Selector::Selector(const v1::Target& spec) : wanted_(spec) {
  for (const v1::Exclusion& exclusion : spec.excluded()) excluded_.emplace_back(exclusion);
}

bool Selector::Offers(v1::TargetKind kind) const {
  if (kind == v1::TARGET_KIND_MCP && wanted_.kind() != v1::TARGET_KIND_MCP) {
    const std::vector<Glob>& names = wanted_.name();
    return wanted_.kind() == v1::TARGET_KIND_UNSPECIFIED && wanted_.model().empty() &&
           std::any_of(names.begin(), names.end(),
                       [](const Glob& name) { return name.names_something(); });
  }
  return wanted_.MatchesKind(kind);
}

// An MCP message that is no call must be named, and not only met by a wildcard.
bool Selector::Names(const message::Call& call) const {
  if (call.kind != v1::TARGET_KIND_MCP || wanted_.kind() == v1::TARGET_KIND_MCP) return true;
  const std::vector<Glob>& names = wanted_.name();
  return std::any_of(names.begin(), names.end(), [&](const Glob& name) {
    return name.names_something() && name.Matches(call.name);
  });
}

bool Selector::Matches(const Subject& subject) const {
  return !subject.call.telemetry && Offers(subject.call.kind) && wanted_.Match(subject) &&
         Names(subject.call) &&
         std::none_of(excluded_.begin(), excluded_.end(),
                      [&](const Patterns& patterns) { return patterns.Match(subject); });
}

std::vector<std::string> Selector::only_names() const {
  const std::vector<Glob>& globs = wanted_.name().empty() ? wanted_.model() : wanted_.name();
  std::vector<std::string> names;
  if (!AllExact(globs)) return names;
  for (const Glob& glob : globs) names.push_back(glob.pattern());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace murphy::scenario
