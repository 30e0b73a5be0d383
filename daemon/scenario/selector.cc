// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/selector.h"

#include <string>

namespace murphy::scenario {
namespace {

std::optional<Glob> Compiled(bool present, const std::string& pattern) {
  return present ? std::optional<Glob>(pattern) : std::nullopt;
}

bool Fits(const std::optional<Glob>& glob, std::string_view text) {
  return !glob.has_value() || glob->Matches(text);
}

}  // namespace

bool CanActOn(v1::Scope scope, v1::TargetKind kind) {
  if (scope == v1::SCOPE_MODEL) return kind == v1::TARGET_KIND_MODEL;
  if (scope == v1::SCOPE_TOOL) return kind == v1::TARGET_KIND_TOOL || kind == v1::TARGET_KIND_HTTP;
  return true;
}

Selector::Selector(const v1::Target& spec)
    : kind_(spec.kind()),
      name_(Compiled(spec.has_name(), spec.name())),
      model_(Compiled(spec.has_model(), spec.model())),
      provider_(Compiled(spec.has_provider(), spec.provider())),
      route_(Compiled(spec.has_route(), spec.route())),
      agent_(Compiled(spec.has_agent(), spec.agent())),
      method_(Compiled(spec.has_method(), spec.method())),
      path_(Compiled(spec.has_path(), spec.path())) {}

bool Selector::Offers(v1::TargetKind kind) const {
  if (model_.has_value() && kind != v1::TARGET_KIND_MODEL) return false;
  if (kind == v1::TARGET_KIND_MCP) {
    if (kind_ == v1::TARGET_KIND_MCP) return true;
    return kind_ == v1::TARGET_KIND_UNSPECIFIED && name_.has_value() && name_->names_something();
  }
  if (kind_ == v1::TARGET_KIND_UNSPECIFIED || kind_ == v1::TARGET_KIND_HTTP) return true;
  if (kind_ == v1::TARGET_KIND_TOOL && kind == v1::TARGET_KIND_HTTP) return true;
  return kind_ == kind;
}

bool Selector::Matches(const Subject& subject) const {
  const message::Call& call = subject.call;
  return !call.telemetry && Offers(call.kind) && Fits(name_, call.name) &&
         Fits(model_, call.name) && Fits(provider_, call.provider) && Fits(route_, subject.route) &&
         Fits(agent_, subject.agent) && Fits(method_, subject.method) && Fits(path_, subject.path);
}

std::optional<std::string_view> Selector::only_name() const {
  if (name_.has_value() && name_->exact()) return name_->pattern();
  if (model_.has_value() && model_->exact()) return model_->pattern();
  return std::nullopt;
}

}  // namespace murphy::scenario
