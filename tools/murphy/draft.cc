// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/draft.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

// One thing that the agent calls.
struct Called {
  std::string key;
  v1::TargetKind kind = v1::TARGET_KIND_UNSPECIFIED;
  std::string name;
  uint32_t calls = 0;
  uint32_t failed = 0;
  // Called as something that may change the world.
  bool may_act = false;
  // Seen to repeat itself.
  bool hinted = false;

  bool of_model() const { return kind == v1::TARGET_KIND_MODEL; }
};

// A TOML string.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  // No parameter of the file.
  for (size_t at = out.find("${"); at != std::string::npos; at = out.find("${", at + 3))
    out.insert(at, "$");
  return out + "\"";
}

// In a comment nothing may end the line.
std::string Remark(std::string_view text) { return Printable(text); }

std::string KeyOf(const std::string& name, const std::vector<Called>& taken) {
  std::string key;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
    if (plain || (!key.empty() && key.back() != '-')) key += plain ? c : '-';
  }
  while (!key.empty() && key.back() == '-') key.pop_back();
  if (key.empty()) key = "target";
  std::string unique = key.substr(0, 60);
  for (int number = 2; std::any_of(taken.begin(), taken.end(),
                                   [&](const Called& other) { return other.key == unique; });
       ++number) {
    unique = fmt::format("{}-{}", key.substr(0, 60), number);
  }
  return unique;
}

bool MayAct(const v1::Exchange& exchange) {
  const std::string& method = exchange.method();
  return exchange.kind() != v1::TARGET_KIND_MODEL && method != "GET" && method != "HEAD" &&
         method != "OPTIONS";
}

// In the order in which they were called first. Handshakes and listings are none.
std::vector<Called> CalledIn(const DraftSubject& subject) {
  std::vector<Called> all;
  for (const v1::Exchange& exchange : subject.exchanges) {
    const bool call = exchange.kind() == v1::TARGET_KIND_MODEL ||
                      exchange.kind() == v1::TARGET_KIND_TOOL ||
                      exchange.kind() == v1::TARGET_KIND_HTTP;
    if (!call || exchange.name().empty() || exchange.input().telemetry()) continue;
    auto found = std::find_if(all.begin(), all.end(), [&](const Called& known) {
      return known.kind == exchange.kind() && known.name == exchange.name();
    });
    if (found == all.end()) {
      Called fresh{.kind = exchange.kind(), .name = exchange.name()};
      fresh.key = KeyOf(exchange.name(), all);
      found = all.insert(all.end(), std::move(fresh));
    }
    ++found->calls;
    found->failed += exchange.failed() ? 1 : 0;
    found->may_act = found->may_act || MayAct(exchange);
    found->hinted = found->hinted || subject.hinted.contains(exchange.sequence());
  }
  return all;
}

std::string Head(const DraftSubject& subject) {
  std::string out = "schema  = \"murphy.scenario/v1\"\n";
  out += fmt::format("name    = {}\n", Quoted(subject.name));
  out += "# The question that this file asks.\n";
  out += "purpose = \"What does the agent do when this breaks?\"\n";
  if (!subject.run.empty())
    out += fmt::format("# Written from run {}: {}.\n", Remark(subject.run),
                       Plural(subject.exchanges.size(), "call"));
  return out + "\n";
}

std::string RunSection(const v1::Invocation& invocation) {
  std::string out =
      "# How it is run: with a command here, `murphy run FILE` needs nothing else.\n[run]\n";
  const bool known = !invocation.command().empty() && !invocation.redacted();
  std::string words;
  for (const std::string& word : invocation.command())
    words += fmt::format("{}{}", words.empty() ? "" : ", ", Quoted(word));
  out += known ? fmt::format("command = [{}]\n", words)
               : std::string("# command = [\"python\", \"agent.py\"]\n");
  out += "# runs    = 10\n";
  if (known && !invocation.check().empty()) {
    out += fmt::format("check   = {}\n", Quoted(invocation.check()));
  } else {
    out += "# check   = \"test -s result.json\"   # says whether the task was done: exit 0, 1 or 2\n";
  }
  std::string routes;
  for (const auto& [name, upstream] : invocation.routes()) {
    if (known) routes += fmt::format("{}{} = {}", routes.empty() ? "" : ", ", name, Quoted(upstream));
  }
  out += routes.empty() ? "# routes  = { payments = \"https://payments.example\" }\n"
                        : fmt::format("routes  = {{ {} }}\n", routes);
  return out + "\n";
}

