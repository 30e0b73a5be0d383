// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/probe_question.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "fmt/format.h"
#include "tools/murphy/duration.h"

namespace murphy::cli {
namespace {

constexpr size_t kShortestSecret = 6;
constexpr std::string_view kRedacted = "[redacted]";

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// By its name, a variable or header that holds a secret.
bool SoundsSecret(std::string_view name) {
  const std::string lower = Lower(name);
  for (const std::string_view mark :
       {"key", "token", "secret", "passw", "passphrase", "pwd", "credential", "auth", "cookie"}) {
    if (lower.find(mark) != std::string::npos) return true;
  }
  return false;
}

bool IsNamePart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// A text with `$NAME` in the place of variables; `$$` is one dollar.
std::string Expand(std::string_view text, const Environment& environment, Question& question) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      out += text[i++];
      continue;
    }
    size_t end = ++i;
    const bool named = end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) == 0;
    while (named && end < text.size() && IsNamePart(text[end])) ++end;
    const std::string_view name = text.substr(i, end - i);
    if (name.empty()) {
      out += '$';
      if (i < text.size() && text[i] == '$') ++i;
      continue;
    }
    const auto variable = environment.find(name);
    if (variable == environment.end() && question.mistake.empty())
      question.mistake = fmt::format("there is no variable {} in the environment", name);
    if (variable != environment.end()) out += variable->second;
    i = end;
  }
  return out;
}

void Hide(std::string_view secret, Question& question) {
  if (secret.size() >= kShortestSecret) question.secrets.emplace_back(secret);
}

// `user:password@` of a URL; empty for none.
std::string_view UserinfoOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view authority = url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3);
  const size_t at = authority.rfind('@');
  return at == std::string_view::npos ? std::string_view() : authority.substr(0, at);
}

std::string_view PasswordOf(std::string_view url) {
  const std::string_view userinfo = UserinfoOf(url);
  const size_t colon = userinfo.find(':');
  return colon == std::string_view::npos ? std::string_view() : userinfo.substr(colon + 1);
}

// A line of curl's configuration.
std::string Setting(std::string_view name, std::string_view value) {
  std::string line = fmt::format("{} = \"", name);
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\r') {
      line += "\\r";
    } else {
      line += c;
    }
  }
  return line + "\"\n";
}

Milliseconds TimeoutOf(const v1::Probe& probe) {
  return probe.has_timeout() ? FromProto(probe.timeout()) : Milliseconds(10'000);
}

// curl reads its settings, the status follows the body on a line of its own.
void Fetch(const std::string& settings, Question& question) {
  question.command = {"curl", "-q", "--config", "-"};
  question.input = "silent\nshow-error\ngloboff\nproto = \"=http,https\"\nwrite-out = \"\\n%{http_code}\"\n" +
                   settings;
}

void AskHttp(const v1::HttpProbe& http, Question& question) {
  const std::string url = Expand(http.url(), question.environment, question);
  Hide(PasswordOf(url), question);
  std::string settings = Setting("url", url);
  if (http.has_method()) settings += Setting("request", http.method());
  for (const auto& [name, value] : http.headers()) {
    const std::string expanded = Expand(value, question.environment, question);
    if (SoundsSecret(name)) {
      Hide(expanded, question);
      // The scheme is no secret, and what follows it may be told without.
      Hide(expanded.substr(expanded.find(' ') + 1), question);
    }
    settings += Setting("header", fmt::format("{}: {}", name, expanded));
  }
  if (http.has_body())
    settings += Setting("data-raw", Expand(http.body(), question.environment, question));
  Fetch(settings, question);
}

void AskPrometheus(const v1::PrometheusProbe& prometheus, Question& question) {
  std::string url = Expand(prometheus.url(), question.environment, question);
  Hide(PasswordOf(url), question);
  while (url.ends_with('/')) url.pop_back();
  Fetch(Setting("url", url + "/api/v1/query") + "get\n" +
            Setting("data-urlencode",
                    "query=" + Expand(prometheus.query(), question.environment, question)),
        question);
}

// The clients as nobody has configured them; what only looks cannot change anything.
void AskSql(const v1::Probe& probe, Question& question) {
  std::string database = Expand(probe.sql().database(), question.environment, question);
  // Behind a space it cannot be taken for an option.
  const std::string query = " " + Expand(probe.sql().query(), question.environment, question);
  constexpr std::string_view kSqlite = "sqlite:";
  if (database.starts_with(kSqlite)) {
    std::string path = database.substr(kSqlite.size());
    if (path.starts_with("//")) path.erase(0, 2);
    if (path.starts_with('-')) path.insert(0, "./");
    question.command = {"sqlite3", "-readonly", "-batch",         "-noheader", "-init",
                        "/dev/null", "-cmd",    ".timeout 5000", path,        query};
    return;
  }
  if (!database.starts_with("postgresql://") && !database.starts_with("postgres://")) {
    if (question.mistake.empty())
      question.mistake = "its database is neither sqlite:PATH nor postgresql://…";
    return;
  }
  const std::string password(PasswordOf(database));
  if (!password.empty()) {
    Hide(password, question);
    const size_t at = database.find(":" + password + "@");
    database.erase(at, password.size() + 1);
    question.environment["PGPASSWORD"] = password;
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(TimeoutOf(probe)).count();
  question.environment["PGCONNECT_TIMEOUT"] = std::to_string(std::max<int64_t>(2, seconds));
  question.environment["PGOPTIONS"] =
      fmt::format("{} -c default_transaction_read_only=on", Get(question.environment, "PGOPTIONS"));
  question.command = {"psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1",
                      "-d",   database, "-c", query};
}

}  // namespace

Question QuestionOf(const v1::Probe& probe, const Environment& environment) {
  Question question;
  question.environment = environment;
  for (const auto& [name, value] : environment) {
    if (SoundsSecret(name)) Hide(value, question);
  }
  switch (probe.question_case()) {
    case v1::Probe::kCommand:
      question.command = {"/bin/sh", "-c", probe.command()};
      break;
    case v1::Probe::kHttp:
      AskHttp(probe.http(), question);
      break;
    case v1::Probe::kSql:
      AskSql(probe, question);
      break;
    case v1::Probe::kPrometheus:
      AskPrometheus(probe.prometheus(), question);
      break;
    case v1::Probe::QUESTION_NOT_SET:
      question.mistake = "it asks nothing";
  }
  // A scenario comes back from the daemon without its secrets.
  if (probe.SerializeAsString().find(kRedacted) != std::string::npos)
    question.mistake = "its text holds a secret, which is not kept: write $NAME for a variable";
  // Longer ones first: one may be part of another.
  std::sort(question.secrets.begin(), question.secrets.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return question;
}

std::string Redacted(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    for (size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kRedacted.size())) {
      text.replace(at, secret.size(), kRedacted);
    }
  }
  return text;
}

}  // namespace murphy::cli
