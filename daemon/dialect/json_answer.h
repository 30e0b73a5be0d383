// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/said.h"
#include "faults/message/answer.h"
#include "faults/message/json_tree.h"

namespace murphy::dialect {

// What the readers of all answers in JSON have in common: each part is parsed once, its values are
// put together, and the rest is the dialect's to understand.
class JsonAnswer : public message::AnswerReader {
 public:
  JsonAnswer(int status, bool stream) : stream_(stream), refused_(status >= 400) {}

  void Take(std::string_view event, std::string_view data) final;
  void TakeTail(std::string_view tail) final;
  bool over() const final { return over_; }
  message::Answer Finish(bool whole) final;

 protected:
  // A part that is JSON; and one that is none.
  virtual void TakeJson(message::JsonValue root) = 0;
  virtual void TakeOther(std::string_view) {}
  // A report of tokens.
  virtual void TakeUsage(message::JsonValue) {}
  // It has come to an end.
  virtual bool Ended() const = 0;

  bool stream() const { return stream_; }
  bool refused() const { return refused_; }

  // An error in place of an answer, or in the middle of one.
  void Fail() { answer_.failed = over_ = true; }

  // Takes a name over, once: an id, a model. Longer texts are no names.
  static void NoteName(message::JsonValue name, std::string& into);
  void NoteRefusal(message::JsonValue text);

  message::Answer answer_;
  Said said_;
  bool over_ = false;

 private:
  const bool stream_;
  // An error status: whatever the body is, the answer is complete.
  const bool refused_;
  message::JsonTree tree_;
};

}  // namespace murphy::dialect
