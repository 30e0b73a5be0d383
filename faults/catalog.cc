// SPDX-License-Identifier: Apache-2.0
#include "faults/catalog.h"

namespace murphy {
namespace {

const google::protobuf::FieldDescriptor* FieldOf(const v1::Fault& fault) {
  return v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case());
}

}  // namespace

std::string_view FaultName(const v1::Fault& fault) {
  const google::protobuf::FieldDescriptor* field = FieldOf(fault);
  return field == nullptr ? std::string_view() : std::string_view(field->name());
}

const v1::FaultInfo& InfoOf(const v1::Fault& fault) {
  const google::protobuf::FieldDescriptor* field = FieldOf(fault);
  return field == nullptr ? v1::FaultInfo::default_instance()
                          : field->options().GetExtension(v1::fault_info);
}

}  // namespace murphy
