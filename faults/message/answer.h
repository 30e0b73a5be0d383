// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/document.h"

namespace murphy::message {

// Why a model stopped.
enum class FinishReason { kUnknown, kStop, kLength, kToolCalls, kFiltered };

// One tool call in a model's answer: of a tool that the agent is to run.
struct ToolCall {
  std::string name;
  std::string arguments;
  std::string id;
};

// What an answer says, whatever its dialect.
struct Answer {
  // An error status, error body, error event or `isError: true`.
  bool failed = false;
  // It came to an end that its reader takes for one: its own end marker, or the last thing that its
  // sender had to say. True where an answer needs none, and where not all of it was seen.
  bool complete = true;
  // All of it was seen. Otherwise nothing follows from what it does not say.
  bool whole = true;
  // At most kMostKept bytes of text and arguments together are kept.
  std::string text;
  std::vector<ToolCall> tool_calls;
  // Bytes of text and arguments, kept or not.
  uint64_t said_bytes = 0;
  // What the model said instead of answering.
  std::string refusal;
  // The provider's id for the answer, and the model that it names.
  std::string id;
  std::string model;
  FinishReason finish = FinishReason::kUnknown;
  // Absent when the provider reported none.
  std::optional<uint64_t> input_tokens;
  std::optional<uint64_t> output_tokens;
};

// Text and arguments of an answer that are kept while it is read.
inline constexpr size_t kMostKept = 256 << 10;

// Reads one answer as it arrives. Each part is read once; what is kept is bounded.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;

  // The next event of a stream, or the whole of a plain body. What a stream ends with, without the
  // blank line that ends an event, is read like an event: SDKs take it for one.
  void Read(const Part& part) { Take(part.event, part.data); }
  virtual void Take(std::string_view event, std::string_view data) = 0;

  // Instead: the last bytes of a plain body that was too large to keep. The tokens that it reports
  // are read off them, and nothing else.
  virtual void TakeTail(std::string_view tail) = 0;

  // The end of the answer for its reader has been read: the dialect's own end marker, or an error.
  // Who leaves now has had its answer.
  virtual bool over() const = 0;

  // What the answer says. `whole`: every part of it was read; false where some were too large.
  virtual Answer Finish(bool whole) = 0;
};

// What one event of a stream carries.
enum class Piece {
  kOther,
  kText,
  kToolCall,   // announces a tool call
  kArguments,  // a non-empty piece of its arguments
  kEnd,        // the dialect's own end marker
};

// Where one of an answer's choices ends early: after `keep` bytes of a text. What the choice says
// behind it is never said.
struct Stop {
  Field field;
  size_t keep = 0;
};

}  // namespace murphy::message
