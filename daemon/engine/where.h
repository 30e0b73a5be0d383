// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/engine/glob.h"
#include "faults/message/dialect.h"
#include "murphy/v1/trigger.pb.h"

namespace re2 {
class RE2;
}

namespace murphy::engine {

class Content;

// An exchange, as far as conditions on content look at it.
struct Said {
  const message::Request& request;
  const message::Call& call;
  std::string_view agent;
  uint32_t attempt = 1;
};

// A v1::Where, compiled; free of mistakes.
class Where {
 public:
  explicit Where(const v1::Where& spec);

  bool Matches(Content& content) const;

 private:
  bool FitsNames(const Said& said) const;
  bool FitsValue(std::string_view value) const;

  v1::Where spec_;
  std::optional<Glob> model_, tool_, agent_, session_;
  std::shared_ptr<const re2::RE2> matches_;
};

// What is wrong with a regular expression or a pointer; empty when nothing is.
std::string ProblemOfExpression(const std::string& expression);
std::string ProblemOfPointer(std::string_view pointer);

// What an exchange says, read once for all conditions. Nothing is read before it is asked for, and
// nothing twice: a body is parsed at most once, however many rules look into it.
class Content {
 public:
  // Of a longer text, nothing matches a pointer, and an expression sees only its beginning.
  static constexpr size_t kMostRead = 1 << 20;

  Content(const std::vector<Where>& wheres, const Said& said) : said_(said), wheres_(wheres) {}
  // Of an exchange from a record, which says what of it held; there is nothing to read.
  Content(const std::vector<Where>& wheres, const std::vector<uint32_t>& held);

  const Said& said() const { return *said_; }

  // The condition with this index holds.
  bool Matches(uint32_t where);
  // Those that were asked for and hold.
  std::vector<uint32_t> Held() const;

  // Arguments of a tool call; else, and where they are not known, the body.
  std::string_view Text() const;
  // What stands at a pointer: the text of a string, the JSON of anything else. Null: nothing.
  const std::string* At(const std::string& pointer);

 private:
  enum class Known : uint8_t { kNo, kHolds, kFails };

  struct Parsed;
  const Parsed& Document();

  const std::optional<Said> said_;
  const std::vector<Where>& wheres_;
  std::vector<Known> known_;
  std::shared_ptr<const Parsed> parsed_;
  absl::flat_hash_map<std::string, std::optional<std::string>> values_;
};

}  // namespace murphy::engine
