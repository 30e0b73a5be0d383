// SPDX-License-Identifier: Apache-2.0
#include "faults/tool/lie.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace murphy {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A number without an exponent, taken apart.
struct Decimal {
  bool negative = false;
  std::string whole;
  std::string fraction;
};

std::optional<Decimal> ReadDecimal(std::string_view number) {
  Decimal decimal;
  if (number.starts_with('-')) {
    decimal.negative = true;
    number.remove_prefix(1);
  }
  const size_t point = number.find('.');
  decimal.whole = number.substr(0, point);
  decimal.fraction = point == std::string_view::npos ? "" : number.substr(point + 1);
  for (const char c : decimal.whole + decimal.fraction) {
    if (!IsDigit(c)) {
      return std::nullopt;
    }
  }
  return decimal.whole.empty() ? std::nullopt : std::optional(decimal);
}

std::string Written(const Decimal& decimal) {
  return absl::StrCat(decimal.negative ? "-" : "", decimal.whole,
                      decimal.fraction.empty() ? "" : ".", decimal.fraction);
}

bool IsZero(const Decimal& decimal) {
  return (decimal.whole + decimal.fraction).find_first_not_of('0') == std::string::npos;
}

// Swaps two neighbouring digits, or changes the last one where all are alike.
std::string ChangeDigits(std::string_view number, const Draw& draw) {
  std::string changed(number);
  std::vector<size_t> digits;
  for (size_t i = 0; i < number.size() && number[i] != 'e' && number[i] != 'E'; ++i) {
    if (IsDigit(number[i])) {
      digits.push_back(i);
    }
  }
  std::vector<size_t> swaps;
  for (size_t i = 0; i + 1 < digits.size(); ++i) {
    const bool leading_zero = i == 0 && digits[1] == digits[0] + 1 && number[digits[1]] == '0';
    if (number[digits[i]] != number[digits[i + 1]] && !leading_zero) {
      swaps.push_back(i);
    }
  }
  if (!swaps.empty()) {
    const size_t at = swaps[draw.Below(swaps.size(), "swap")];
    std::swap(changed[digits[at]], changed[digits[at + 1]]);
  } else if (!digits.empty()) {
    char& last = changed[digits.back()];
    last =
        static_cast<char>('0' + (last - '0' + 1 + static_cast<int>(draw.Below(9, "digit"))) % 10);
  }
  return changed;
}

std::optional<std::string> OffByOne(Decimal decimal, const Draw& draw) {
  uint64_t whole = 0;
  if (!absl::SimpleAtoi(decimal.whole, &whole) || whole == UINT64_MAX) {
    return std::nullopt;
  }
  decimal.whole =
      absl::StrCat(whole >= 2 && draw.Below(2, "direction") == 0 ? whole - 1 : whole + 1);
  return Written(decimal);
}

std::optional<std::string> HundredTimes(Decimal decimal) {
  if (IsZero(decimal)) {
    return std::nullopt;
  }
  decimal.fraction.resize(std::max<size_t>(2, decimal.fraction.size()), '0');
  decimal.whole += decimal.fraction.substr(0, 2);
  decimal.fraction.erase(0, 2);
  decimal.whole.erase(0, std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size() - 1));
  return Written(decimal);
}

std::optional<Lie> LieInString(v1::WrongValueKind kind, std::string_view literal,
                               const Draw& draw) {
  const std::optional<std::string> text = message::UnquoteJson(literal);
  const std::optional<message::Span> span = text ? FindNumber(*text) : std::nullopt;
  if (!span) {
    return std::nullopt;
  }
  const std::string number = text->substr(span->begin, span->end - span->begin);
  const std::optional<std::string> wrong = LieAboutNumber(kind, number, draw);
  if (!wrong) {
    return std::nullopt;
  }
  std::string changed = *text;
  changed.replace(span->begin, number.size(), *wrong);
  return Lie{std::string(literal), message::QuoteJson(changed), number, *wrong};
}

// Whether a number may not begin or end beside this character.
bool Joins(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '/' ||
         c == ':' || c == '@' || c == '#' || static_cast<unsigned char>(c) >= 0x80;
}

// `.` or `,` between digits belongs to a longer number, a version or an address.
bool Continues(std::string_view text, size_t mark, size_t digit) {
  return mark < text.size() && digit < text.size() && (text[mark] == '.' || text[mark] == ',') &&
         IsDigit(text[digit]);
}

}  // namespace

std::optional<std::string> LieAboutNumber(v1::WrongValueKind kind, std::string_view number,
                                          const Draw& draw) {
  if (kind == v1::WRONG_VALUE_KIND_DIGITS) {
    return ChangeDigits(number, draw);
  }
  std::optional<Decimal> decimal = ReadDecimal(number);
  if (!decimal) {
    return std::nullopt;
  }
  if (kind == v1::WRONG_VALUE_KIND_OFF_BY_ONE) {
    return OffByOne(*decimal, draw);
  }
  if (kind == v1::WRONG_VALUE_KIND_UNIT) {
    return HundredTimes(*decimal);
  }
  if (kind == v1::WRONG_VALUE_KIND_SIGN && !IsZero(*decimal)) {
    decimal->negative = !decimal->negative;
    return Written(*decimal);
  }
  return std::nullopt;
}

std::optional<Lie> LieAbout(v1::WrongValueKind kind, message::JsonKind type,
                            std::string_view literal, const Draw& draw) {
  const std::string before(literal);
  if (kind == v1::WRONG_VALUE_KIND_EMPTY_LIST) {
    const bool full = type == message::JsonKind::kList &&
                      literal.find_first_not_of("[] \t\r\n") != std::string_view::npos;
    return full ? std::optional(Lie{before, "[]", "", ""}) : std::nullopt;
  }
  if (kind == v1::WRONG_VALUE_KIND_INVERTED) {
    return type == message::JsonKind::kTruth
               ? std::optional(Lie{before, literal == "true" ? "false" : "true", "", ""})
               : std::nullopt;
  }
  if (type == message::JsonKind::kString) {
    return LieInString(kind, literal, draw);
  }
  if (type != message::JsonKind::kNumber) {
    return std::nullopt;
  }
  const std::optional<std::string> wrong = LieAboutNumber(kind, literal, draw);
  return wrong && *wrong != literal ? std::optional(Lie{before, *wrong, before, *wrong})
                                    : std::nullopt;
}

std::optional<message::Span> FindNumber(std::string_view text, size_t from) {
  for (size_t begin = from; begin < text.size();) {
    if (!IsDigit(text[begin])) {
      ++begin;
      continue;
    }
    size_t end = begin;
    while (end < text.size() &&
           (IsDigit(text[end]) || (text[end] == '.' && text.find('.', begin) == end &&
                                   end + 1 < text.size() && IsDigit(text[end + 1])))) {
      ++end;
    }
    const bool sign =
        begin > 0 && text[begin - 1] == '-' && (begin == 1 || !Joins(text[begin - 2]));
    const size_t first = sign ? begin - 1 : begin;
    const bool joined =
        (first > 0 && Joins(text[first - 1])) || (end < text.size() && Joins(text[end])) ||
        (begin > 1 && Continues(text, begin - 1, begin - 2)) || Continues(text, end, end + 1);
    if (!joined && (text[begin] != '0' || end == begin + 1 || text[begin + 1] == '.')) {
      return message::Span{first, end};
    }
    begin = end;
  }
  return std::nullopt;
}

}  // namespace murphy
