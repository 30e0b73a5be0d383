// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/cron.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"

namespace murphy::schedules {
namespace {

constexpr size_t kLongest = 256;

struct FieldKind {
  std::string_view name;
  int least;
  int most;
  // Of `first_name` and those that follow.
  std::string_view names;
  int first_name;
};
constexpr std::array<FieldKind, 5> kFields = {{
    {"minute", 0, 59, "", 0},
    {"hour", 0, 23, "", 0},
    {"day of month", 1, 31, "", 0},
    {"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", 1},
    {"day of week", 0, 7, "SUNMONTUEWEDTHUFRISAT", 0},
}};

constexpr std::pair<std::string_view, std::string_view> kNicknames[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"}};

std::string Expected(const FieldKind& kind) {
  std::string text = fmt::format("the {} is {} to {}", kind.name, kind.least, kind.most);
  if (!kind.names.empty()) {
    text += fmt::format(", or {} to {}", kind.names.substr(0, 3),
                        kind.names.substr(kind.names.size() - 3));
  }
  return text;
}

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

// Reads one expression from left to right; the first mistake ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<CronMistake> Parse(std::array<std::bitset<60>, 5>& sets,
                                   std::array<bool, 5>& stars) {
    for (size_t i = 0; i < kFields.size(); ++i) {
      SkipSpace();
      if (AtEnd()) {
        return Wrong(at_, fmt::format("expected five fields, and the {} is missing: write MINUTE "
                                      "HOUR DAY MONTH WEEKDAY, as `30 2 * * MON-FRI`",
                                      kFields[i].name));
      }
      stars[i] = text_[at_] == '*';
      if (auto mistake = Field(kFields[i], sets[i])) return mistake;
    }
    SkipSpace();
    if (!AtEnd()) return Wrong(at_, "expected the end after five fields");
    return std::nullopt;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  bool AtFieldEnd() const { return AtEnd() || IsSpace(text_[at_]); }
  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
  }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  static CronMistake Wrong(size_t at, std::string message) { return {at + 1, std::move(message)}; }

  std::optional<CronMistake> Field(const FieldKind& kind, std::bitset<60>& set) {
    do {
      if (auto mistake = Item(kind, set)) return mistake;
    } while (Take(','));
    if (AtFieldEnd()) return std::nullopt;
    return Wrong(at_, fmt::format("unexpected `{}` in the {}", Shown(), kind.name));
  }

  // `*`, a value or a range, and a step.
  std::optional<CronMistake> Item(const FieldKind& kind, std::bitset<60>& set) {
    const size_t begin = at_;
    int first = kind.least;
    int last = kind.most;
    bool range = Take('*');
    if (!range) {
      if (auto mistake = Value(kind, first)) return mistake;
      last = first;
      if (Take('-')) {
        range = true;
        if (auto mistake = Value(kind, last)) return mistake;
        // Sunday ends a week as well.
        if (kind.most == 7 && last == 0 && first > 0) last = 7;
        if (last < first) {
          return Wrong(begin, fmt::format("`{}` goes backwards: write it as two ranges",
                                          text_.substr(begin, at_ - begin)));
        }
      }
    }
    int step = 1;
    if (Take('/')) {
      const size_t digits = at_;
      if (!range) {
        return Wrong(begin, fmt::format("a step needs `*` or a range: write `{}-{}/N`", first,
                                        kind.most == 7 ? 6 : kind.most));
      }
      if (!Number(step) || step < 1 || step > kind.most)
        return Wrong(digits, fmt::format("the step is a number from 1 to {}", kind.most));
    }
    for (int value = first; value <= last; value += step)
      set.set(static_cast<size_t>(kind.most == 7 ? value % 7 : value));
    return std::nullopt;
  }

  std::optional<CronMistake> Value(const FieldKind& kind, int& value) {
    const size_t begin = at_;
    if (Number(value)) {
      if (value >= kind.least && value <= kind.most) return std::nullopt;
      return Wrong(begin,
                   fmt::format("{}, not {}", Expected(kind), text_.substr(begin, at_ - begin)));
    }
    std::string word;
    while (!AtEnd() && absl::ascii_isalpha(static_cast<unsigned char>(text_[at_])))
      word += absl::ascii_toupper(static_cast<unsigned char>(text_[at_++]));
    for (size_t i = 0; word.size() == 3 && i < kind.names.size(); i += 3) {
      if (kind.names.substr(i, 3) != word) continue;
      value = kind.first_name + static_cast<int>(i / 3);
      return std::nullopt;
    }
    at_ = word.empty() ? at_ : begin;
    return Wrong(begin,
                 AtEnd() ? Expected(kind) : fmt::format("{}, not `{}`", Expected(kind), Shown()));
  }

  // At most three digits: every number here has two.
  bool Number(int& value) {
    const size_t begin = at_;
    int number = 0;
    while (!AtEnd() && absl::ascii_isdigit(static_cast<unsigned char>(text_[at_]))) {
      if (number < 1000) number = number * 10 + (text_[at_] - '0');
      ++at_;
    }
    if (at_ == begin) return false;
    value = number;
    return true;
  }

  // The rest of the field, as far as it can be shown.
  std::string Shown() const {
    std::string shown;
    for (size_t i = at_; i < text_.size() && !IsSpace(text_[i]) && shown.size() < 20; ++i)
      shown += absl::ascii_isprint(static_cast<unsigned char>(text_[i])) ? text_[i] : '?';
    return shown;
  }

  std::string_view text_;
  size_t at_ = 0;
};

template <size_t kSize>
std::bitset<kSize> Cut(const std::bitset<60>& set) {
  std::bitset<kSize> cut;
  for (size_t i = 0; i < kSize; ++i) cut[i] = set[i];
  return cut;
}

}  // namespace

bool Cron::MatchesDay(absl::CivilDay day) const {
  if (!months[static_cast<size_t>(day.month())]) return false;
  const bool of_month = days[static_cast<size_t>(day.day())];
  // absl counts from Monday.
  const bool of_week = weekdays[(static_cast<size_t>(absl::GetWeekday(day)) + 1) % 7];
  if (any_day || any_weekday) return of_month && of_week;
  return of_month || of_week;
}

std::optional<CronMistake> ParseCron(std::string_view text, Cron& cron) {
  if (text.size() > kLongest)
    return CronMistake{kLongest + 1, fmt::format("it is longer than {} characters", kLongest)};
  if (text.starts_with("@")) {
    std::string known;
    for (const auto& [name, meaning] : kNicknames) {
      if (name == text) return ParseCron(meaning, cron);
      known += fmt::format("{}`{}`", known.empty() ? "" : ", ", name);
    }
    return CronMistake{1, fmt::format("expected one of {}", known)};
  }
  std::array<std::bitset<60>, 5> sets;
  std::array<bool, 5> stars{};
  if (auto mistake = Parser(text).Parse(sets, stars)) return mistake;
  cron = {.minutes = sets[0],
          .hours = Cut<24>(sets[1]),
          .days = Cut<32>(sets[2]),
          .months = Cut<13>(sets[3]),
          .weekdays = Cut<7>(sets[4]),
          .any_day = stars[2],
          .any_weekday = stars[4]};
  return std::nullopt;
}

}  // namespace murphy::schedules
