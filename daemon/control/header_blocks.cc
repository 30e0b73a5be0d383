// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/header_blocks.h"

#include <algorithm>

namespace murphy::control {
namespace {

constexpr uint8_t kHeaders = 1;
constexpr uint8_t kContinuation = 9;
constexpr uint8_t kEndHeaders = 4;

}  // namespace

bool HeaderBlocks::Begin() {
  payload_left_ = size_t{head_[0]} << 16 | size_t{head_[1]} << 8 | head_[2];
  const uint8_t type = head_[3];
  if (type != kHeaders && type != kContinuation) return true;
  block_ += payload_left_;
  if (block_ > most_) return false;
  if ((head_[4] & kEndHeaders) != 0) block_ = 0;
  return true;
}

bool HeaderBlocks::Read(std::string_view bytes) {
  for (; preface_ < kPreface.size() && !bytes.empty(); bytes.remove_prefix(1)) {
    if (bytes.front() != kPreface[preface_++]) return false;
  }
  while (!bytes.empty()) {
    const size_t passed = std::min(payload_left_, bytes.size());
    payload_left_ -= passed;
    bytes.remove_prefix(passed);
    if (bytes.empty()) break;
    head_[head_bytes_++] = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (head_bytes_ < head_.size()) continue;
    head_bytes_ = 0;
    if (!Begin()) return false;
  }
  return true;
}

}  // namespace murphy::control
