// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "faults/message/dialect.h"

namespace murphy::dialect {

enum class OpenAiApi { kChat, kResponses };

// One error as OpenAI states it. Empty `code` and `param` are null.
struct OpenAiError {
  int status = 500;
  std::string_view type;
  std::string_view code;
  std::string_view param;
  std::string message;
  // Made by the gateway, not by the application: another layout and other headers.
  bool gateway = false;
};

// The error, its message filled in.
OpenAiError MakeOpenAiError(OpenAiApi api, const message::ErrorSpec& error,
                            const message::Call& call, const Draw& draw);

// The HTTP answer that carries it.
message::Response OpenAiResponse(OpenAiApi api, const message::ErrorSpec& error,
                                 const message::Call& call, const Draw& draw);

// `req_` and 32 hex digits.
std::string OpenAiRequestId(const Draw& draw);

// JSON string, or null for an empty text.
std::string QuoteOrNull(std::string_view text);

}  // namespace murphy::dialect
