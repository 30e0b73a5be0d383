// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/duration.h"

#include <charconv>
#include <ctime>

#include "fmt/chrono.h"
#include "fmt/format.h"

namespace murphy::cli {
namespace {

constexpr double kLongestMs = 366.0 * 86'400'000;

std::optional<double> MillisecondsPer(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1'000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  if (unit == "d") return 86'400'000;
  return std::nullopt;
}

}  // namespace

std::optional<Milliseconds> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const size_t unit_end = std::min(text.find_first_of("0123456789."), text.size());
    const std::optional<double> scale = MillisecondsPer(text.substr(0, unit_end));
    if (!scale) return std::nullopt;
    total += number * *scale;
    if (!(total <= kLongestMs)) return std::nullopt;
    text.remove_prefix(unit_end);
  }
  return Milliseconds(static_cast<int64_t>(total + 0.5));
}

google::protobuf::Duration ToProto(Milliseconds duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(duration.count() / 1000);
  proto.set_nanos(static_cast<int32_t>(duration.count() % 1000 * 1'000'000));
  return proto;
}

Milliseconds FromProto(const google::protobuf::Duration& duration) {
  return Milliseconds(duration.seconds() * 1000 + duration.nanos() / 1'000'000);
}

std::string ShowDuration(Milliseconds duration) {
  const int64_t ms = duration.count();
  if (ms < 60'000) return fmt::format("{:.1f}s", static_cast<double>(ms) / 1000);
  const int64_t seconds = ms / 1000;
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
}

std::string ShowTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "-";
  const std::time_t seconds = time.seconds();
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return "-";
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", local);
}

}  // namespace murphy::cli
