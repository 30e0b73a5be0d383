// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/ids.h"

#include <random>

#include "absl/time/clock.h"

namespace murphy::experiments {
namespace {

// Crockford's alphabet: in ASCII order, and without letters that look like others.
constexpr char kDigits[] = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr int kTimeDigits = 9;
constexpr int kRandomDigits = 5;

}  // namespace

std::string NewId() {
  std::random_device random;
  std::string id(kTimeDigits + kRandomDigits, '0');
  auto time = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  for (int i = kTimeDigits - 1; i >= 0; --i, time /= 32) id[i] = kDigits[time % 32];
  for (int i = 0; i < kRandomDigits; ++i) id[kTimeDigits + i] = kDigits[random() % 32];
  return id;
}

bool IsId(std::string_view text) {
  return text == "default" || (text.size() == kTimeDigits + kRandomDigits &&
                               text.find_first_not_of(kDigits) == std::string_view::npos);
}

uint64_t NewSeed() {
  std::random_device random;
  return random() & 0xffffffffu;
}

}  // namespace murphy::experiments
