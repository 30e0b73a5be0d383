// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace murphy::cli {

using Milliseconds = std::chrono::milliseconds;

// Reads `90s`, `1h30m`, `500ms`, `1.5s`; nothing else, and nothing longer than a year.
std::optional<Milliseconds> ParseDuration(std::string_view text);

google::protobuf::Duration ToProto(Milliseconds duration);
Milliseconds FromProto(const google::protobuf::Duration& duration);

// `0.4s`, `12.3s`, `2m05s`, `3h07m`.
std::string ShowDuration(Milliseconds duration);

// Local date and time to the second.
std::string ShowTime(const google::protobuf::Timestamp& time);

}  // namespace murphy::cli
