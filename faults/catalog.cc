// SPDX-License-Identifier: Apache-2.0
#include "faults/catalog.h"

#include "faults/defaults.h"

namespace murphy {

std::unique_ptr<const Fault> MakeFault(const v1::LatencyFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::ResetFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::HangFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::StatusFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::RateLimitFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::LoseResponseFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::DuplicateRequestFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::TruncateBodyFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::EditHeadersFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::SlowEventsFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::StallStreamFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::CutStreamFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::ErrorEventFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::ProviderErrorFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::MalformedToolCallFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::LengthStopFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::ScramblePromptFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::ToolErrorFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::WrongValueFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::StaleResultFault& fault);
std::unique_ptr<const Fault> MakeFault(const v1::PromptInjectionFault& fault);

namespace {

const google::protobuf::FieldDescriptor* FieldOf(const v1::Fault& fault) {
  return v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case());
}

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::Fault& given) {
  v1::Fault fault = given;
  FillDefaults(fault);
  switch (fault.kind_case()) {
    case v1::Fault::kLatency:
      return MakeFault(fault.latency());
    case v1::Fault::kReset:
      return MakeFault(fault.reset());
    case v1::Fault::kHang:
      return MakeFault(fault.hang());
    case v1::Fault::kStatus:
      return MakeFault(fault.status());
    case v1::Fault::kRateLimit:
      return MakeFault(fault.rate_limit());
    case v1::Fault::kLoseResponse:
      return MakeFault(fault.lose_response());
    case v1::Fault::kDuplicateRequest:
      return MakeFault(fault.duplicate_request());
    case v1::Fault::kTruncateBody:
      return MakeFault(fault.truncate_body());
    case v1::Fault::kEditHeaders:
      return MakeFault(fault.edit_headers());
    case v1::Fault::kSlowEvents:
      return MakeFault(fault.slow_events());
    case v1::Fault::kStallStream:
      return MakeFault(fault.stall_stream());
    case v1::Fault::kCutStream:
      return MakeFault(fault.cut_stream());
    case v1::Fault::kErrorEvent:
      return MakeFault(fault.error_event());
    case v1::Fault::kProviderError:
      return MakeFault(fault.provider_error());
    case v1::Fault::kMalformedToolCall:
      return MakeFault(fault.malformed_tool_call());
    case v1::Fault::kLengthStop:
      return MakeFault(fault.length_stop());
    case v1::Fault::kScramblePrompt:
      return MakeFault(fault.scramble_prompt());
    case v1::Fault::kToolError:
      return MakeFault(fault.tool_error());
    case v1::Fault::kWrongValue:
      return MakeFault(fault.wrong_value());
    case v1::Fault::kStaleResult:
      return MakeFault(fault.stale_result());
    case v1::Fault::kPromptInjection:
      return MakeFault(fault.prompt_injection());
    case v1::Fault::KIND_NOT_SET:
      return nullptr;
  }
  return nullptr;
}

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
