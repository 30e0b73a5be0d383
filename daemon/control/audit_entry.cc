// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/audit_entry.h"

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "daemon/experiments/source.h"

namespace murphy::control {
namespace {

// Who calls, in the caller's own words.
constexpr char kActor[] = "murphy-actor";

// Control characters have no business in a log.
std::string Printable(std::string text) {
  for (char& character : text) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) character = '?';
  }
  return text;
}

std::string ReasonIn(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("reason");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return {};
  }
  return request.GetReflection()->GetString(request, field);
}

// Scenarios anywhere in a request: variables of agents are on record nowhere.
void ForgetEnvironments(google::protobuf::Message& message) {
  if (message.GetDescriptor() == v1::ScenarioSource::descriptor())
    return experiments::ForgetEnvironment(static_cast<v1::ScenarioSource&>(message));
  if (message.GetDescriptor() == v1::Invocation::descriptor()) {
    for (auto& [name, value] : *static_cast<v1::Invocation&>(message).mutable_env())
      value = "[redacted]";
  }
  const auto& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    const bool table = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (table && !field->is_repeated())
      ForgetEnvironments(*reflection.MutableMessage(&message, field));
  }
}

// The request as JSON; that a token was there is all that is said of it.
std::string WithoutTokens(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  ForgetEnvironments(*copy);
  const auto* token = copy->GetDescriptor()->FindFieldByName("approval_token");
  if (token != nullptr && !copy->GetReflection()->GetString(*copy, token).empty())
    copy->GetReflection()->SetString(copy.get(), token, "given");
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  return google::protobuf::util::MessageToJsonString(*copy, &json, options).ok() ? json : "";
}

}  // namespace

bool OnlyValidates(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("validate_only");
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

v1::AuditEntry AuditEntryOf(const grpc::CallbackServerContext& context,
                            const google::protobuf::Message& request) {
  v1::AuditEntry entry;
  const auto actor = context.client_metadata().find(kActor);
  if (actor != context.client_metadata().end())
    entry.set_actor(Printable({actor->second.data(), actor->second.size()}));
  const std::string peer = context.peer();
  entry.set_peer(absl::StartsWith(peer, "unix:") ? "unix" : Printable(peer));
  const std::string name = request.GetDescriptor()->name();
  entry.set_call(std::string(absl::StripSuffix(name, "Request")));
  entry.set_request(WithoutTokens(request));
  entry.set_reason(ReasonIn(request));
  return entry;
}

}  // namespace murphy::control
