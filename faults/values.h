// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "faults/fault.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "murphy/v1/coordination.pb.h"

namespace murphy {

// A duration as a scenario writes it: `1.5s`.
std::string DurationText(absl::Duration duration);

// How often the extent, in calls or time, fits into what has elapsed.
double LengthsBehind(const v1::Extent& extent, const Elapsed& elapsed);

// Value of an enum as a scenario writes it: `half_event`.
std::string EnumText(const google::protobuf::EnumDescriptor* type, int value);

template <typename Enum>
std::string EnumText(Enum value) {
  return EnumText(google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// What a fault says when an answer that it must hold was not held.
inline constexpr std::string_view kNotHeld =
    "the answer was too large to hold, or could not be decoded";

}  // namespace murphy
