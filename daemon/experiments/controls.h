// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "murphy/v1/exchange.pb.h"

namespace murphy::experiments {

// What the finished runs of each experiment in which nothing was injected have cost, as long as the
// experiment is open.
//
// Threads: any.
class Controls {
 public:
  void Add(const std::string& experiment, const v1::Outcome& outcome);
  // Nullopt before the first.
  std::optional<v1::Control> Of(const std::string& experiment) const;
  void Drop(const std::string& experiment);

 private:
  mutable std::mutex mutex_;
  // Means.
  std::map<std::string, v1::Control> controls_;
};

}  // namespace murphy::experiments
