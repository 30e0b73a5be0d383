// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "faults/message/document.h"
#include "faults/message/http.h"
#include "faults/rng.h"
#include "murphy/v1/fault.pb.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::message {

// What a request asks for, whatever its dialect.
struct Call {
  v1::TargetKind kind = v1::TARGET_KIND_HTTP;
  // `openai`, `anthropic`, `mcp`, `http`.
  std::string provider;
  // Model as it is asked for; tool as `ROUTE.TOOL`; MCP method; HTTP `ROUTE.PATH.SEGMENTS`.
  std::string name;
  bool stream = false;
  // Sorted argument paths with JSON types, or method and templated path: never values.
  std::string shape;
  // SHA-256 of method, path and canonical JSON without JSON-RPC `id` and `_meta`; no headers. Equal
  // for retries.
  std::string digest;
  // The JSON-RPC id as it is written, quotes included; empty where there is none.
  std::string rpc_id;
  // Protocol revision that an MCP request names, such as `2026-07-28`; empty otherwise.
  std::string mcp_version;
  // Arguments of a tool call as JSON text; empty otherwise.
  std::string arguments;
  // Tokens of the request, estimated from its length.
  uint64_t estimated_tokens = 0;
  // Traces, metrics and logs of the agent's own: never a target.
  bool telemetry = false;
  // The body could not be read; only the head is known.
  bool unclassified = false;
};

// One tool call in a model's answer.
struct ToolCall {
  std::string name;
  std::string arguments;
};

// What an answer says, whatever its dialect.
struct Answer {
  // An error status, error body, error event or `isError: true`.
  bool failed = false;
  // The answer's own end marker was seen, or it needs none.
  bool complete = true;
  std::string text;
  std::vector<ToolCall> tool_calls;
  // Absent when the provider reported none.
  std::optional<uint64_t> input_tokens;
  std::optional<uint64_t> output_tokens;
};

// State of a limit, for headers that count down.
struct LimitState {
  uint64_t limit = 0;
  uint64_t remaining = 0;
  absl::Duration reset;
};

// An error that a provider is to state.
struct ErrorSpec {
  v1::ErrorKind kind = v1::ERROR_KIND_SERVER_ERROR;
  // Instead of the provider's own text.
  std::optional<std::string> message;
  // The delay that is stated, and how. `kBody` puts it into the text only.
  std::optional<absl::Duration> retry_after;
  v1::RetryAfterForm retry_after_form = v1::RETRY_AFTER_FORM_SECONDS;
  std::optional<LimitState> requests;
  std::optional<LimitState> tokens;
  // The answer that states it is a stream: some providers leave limits out there.
  bool streamed = false;
  // Wall-clock time, for date headers.
  absl::Time wall;
};

// What one event of a stream carries.
enum class Piece {
  kOther,
  kText,
  kToolCall,   // announces a tool call
  kArguments,  // a non-empty piece of its arguments
  kEnd,        // the dialect's own end marker
};

// How a protocol spells calls, answers and errors. Implementations are stateless, pure and shared
// by all threads.
class Dialect {
 public:
  virtual ~Dialect() = default;

  // Name for the journal: `openai_chat`, `openai_responses`, `anthropic_messages`, `mcp`, `http`.
  virtual std::string_view name() const = 0;

  // Reads a request. `route` is the gateway route that it came by.
  virtual Call Describe(const Request& request, std::string_view route) const = 0;

  // Reads an answer. `status` is its HTTP status.
  virtual Answer Read(int status, const Document& document) const = 0;

  // The logical values of an answer, in order.
  virtual std::vector<Field> Fields(const Document& document) const = 0;

  // What one event carries.
  virtual Piece Classify(const Part& part) const = 0;

  // Keeps `fraction` of an answer's text and makes it say that its length limit stopped it. False
  // where that means nothing.
  virtual bool StopForLength(Document& document, double fraction) const = 0;

  // The provider's error answer, ids and all.
  virtual Response Error(const ErrorSpec& error, const Call& call, const Draw& draw) const = 0;

  // The provider's error inside a stream, after `sent`; ready to be written. Empty where the
  // dialect has none.
  virtual std::string ErrorEvents(const ErrorSpec& error, const Call& call,
                                  const std::vector<Part>& sent, const Draw& draw) const = 0;

  // Headers by which a successful answer shows its limits.
  virtual std::vector<Header> LimitHeaders(const ErrorSpec& limits) const = 0;

  // A failing tool's answer in this protocol; nullopt where calls are not tool calls.
  virtual std::optional<Response> ToolFailure(const v1::ToolErrorFault& fault,
                                              const Call& call) const = 0;
};

}  // namespace murphy::message
