// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/json_answer.h"

#include <utility>

namespace murphy::dialect {
namespace {

// What follows the last `"usage":` in a piece of JSON; empty when there is none. A quotation mark
// inside a string is escaped, so that only a key looks like one.
std::string_view LastUsage(std::string_view json) {
  constexpr std::string_view kKey = "\"usage\"";
  const size_t key = json.rfind(kKey);
  if (key == std::string_view::npos) return {};
  const size_t begin = json.find_first_not_of(": \t\r\n", key + kKey.size());
  return begin == std::string_view::npos ? std::string_view() : json.substr(begin);
}

constexpr size_t kLongestName = 256;
constexpr size_t kLongestRefusal = 64 << 10;

}  // namespace

void JsonAnswer::Take(std::string_view, std::string_view data) {
  if (tree_.Parse(data)) {
    TakeJson(tree_.root());
  } else {
    TakeOther(data);
  }
  if (!stream_) over_ = true;
}

void JsonAnswer::TakeTail(std::string_view tail) {
  answer_.whole = false;
  if (tree_.ParseFirst(LastUsage(tail))) TakeUsage(tree_.root());
}

void JsonAnswer::NoteName(message::JsonValue name, std::string& into) {
  if (into.empty() && name.raw().size() <= kLongestName) into = name.Text();
}

void JsonAnswer::NoteRefusal(message::JsonValue text) {
  if (answer_.refusal.size() + text.raw().size() <= kLongestRefusal) {
    text.AppendTo(answer_.refusal);
  }
}

message::Answer JsonAnswer::Finish(bool whole) {
  answer_.whole = answer_.whole && whole;
  answer_.failed = answer_.failed || refused_;
  answer_.complete = refused_ || !answer_.whole || Ended();
  said_.MoveTo(answer_);
  return std::move(answer_);
}

}  // namespace murphy::dialect
