// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/redact.h"

#include <re2/re2.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/journal/journal.h"
#include "faults/token.h"

namespace murphy::journal {
namespace {

constexpr std::string_view kRedacted = "[redacted]";

RE2::Options Insensitive() {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  return options;
}

// A part of every secret that the patterns below find. One pass without captures, so that the texts
// of most records, which hold none, are looked at once and not many times.
bool MayHoldSecret(std::string_view text) {
  // None is shorter than `pwd=x`.
  if (text.size() < 5) return false;
  static const RE2 marks(
      R"(authorization|bearer\s|basic\s|cookie)"
      R"(|(?:key|token|secret|passw(?:or)?d|passphrase|pwd|signature|sig|credentials?|sess(?:ion)?_?id)\\*["']?\s*[=:])"
      R"(|[spr]k-|AIza|gh[pousr]_|xox[abprs]-|AKIA|gsk_|eyJ|://)",
      Insensitive());
  return RE2::PartialMatch(text, marks);
}

// What keys look like, by where they stand and by how their issuers begin them: what is kept of it,
// and then the secret.
const std::vector<RE2*>& Patterns() {
  static const auto* const patterns = new std::vector<RE2*>{
      new RE2(R"((\b(?:proxy-)?authorization\\*["']?\s*[:=]\s*\\*["']?(?:\w+\s+)?)([^\s"',;&\\]+))",
              Insensitive()),
      new RE2(R"((\b(?:bearer|basic)\s+)([a-z0-9._~+/-]{6,}=*))", Insensitive()),
      new RE2(R"((\b(?:set-)?cookie\\*["']?\s*[:=]\s*\\*["']?)([^"'\\\n]+))", Insensitive()),
      new RE2(R"((\b(?:[a-z0-9_.-]*[_.-])?(?:key|pwd|signature|sig|credentials?))"
              R"(\\*["']?\s*[=:]\s*\\*["']?)([^\s"'&;,}\]\\]+))",
              Insensitive()),
      new RE2(R"((\b[a-z0-9_.-]*(?:api_?-?key|token|secret|passw(?:or)?d|passphrase|sess(?:ion)?_?id))"
              R"(\\*["']?\s*[=:]\s*\\*["']?)([^\s"'&;,}\]\\/?]+))",
              Insensitive()),
      new RE2(R"((\b)((?:sk|pk|rk)-[a-z0-9_-]{8,}))", Insensitive()),
      new RE2(R"((\b)(AIza[0-9A-Za-z_-]{20,}|gh[pousr]_[0-9A-Za-z]{20,}|xox[abprs]-[0-9A-Za-z-]{10,}|)"
              R"(AKIA[0-9A-Z]{16}|gsk_[0-9A-Za-z]{20,}|eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*))"),
      // User names are tokens, too; a password may hold what a URL may not.
      new RE2(R"((://)([^/\s"'?#]+)@)"),
      new RE2(R"((://)([^\s"'/@:]*:[^\s"'@/]*[^\s"'@/0-9][^\s"'@]*)@)"),
  };
  return *patterns;
}

// A place in a list, which errors speak of.
bool IsNoSecret(std::string_view kept) { return kept.starts_with("page_token"); }

// Whether `$NAME` is a name in a text, and no secret.
enum class Dollars { kAsTheyAre, kVariables };

// What stands for a secret that is elsewhere, perhaps behind the name of its user.
bool IsReference(std::string_view found) {
  static const RE2 reference(R"((?:[\w.-]{1,32}[: ])?\$(?:[A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*\}|\(.*))");
  return RE2::FullMatch(re2::StringPiece(found.data(), found.size()), reference);
}

// What is redacted already stays as it is.
std::string Replaced(const std::string& text, const RE2& pattern, Dollars dollars) {
  std::string result;
  re2::StringPiece rest(text);
  re2::StringPiece kept, secret;
  while (RE2::PartialMatch(rest, pattern, &kept, &secret)) {
    const size_t begin = static_cast<size_t>(secret.data() - rest.data());
    result.append(rest.data(), begin);
    const std::string_view found(secret.data(), secret.size());
    const bool stays = found.starts_with("[redacted") || IsNoSecret({kept.data(), kept.size()}) ||
                       (dollars == Dollars::kVariables && IsReference(found));
    result += stays ? found : kRedacted;
    rest.remove_prefix(begin + secret.size());
  }
  return result.append(rest.data(), rest.size());
}

std::optional<std::string> RedactedWith(std::string_view text, Dollars dollars) {
  if (!MayHoldSecret(text)) return std::nullopt;
  std::string result(text);
  for (const RE2* pattern : Patterns()) result = Replaced(result, *pattern, dollars);
  if (result == text) return std::nullopt;
  return result;
}

}  // namespace

std::optional<std::string> Redacted(std::string_view text) {
  return RedactedWith(text, Dollars::kAsTheyAre);
}

std::optional<std::string> RedactedQuestion(std::string_view text) {
  return RedactedWith(text, Dollars::kVariables);
}

bool IsVariable(std::string_view text) { return IsReference(text); }

std::string Redact(std::string_view text) {
  return Redacted(text).value_or(std::string(text));
}

std::optional<std::string> RedactedPath(std::string_view path) {
  if (!HoldsToken(path)) return Redacted(path);
  std::string result;
  std::string_view rest = path.substr(0, path.find('?'));
  const std::string_view query = path.substr(rest.size());
  while (!rest.empty()) {
    const std::string_view segment = rest.substr(0, rest.find('/', 1));
    const size_t slash = segment.starts_with('/') ? 1 : 0;
    result += segment.substr(0, slash);
    result += HoldsToken(segment) ? kRedacted : segment.substr(slash);
    rest.remove_prefix(segment.size());
  }
  return Redact(result.append(query));
}

bool NamesSecret(std::string_view name) {
  static const RE2 secret(
      R"((?:^|[_.-])(?:key|pwd|signature|sig|authorization|cookie)$)"
      R"(|(?:api_?-?key|token|secret|passw(?:or)?d|passphrase|credentials?|sess(?:ion)?[_-]?id)$)",
      Insensitive());
  return RE2::PartialMatch(name, secret);
}

}  // namespace murphy::journal
