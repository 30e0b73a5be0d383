// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/redact.h"

#include <re2/re2.h>

#include <string>
#include <string_view>

#include "daemon/journal/journal.h"

namespace murphy::journal {
namespace {

struct Pattern {
  RE2 expression;
  const char* replacement;
};

RE2::Options Insensitive() {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  return options;
}

// A part of every secret that the patterns below find. One pass without captures, so that the texts
// of most records, which hold none, are looked at once and not six times.
bool MayHoldSecret(std::string_view text) {
  static const RE2 marks(
      R"(authorization|bearer\s|basic\s|(?:key|token|secret|password|passwd|pwd|signature|sig|credential)["']?\s*[=:])"
      R"(|[spr]k-|AIza|gh[pousr]_|xox[abprs]-|AKIA|gsk_|eyJ|://)",
      Insensitive());
  return RE2::PartialMatch(text, marks);
}

// What keys look like, by where they stand and by how their issuers begin them.
const Pattern* Patterns(size_t* count) {
  static const Pattern patterns[] = {
      {RE2(R"((\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:\w+\s+)?)[^\s"',;&]+)",
           Insensitive()),
       R"(\1[redacted])"},
      {RE2(R"(\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,})", Insensitive()), R"(\1 [redacted])"},
      {RE2(R"((\b(?:[a-z0-9_.-]*[_.-])?(?:api_?-?key|key|token|secret|password|passwd|pwd|signature|sig|credential))"
           R"(["']?\s*[=:]\s*["']?)[^\s"'&;,}\]]+)",
           Insensitive()),
       R"(\1[redacted])"},
      {RE2(R"(\b(?:sk|pk|rk)-[a-z0-9_-]{8,})", Insensitive()), "[redacted]"},
      {RE2(R"(\b(?:AIza[0-9A-Za-z_-]{20,}|gh[pousr]_[0-9A-Za-z]{20,}|xox[abprs]-[0-9A-Za-z-]{10,}|AKIA[0-9A-Z]{16}|gsk_[0-9A-Za-z]{20,}|eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*))"),
       "[redacted]"},
      {RE2(R"((://[^/\s:@]*:)[^/\s@]+@)"), R"(\1[redacted]@)"},
  };
  *count = std::size(patterns);
  return patterns;
}

void RedactField(std::string* text) {
  if (MayHoldSecret(*text)) *text = Redact(*text);
}

}  // namespace

std::string Redact(std::string_view text) {
  std::string result(text);
  if (!MayHoldSecret(text)) return result;
  size_t count = 0;
  const Pattern* patterns = Patterns(&count);
  for (size_t i = 0; i < count; ++i) {
    RE2::GlobalReplace(&result, patterns[i].expression, patterns[i].replacement);
  }
  return result;
}

void RedactEvent(v1::Event& event) {
  if (event.has_exchange()) {
    RedactField(event.mutable_exchange()->mutable_path());
    RedactField(event.mutable_exchange()->mutable_failure());
  } else if (event.has_injection()) {
    RedactField(event.mutable_injection()->mutable_parameters());
    RedactField(event.mutable_injection()->mutable_detail());
  } else if (event.has_run()) {
    RedactField(event.mutable_run()->mutable_disarm_reason());
    if (!event.run().has_outcome()) return;
    v1::Outcome& outcome = *event.mutable_run()->mutable_outcome();
    RedactField(outcome.mutable_reason());
    RedactField(outcome.mutable_integrity());
    if (outcome.has_report()) RedactField(outcome.mutable_report()->mutable_note());
    for (v1::ExpectResult& expect : *outcome.mutable_expects())
      RedactField(expect.mutable_evidence());
  }
}

}  // namespace murphy::journal
