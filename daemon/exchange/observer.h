// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/decoder.h"
#include "faults/message/dialect.h"

namespace murphy::exchange {

// Reads an answer as it passes, in bounded memory: what it says, and whether whoever reads it has
// had its end.
class Observer {
 public:
  Observer(const message::Dialect& dialect, const message::AnswerHead& head);

  // Bytes of the body, coded as they travel.
  void Feed(std::string_view payload);
  // A part of the body, decoded.
  void Feed(const message::Part& part);

  // The event that ends a streamed answer for its reader is among what was fed: the dialect's end
  // marker, or an error. An agent may go on from there, before the rest has reached it.
  bool over() const { return over_; }
  // Events with data, and bytes of the body, so far.
  uint32_t events() const { return events_; }
  uint64_t bytes() const { return bytes_; }

  // What was said. To be asked once, at the end.
  message::Answer Read();
  // The answer as it was given, for those who want it again; null when it is not all there, or too
  // large. After Read.
  std::shared_ptr<const message::Document> document() const { return document_; }

 private:
  void Note(const message::Part& part);
  void Keep(std::string_view decoded);

  const message::Dialect& dialect_;
  const int status_;
  const std::string content_type_;
  const bool coded_;
  const message::Framing framing_;
  std::unique_ptr<dialect::Decoder> decoder_;
  std::unique_ptr<message::Framer> framer_;
  std::vector<message::Part> parts_;
  std::string decoded_;
  std::string kept_;
  // Something of it is not known: it was too long to be kept, or could not be decoded.
  bool lost_ = false;
  bool over_ = false;
  uint32_t events_ = 0;
  uint64_t bytes_ = 0;
  std::shared_ptr<const message::Document> document_;
};

}  // namespace murphy::exchange
