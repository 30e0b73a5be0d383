// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace murphy {

// A serialized google.protobuf.FileDescriptorSet of the catalogue with its comments, which
// generated code leaves out.
std::string_view FaultSource();

}  // namespace murphy
