// SPDX-License-Identifier: Apache-2.0
#include "tests/wire/peer.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <linux/sockios.h>

namespace murphy::wire {

bool Peer::Read() {
  std::array<char, 65536> block;
  bool moved = false;
  while (descriptor_ >= 0 && !ended_) {
    const ssize_t size = ::recv(descriptor_, block.data(), block.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) break;
    moved = true;
    ended_ = size <= 0;
    if (size > 0) received_.append(block.data(), static_cast<size_t>(size));
  }
  return moved;
}

bool Peer::Write() {
  if (descriptor_ < 0 || at_ >= steps_.size()) return false;
  const Step& step = steps_[at_];
  if (!begun_) {
    const size_t found = received_.find(step.await, awaited_);
    if (found == std::string::npos) return false;
    awaited_ = found + step.await.size();
    sending_ = step.send;
    begun_ = true;
  }
  if (!sending_.empty()) {
    const ssize_t sent =
        ::send(descriptor_, sending_.data(), sending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return false;
    sending_.remove_prefix(static_cast<size_t>(sent));
    if (!sending_.empty()) return true;
  }
  if (step.shut) ::shutdown(descriptor_, SHUT_WR);
  begun_ = false;
  if (++at_ == steps_.size() && again_) at_ = 0;
  return true;
}

bool Peer::Play() {
  if (frozen_) return false;
  const bool read = Read();
  const bool wrote = Write();
  return read || wrote;
}

void Peer::Close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool Peer::rests() const {
  int untaken = 0;
  ::ioctl(descriptor_, SIOCOUTQ, &untaken);
  return at_ == 0 && !begun_ && untaken == 0 && awaited_ == received_.size();
}

}  // namespace murphy::wire
