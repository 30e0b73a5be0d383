// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/secrets.h"

#include <regex>
#include <utility>

namespace murphy::cli {
namespace {

constexpr auto kSyntax = std::regex::ECMAScript | std::regex::icase | std::regex::optimize;

// `--api-key`, without a value of its own.
bool IsSecretFlag(const std::string& word) {
  static const std::regex flag(
      "--?[a-z0-9_.-]*(key|token|secret|passw(or)?d|passphrase|pwd|credentials?|signature|auth)",
      kSyntax);
  return std::regex_match(word, flag);
}

std::string Shown(std::string word) {
  static const std::pair<std::regex, const char*> secrets[] = {
      {std::regex(R"(((?:authorization|cookie)["']?\s*[:=]\s*)[\s\S]+)", kSyntax), "$1[redacted]"},
      {std::regex(R"((\b(?:bearer|basic)\s+)[^\s"']+)", kSyntax), "$1[redacted]"},
      {std::regex(R"(((?:key|token|secret|passw(?:or)?d|passphrase|pwd|credentials?|signature|auth|)"
                  R"(sess(?:ion)?_?id)["']?\s*[:=]\s*["']?)[^\s"'&;,}]+)",
                  kSyntax),
       "$1[redacted]"},
      // A flag of a command that is one word here.
      {std::regex(R"((--?[a-z0-9_.-]*(?:key|token|secret|passw(?:or)?d|passphrase|pwd|credentials?|)"
                  R"(signature|auth)\s+["']?)(?!-)[^\s"']+)",
                  kSyntax),
       "$1[redacted]"},
      {std::regex(R"((://)[^/\s"'?#]+@)", kSyntax), "$1[redacted]@"},
      {std::regex(R"(\b(?:(?:sk|pk|rk)-[a-z0-9_-]{8,}|AIza[0-9a-z_-]{20,}|gh[pousr]_[0-9a-z]{20,}|)"
                  R"(xox[abprs]-[0-9a-z-]{10,}|AKIA[0-9A-Z]{16}|gsk_[0-9a-z]{20,}|)"
                  R"(eyJ[0-9a-z_-]{8,}\.[0-9a-z_-]{8,}\.[0-9a-z_-]*))",
                  kSyntax),
       "[redacted]"},
  };
  for (const auto& [secret, shown] : secrets) word = std::regex_replace(word, secret, shown);
  return word;
}

}  // namespace

std::vector<std::string> WithoutSecrets(std::vector<std::string> words) {
  bool value = false;
  for (std::string& word : words) {
    const bool flag = word.starts_with('-');
    const bool secret = value && !flag;
    value = IsSecretFlag(word);
    word = secret ? "[redacted]" : Shown(std::move(word));
  }
  return words;
}

}  // namespace murphy::cli
