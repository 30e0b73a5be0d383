// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/decoder.h"
#include "daemon/exchange/held.h"
#include "faults/message/dialect.h"

namespace murphy::exchange {

// Reads an answer as it passes, in bounded memory: what it says, and whether whoever reads it has
// had its end. Events are read as they come; of a plain body as much is kept as can be read at its
// end, else its last bytes, where the tokens are.
class Observer {
 public:
  // What it keeps is taken from `held`; an answer for which there is no room is not seen whole.
  // `keeps`: somebody may want the answer again.
  Observer(const message::Dialect& dialect, const message::AnswerHead& head,
           const message::Call& call, HeldLimit& held, bool keeps = false);

  // Bytes of the body, coded as they travel.
  void Feed(std::string_view payload);
  // A part of the body, decoded.
  void Feed(const message::Part& part);

  // The event that ends a streamed answer for its reader is among what was fed. An agent may go on
  // from there, before the rest has reached it.
  bool over() const { return reader_->over(); }
  // Events with data, and bytes of the body, so far.
  uint32_t events() const { return events_; }
  uint64_t bytes() const { return bytes_; }

  // What was said. To be asked once, at the end.
  message::Answer Read();
  // The answer as it was given, for those who want it again; null when it is not all there, too
  // large, or nobody does.
  std::shared_ptr<const message::Document> Document() const;

 private:
  bool HasRoom(size_t more);
  void Note(const message::Part& part);
  void Keep(std::string_view decoded);

  const std::string content_type_;
  const bool coded_;
  const bool keeps_;
  const message::Framing framing_;
  std::unique_ptr<message::AnswerReader> reader_;
  std::unique_ptr<message::Framer> framer_;
  std::unique_ptr<dialect::Decoder> decoder_;
  std::vector<message::Part> parts_;
  std::string decoded_;
  std::string kept_;
  std::string tail_;
  HeldShare share_;
  // Bytes that have been read, and that there is room for.
  uint64_t read_ = 0;
  uint64_t room_;
  // Something of it is not known: it was too long to be kept, or could not be decoded.
  bool lost_ = false;
  uint32_t events_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace murphy::exchange
