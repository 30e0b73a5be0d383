// SPDX-License-Identifier: Apache-2.0
#include "faults/stream/position.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "faults/values.h"

namespace murphy {
namespace {

using message::Piece;

// Inside the first character of more than one byte.
std::optional<size_t> InsideCharacter(std::string_view raw) {
  const auto lead = std::find_if(raw.begin(), raw.end(),
                                 [](char c) { return static_cast<unsigned char>(c) >= 0xC2; });
  const auto offset = static_cast<size_t>(lead - raw.begin()) + 1;
  return offset < raw.size() ? std::optional(offset) : std::nullopt;
}

// In the middle of the event's JSON object.
std::optional<size_t> InsideJson(const message::Part& part) {
  const size_t begin = part.data.starts_with('{') ? part.raw.find('{') : std::string::npos;
  return begin == std::string::npos
             ? std::nullopt
             : std::optional(begin + std::max<size_t>(1, part.data.size() / 2));
}

}  // namespace

Needs StreamPosition::needs() const {
  return {.held_answer = position_.place_case() == v1::Position::kFraction, .events = true};
}

std::optional<size_t> StreamPosition::Reached(const EventInput& input, StreamState& state) const {
  state.began = true;
  if (state.done) {
    return std::nullopt;
  }
  const std::optional<size_t> offset = Offset(input, state);
  state.done = offset.has_value();
  return offset;
}

std::optional<size_t> StreamPosition::Offset(const EventInput& input, StreamState& state) const {
  // What carries no data is no event: a comment, or the event that primes an MCP stream.
  const auto from = [&](uint64_t first) {
    const bool reached = input.events >= first && !input.part.data.empty();
    return reached ? std::optional<size_t>(0) : std::nullopt;
  };
  switch (position_.place_case()) {
    case v1::Position::kEvents:
      return from(position_.events());
    case v1::Position::kBytes:
      return position_.bytes() < input.bytes + input.part.raw.size()
                 ? std::optional<size_t>(position_.bytes() -
                                         std::min(position_.bytes(), input.bytes))
                 : std::nullopt;
    case v1::Position::kBoundary:
      return BoundaryOffset(input, state);
    case v1::Position::kFraction:
      return input.total ? from(static_cast<uint64_t>(*input.total * position_.fraction()))
                         : std::nullopt;
    case v1::Position::PLACE_NOT_SET:
      return from(1);
  }
  return std::nullopt;
}

std::optional<size_t> StreamPosition::BoundaryOffset(const EventInput& input,
                                                     StreamState& state) const {
  const v1::Boundary boundary = position_.boundary();
  if (boundary == v1::BOUNDARY_UTF8) {
    return InsideCharacter(input.part.raw);
  }
  if (boundary == v1::BOUNDARY_JSON) {
    return InsideJson(input.part);
  }
  const bool between = boundary == v1::BOUNDARY_ARGUMENTS;
  if (state.seen && !between) {
    return 0;
  }
  const Piece piece = input.dialect.Classify(input.part);
  if (between) {
    if (state.seen && piece == Piece::kArguments) {
      return 0;
    }
    // Another tool call begins another list of pieces.
    state.seen = piece == Piece::kArguments || (state.seen && piece != Piece::kToolCall);
    return std::nullopt;
  }
  state.seen = piece == (boundary == v1::BOUNDARY_TOOL_CALL ? Piece::kToolCall : Piece::kText);
  return std::nullopt;
}

EventActions StreamPosition::AtEnd(const Scope& scope) const {
  const auto* state = static_cast<const StreamState*>(scope.state);
  if (state == nullptr || state->done) {
    return {};
  }
  return NoOp(state->began ? absl::StrCat("the stream ended before the position ",
                                          boost::json::serialize(Describe()))
                           : std::string("the answer was not a stream of events"));
}

boost::json::object StreamPosition::Describe() const {
  switch (position_.place_case()) {
    case v1::Position::kEvents:
      return {{"events", position_.events()}};
    case v1::Position::kBytes:
      return {{"bytes", position_.bytes()}};
    case v1::Position::kBoundary:
      return {{"boundary", EnumText(position_.boundary())}};
    case v1::Position::kFraction:
      return {{"fraction", position_.fraction()}};
    case v1::Position::PLACE_NOT_SET:
      return {{"events", 1}};
  }
  return {};
}

}  // namespace murphy
