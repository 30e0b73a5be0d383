// SPDX-License-Identifier: Apache-2.0
#include "faults/values.h"

#include "absl/strings/ascii.h"
#include "google/protobuf/descriptor.h"
#include "proto/time.h"

namespace murphy {

std::string DurationText(absl::Duration duration) {
  return duration == absl::ZeroDuration() ? "0s" : absl::FormatDuration(duration);
}

double LengthsBehind(const v1::Extent& extent, const Elapsed& elapsed) {
  if (extent.has_calls()) return static_cast<double>(elapsed.calls) / extent.calls();
  return absl::FDivDuration(elapsed.time, FromProto(extent.time()));
}

std::string EnumText(const google::protobuf::EnumDescriptor* type, int value) {
  const google::protobuf::EnumValueDescriptor* found = type->FindValueByNumber(value);
  if (found == nullptr) {
    return std::to_string(value);
  }
  // buf STANDARD: the zero value is PREFIX_UNSPECIFIED.
  const size_t prefix =
      type->FindValueByNumber(0)->name().size() - std::string_view("UNSPECIFIED").size();
  return absl::AsciiStrToLower(found->name().substr(prefix));
}

}  // namespace murphy
