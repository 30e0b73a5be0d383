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
#include "daemon/scenario/glob.h"
#include "daemon/scenario/prefilter.h"
#include "daemon/scenario/value.h"
#include "faults/message/dialect.h"
#include "murphy/v1/trigger.pb.h"

namespace murphy::scenario {

class Content;

// An exchange, as far as conditions on content look at it.
struct Said {
  const message::Request& request;
  const message::Call& call;
  std::string_view agent;
};

// A v1::Where, compiled; free of mistakes.
class Where {
 public:
  explicit Where(const v1::Where& spec);

  // The content is what it looks for.
  bool Matches(Content& content) const;
  // The attempt is one that it asks for.
  bool SelectsAttempt(uint32_t attempt) const;

  // It looks for a regular expression in the whole text; and its number among those that do.
  bool of_text() const { return wanted_.matches() && !spec_.has_pointer() && !spec_.has_header(); }
  const std::string& expression() const { return spec_.matches(); }
  uint32_t number() const { return number_; }
  void set_number(uint32_t number) { number_ = number; }

 private:
  bool FitsNames(const Said& said) const;

  v1::Where spec_;
  std::optional<Glob> model_, tool_, agent_, session_;
  WantedValue wanted_;
  uint32_t number_ = 0;
};

// All conditions on content of a plan, and the expressions that they look for in the whole text.
struct Wheres {
  std::vector<Where> list;
  std::unique_ptr<const Prefilter> prefilter;

  // When the list is complete.
  void Prepare();
};

// What an exchange says, read once for all conditions. Nothing is read before it is asked for, and
// nothing twice: a body is parsed at most once, however many rules look into it.
class Content {
 public:
  // Of a longer text, nothing matches a pointer, and an expression sees only its beginning.
  static constexpr size_t kMostRead = 1 << 20;

  Content(const Wheres& wheres, const Said& said) : said_(said), wheres_(&wheres) {}
  // Of an exchange from a record, which says what of it held; there is nothing to read.
  Content(const Wheres& wheres, const std::vector<uint32_t>& held);

  const Said& said() const { return *said_; }

  // Reads what the condition with this index asks for, so that Matches need not.
  void Look(uint32_t where);
  // Which attempt it is, once that is known: conditions may ask for that as well.
  void Recognise(uint32_t attempt) { attempt_ = attempt; }
  // The condition with this index holds.
  bool Matches(uint32_t where);
  // Those that were looked at and hold.
  std::vector<uint32_t> Held() const;

  // Arguments of a tool call; else, and where they are not known, the body.
  std::string_view Text() const;
  // The expression with this number may be in the text.
  bool MayContain(uint32_t number);
  // What stands at a pointer; null: nothing.
  const Value* At(const std::string& pointer);

 private:
  enum class Known : uint8_t { kNo, kHolds, kFails };

  struct Parsed;
  const Parsed& Document();

  std::optional<Said> said_;
  const Wheres* wheres_;
  uint32_t attempt_ = 1;
  std::vector<Known> known_;
  // Expressions that may be in the text, by number, once asked; empty: any.
  std::optional<std::vector<bool>> candidates_;
  std::shared_ptr<const Parsed> parsed_;
  absl::flat_hash_map<std::string, std::optional<Value>> values_;
};

}  // namespace murphy::scenario
