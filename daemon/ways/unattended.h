// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "daemon/exchange/conversation.h"
#include "daemon/wire/worker.h"

namespace murphy::ways {

// A conversation whose agent has its answer.
struct Unattended {
  std::unique_ptr<exchange::Conversation> conversation;
  std::shared_ptr<runs::Run> run;
  std::shared_ptr<const runs::Route> route;
  // The request, as it was sent up.
  std::string head;
  std::string body;
  bool bodiless = false;
};

// Drives it to its end.
wire::Task<void> DriveUnattended(wire::Worker& worker, Unattended unattended);

}  // namespace murphy::ways
