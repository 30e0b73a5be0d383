// SPDX-License-Identifier: Apache-2.0
#include "faults/message/dialect.h"

#include "faults/message/sse.h"

namespace murphy::message {

Answer Reader::Read(int status, const Document& document, const Call& call) const {
  const std::unique_ptr<AnswerReader> reader = NewAnswer(status, document.stream, call);
  for (size_t i = 0; i < document.parts.size(); ++i) {
    const Part& part = document.parts[i];
    // An event that lacks its blank line is bytes without data in a document.
    const bool unended = document.stream && i + 1 == document.parts.size() && part.data.empty();
    reader->Read(unended ? ParseEvent(part.raw) : part);
  }
  return reader->Finish(/*whole=*/true);
}

}  // namespace murphy::message
