// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace murphy::wire {

// One move of whoever is at the other end of a connection.
struct Step {
  // What must have arrived first, behind what the last step awaited; empty for nothing.
  std::string await;
  std::string send;
  // Then its sending side is closed.
  bool shut = false;
};

// The other end of a connection: an agent or an upstream that plays its steps, without waiting.
class Peer {
 public:
  // `again`: the steps begin anew when they are over.
  Peer(int descriptor, std::vector<Step> steps, bool again)
      : descriptor_(descriptor), steps_(std::move(steps)), again_(again) {}
  ~Peer() { Close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Reads, and plays on. True when something happened.
  bool Play();
  void Close();
  // It neither reads nor writes any more, and stays.
  void Freeze() { frozen_ = true; }

  const std::string& received() const { return received_; }
  // The other side has closed.
  bool ended() const { return ended_; }
  // Between two rounds of its steps, with everything sent and taken.
  bool rests() const;
  int descriptor() const { return descriptor_; }

 private:
  bool Read();
  bool Write();

  int descriptor_;
  const std::vector<Step> steps_;
  const bool again_;
  size_t at_ = 0;
  size_t awaited_ = 0;
  std::string_view sending_;
  bool begun_ = false;
  std::string received_;
  bool ended_ = false;
  bool frozen_ = false;
};

}  // namespace murphy::wire
