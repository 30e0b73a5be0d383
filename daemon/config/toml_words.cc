// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/toml_words.h"

#include <string_view>

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

// `cannot redefine existing integer 'a'`
std::string Twice(std::string_view rest) {
  const size_t open = rest.find('\''), close = rest.rfind('\'');
  if (open == std::string_view::npos || close <= open) return "a key is given twice";
  return fmt::format("`{}` is given twice: keep one of them",
                     rest.substr(open + 1, close - open - 1));
}

// `Error while parsing date: …`: the part in front of the colon, which is cut off.
std::string TakeSubject(std::string_view& text) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  const size_t colon = text.find(": ");
  if (!text.starts_with(kPrefix) || colon == std::string_view::npos) return {};
  const std::string subject(text.substr(kPrefix.size(), colon - kPrefix.size()));
  text.remove_prefix(colon + 2);
  if (subject == "root table") return "a line";
  const bool vowel = std::string_view("aeiou").find(subject.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a",
                     subject == "key-value pair" ? "pair of key and value" : subject);
}

}  // namespace

std::string TomlWords(std::string_view description) {
  if (description.find("utf-8") != std::string_view::npos) return "this is not UTF-8 text";
  std::string_view rest = description;
  const std::string subject = TakeSubject(rest);
  if (subject.empty()) return fmt::format("this is not TOML: {}", rest);
  if (rest.starts_with("cannot redefine")) return Twice(rest);
  if (rest == "could not determine value type")
    return "cannot tell what kind of value this is: text needs quotes";
  if (rest == "encountered end-of-file")
    return fmt::format("the text ends in the middle of {}", subject);
  const std::string said = absl::StrReplaceAll(
      absl::string_view(rest.data(), rest.size()),
      {{", saw '", ", not '"}, {", saw ", ", not "}, {" (inclusive)", ""}, {"prohibited", "not allowed"},
       {"zeroes", "zeros"}, {"encountered ", "there is "}});
  return fmt::format("this is not TOML, in {}: {}", subject, said);
}

}  // namespace murphy::config
