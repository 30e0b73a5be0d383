// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/wire/io.h"
#include "daemon/wire/presence.h"
#include "daemon/wire/vigil.h"

namespace murphy::wire {

// The agent's side: one connection, its unread input, its deadline, and whether the agent is still
// there.
class Downstream final : public Vigil {
 public:
  Downstream(Socket accepted, Worker& owner);
  ~Downstream() override;

  Socket socket;
  // Bytes received and not yet consumed.
  std::string input;

  // Appends what has arrived, waiting if need be. 0: closed or failed.
  Task<size_t> ReadMore();
  // Reads into a buffer of the caller's. 0: closed or failed.
  Task<size_t> ReadInto(asio::mutable_buffer buffer);
  // The same for the rest of a request's body. While it is awaited the upstream has an excuse to be
  // silent, and the agent has a time limit of its own.
  Task<size_t> ReadBody(asio::mutable_buffer buffer);
  // Writes both, in order. False: the agent has left or takes nothing for too long.
  Task<bool> Write(std::string_view first, std::string_view second = {});
  // What is to be written soon: it goes out in front of the next Write, or with Flush.
  void Put(std::string_view bytes) { unsent_.append(bytes); }
  size_t unsent() const { return unsent_.size(); }
  Task<bool> Flush();

  bool agent_left() const override { return left_; }
  // Looks now.
  bool LooksGone();
  bool stalled() const override { return stalled_; }

  std::shared_ptr<ConnectionPresence> presence() const { return presence_; }

  // An exchange begins, and its answer has not; or it begins to be written.
  void BeginExchange();
  void BeginAnswer();

  // TCP RST.
  void Reset();
  // FIN, then reads and drops for a moment so that the agent can read what was sent before the
  // kernel resets.
  Task<void> CloseGently();
  void Close();

  // Between two requests: may be closed at once when the daemon stops.
  bool idle = true;

 private:
  void OnDeadline() override;
  void OnTick(Clock::time_point now) override;
  void OnDrain(bool now) override;
  void CancelAll() override;
  bool Probe();
  // Sends what the kernel takes at once; false after an error.
  bool IsScratch(std::string_view bytes) const;
  bool SendNow(std::string_view& first, std::string_view& second);

  std::shared_ptr<ConnectionPresence> presence_;
  std::string unsent_;
  bool left_ = false;
  // The agent has closed its side, or more: to be looked at.
  bool hung_up_ = false;
  bool stalled_ = false;
  // When the rest of a request's body must have come.
  std::optional<Clock::time_point> body_due_;
  // Part of an answer has been written.
  bool answering_ = false;
  // The agent has closed its side and still reads: it was asked, with the first byte of the answer.
  bool half_closed_ = false;
  // That byte is out, and is not to be written again.
  bool ahead_ = false;
};

}  // namespace murphy::wire
