// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/answer.h"
#include "faults/message/call.h"
#include "faults/message/document.h"
#include "faults/message/error.h"
#include "faults/message/http.h"
#include "faults/rng.h"

namespace murphy::message {

// How calls and answers are read: as values that mean the same in every protocol, each with the
// places where it stands.
class Reader {
 public:
  virtual ~Reader() = default;

  // Reads a request. `route` is the gateway route that it came by.
  virtual Call Describe(const Request& request, std::string_view route) const = 0;

  // Begins to read the answer to a call. `status` is its HTTP status.
  virtual std::unique_ptr<AnswerReader> NewAnswer(int status, bool stream,
                                                  const Call& call) const = 0;

  // Reads an answer that is there.
  Answer Read(int status, const Document& document, const Call& call = {}) const;

  // The logical values of an answer, in order.
  virtual std::vector<Field> Fields(const Document& document) const = 0;

  // What one event carries.
  virtual Piece Classify(const Part& part) const = 0;
};

// How answers, edits and errors are spelt: in the provider's own words, headers and layout.
class Speller {
 public:
  virtual ~Speller() = default;

  // Ends choices of an answer early, in every place that repeats what is left out, and says why.
  // False, and no change, where answers state no such reason.
  virtual bool EndEarly(Document& document, const std::vector<Stop>& stops,
                        FinishReason reason) const = 0;

  // The provider's error answer, ids and all.
  virtual Response Error(const ErrorSpec& error, const Call& call, const Draw& draw) const = 0;

  // The provider's error inside a stream, after `sent`; ready to be written. Empty where the
  // dialect has none.
  virtual std::string ErrorEvents(const ErrorSpec& error, const Call& call,
                                  const std::vector<Part>& sent, const Draw& draw) const = 0;

  // Headers by which a successful answer shows its limits.
  virtual std::vector<Header> LimitHeaders(const ErrorSpec& limits) const = 0;

  // A failing tool's answer; nullopt where calls are not tool calls, or cannot fail that way.
  virtual std::optional<Response> Failure(const ToolError& error, const Call& call) const = 0;
};

// A protocol: its reader and its speller. Implementations are stateless, pure and shared by all
// threads; none of them knows a fault.
class Dialect : public Reader, public Speller {
 public:
  // Name for the journal: `openai_chat`, `openai_responses`, `anthropic_messages`, `mcp`, `http`.
  virtual std::string_view name() const = 0;
};

}  // namespace murphy::message