std::string KindOf(const Called& called) {
  if (called.of_model()) return "model";
  return called.kind == v1::TARGET_KIND_HTTP ? "http" : "tool";
}

std::string TargetSection(const Called& called) {
  std::string out = fmt::format("# {}", Plural(called.calls, "call"));
  if (called.failed > 0) out += fmt::format(", {} failed", called.failed);
  out += fmt::format("\n[target.{}]\n", called.key);
  out += fmt::format("kind = \"{}\"\n{} = {}\n", KindOf(called),
                     called.of_model() ? "model" : "name", Quoted(called.name));
  if (called.hinted) {
    out += "# It ran more than once with the same arguments: is it a side effect? Then say so.\n"
           "# role = \"side_effect\"\n";
  } else if (called.may_act) {
    out += "# Does it change something? Then say so: doing it twice fails the experiment.\n"
           "# role = \"side_effect\"\n";
  }
  return out + "\n";
}

std::string RuleSection(const Called& called) {
  std::string out = fmt::format("[[rule]]\nid     = \"{}-fails\"\ntarget = \"{}\"\n", called.key,
                                called.key);
  out += "# The first two calls: `first`, `nth`, `every`, `probability`, `after`, `on`…\n";
  out += "when   = { first = 2 }\n";
  // Whatever is called, a status is an answer to it; a model says it in its provider's words.
  out += called.of_model() ? "provider_error = { kind = \"overloaded\" }\n"
                                          : "status = { code = 503 }\n";
  return out + "\n";
}

std::string Expectations(uint64_t calls) {
  return fmt::format(
      "# What must hold, whatever happens.\n[[expect]]\nno_silent_failure = {{}}\n[[expect]]\n"
      "terminates = {{ calls = {} }}\n"
      "# [[expect]]\n# at_most_once_effect = {{}}   # with a target whose role is \"side_effect\"\n",
      std::max<uint64_t>(20, 4 * calls));
}

// Any model and any tool.
std::vector<Called> Anything() {
  return {{.key = "model", .kind = v1::TARGET_KIND_MODEL, .name = "*"},
          {.key = "tool", .kind = v1::TARGET_KIND_TOOL, .name = "*", .may_act = true}};
}

}  // namespace

std::string ScenarioName(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain || (!name.empty() && name.back() != '-')) name += plain ? lower : '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "scenario" : name;
}

std::string DraftScenario(const DraftSubject& subject) {
  std::vector<Called> called = subject.run.empty() ? Anything() : CalledIn(subject);
  std::string out = Head(subject) + RunSection(subject.invocation);
  for (const Called& one : called) {
    if (one.calls > 0) {
      out += TargetSection(one);
    } else {
      out += fmt::format("# Any {}. Name one: `murphy new --from RUN` knows what a run has called.\n"
                         "[target.{}]\nkind = \"{}\"\n\n",
                         KindOf(one), one.key, KindOf(one));
    }
  }
  out += "# What goes wrong: `murphy explain` lists the faults. `murphy plan FILE` checks this file, and\n"
         "# `murphy plan FILE --against RUN` says where it would have struck.\n";
  // The most used model and the most used of the others: a place to begin.
  for (const bool models : {true, false}) {
    const auto most = std::max_element(
        called.begin(), called.end(), [&](const Called& a, const Called& b) {
          return std::pair(a.of_model() == models, a.calls) < std::pair(b.of_model() == models, b.calls);
        });
    if (most != called.end() && most->of_model() == models) out += RuleSection(*most);
  }
  return out + Expectations(subject.exchanges.size());
}

}  // namespace murphy::cli
