// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "faults/fault.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {

// How far a stream has come towards a position.
struct StreamState : ExchangeState {
  bool began = false;
  // The piece that the position waits for has been passed on.
  bool seen = false;
  // The fault has acted, or has said why it cannot.
  bool done = false;
};

// The place in a stream at which a fault acts, once.
class StreamPosition {
 public:
  explicit StreamPosition(const v1::Position& position) : position_(position) {}

  Needs needs() const;

  // Bytes of this event that are passed on before the fault acts; nullopt when the place is not in
  // this event. To be asked once for each event. Sets `done`.
  std::optional<size_t> Reached(const EventInput& input, StreamState& state) const;

  // For OnEnd: why a fault that is not done changed nothing.
  EventActions AtEnd(const Scope& scope) const;

  // As a scenario writes it: `{"events": 4}`.
  boost::json::object Describe() const;

 private:
  std::optional<size_t> Offset(const EventInput& input, StreamState& state) const;
  std::optional<size_t> BoundaryOffset(const EventInput& input, StreamState& state) const;

  v1::Position position_;
};

}  // namespace murphy
