// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {
namespace {

struct Word {
  std::string text;
  std::string description;
};

// What may follow one command.
struct Level {
  // Names from the program down, as `/run/list`; empty for the program.
  std::string path;
  std::vector<Word> commands;
  std::vector<Word> options;
  // Its positional argument is the name of a fault.
  bool fault = false;
};

void Collect(const CLI::App& app, const std::string& path, std::vector<Level>& levels) {
  Level level{path, {}, {}, false};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      level.options.push_back({"--" + name, option->get_description()});
    }
    if (option->get_positional()) level.fault = level.fault || option->get_single_name() == "fault";
  }
  const std::vector<const CLI::App*> inner =
      app.get_subcommands(std::function<bool(const CLI::App*)>());
  for (const CLI::App* command : inner)
    level.commands.push_back({command->get_name(), command->get_description()});
  levels.push_back(std::move(level));
  for (const CLI::App* command : inner) Collect(*command, path + "/" + command->get_name(), levels);
}

// `"/run"|"/run/list"`: every command, as a pattern of `case`.
std::string Paths(const std::vector<Level>& levels) {
  std::vector<std::string> paths;
  for (const Level& level : levels) {
    if (!level.path.empty()) paths.push_back(fmt::format("\"{}\"", level.path));
  }
  return fmt::format("{}", fmt::join(paths, "|"));
}

std::string Texts(const Level& level) {
  std::string texts;
  for (const Word& word : level.commands) texts += word.text + " ";
  for (const Word& word : level.options) texts += word.text + " ";
  if (!texts.empty()) texts.pop_back();
  return texts;
}

std::string Bash(const std::vector<Level>& levels) {
  std::string cases;
  for (const Level& level : levels) {
    cases += fmt::format("    \"{}\") words=\"{}{}\" ;;\n", level.path, Texts(level),
                         level.fault ? " $faults" : "");
  }
  return fmt::format(R"(_murphy() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} path="" words="" i
  local faults="{}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${{COMP_WORDS[i]}} == -- ]]; then
      declare -F _command_offset >/dev/null && _command_offset $((i + 1))
      return
    fi
    case "$path/${{COMP_WORDS[i]}}" in
      {}) path="$path/${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$path" in
{}  esac
  [[ $previous == --fault ]] && words=$faults
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -o default -F _murphy murphy
)",
                     fmt::join(FaultNames(), " "), Paths(levels), cases);
}

// A description inside single quotes, without the colon that separates it.
std::string Quoted(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '\'' ? "’" : c == ':' ? std::string(" –") : std::string(1, c);
  return out;
}

std::string Zsh(const std::vector<Level>& levels) {
  std::string cases;
  for (const Level& level : levels) {
    cases += fmt::format("    (\"{}\") entries=(", level.path);
    for (const auto* words : {&level.commands, &level.options}) {
      for (const Word& word : *words)
        cases += fmt::format("'{}:{}' ", word.text, Quoted(word.description));
    }
    cases += fmt::format("{}) ;;\n", level.fault ? "$faults" : "");
  }
  return fmt::format(R"(#compdef murphy
_murphy() {{
  local place="" i
  local -a entries faults
  faults=({})
  for ((i = 2; i < CURRENT; i++)); do
    if [[ $words[i] == -- ]]; then
      shift $i words
      (( CURRENT -= i ))
      _normal
      return
    fi
    case "$place/$words[i]" in
      ({}) place="$place/$words[i]" ;;
    esac
  done
  case "$place" in
{}  esac
  [[ $words[CURRENT-1] == --fault ]] && entries=($faults)
  _describe murphy entries
  _files
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _murphy "$@"; else compdef _murphy murphy; fi
)",
                     fmt::join(FaultNames(), " "), Paths(levels), cases);
}

// True at `level` and not in a command inside it.
std::string FishCondition(const Level& level) {
  std::string inner;
  for (const Word& word : level.commands) inner += " " + word.text;
  const std::string outside = inner.empty() ? "" : "not __fish_seen_subcommand_from" + inner;
  if (level.path.empty()) return outside;
  std::string inside;
  size_t begin = 1;
  while (begin <= level.path.size()) {
    const size_t end = std::min(level.path.find('/', begin), level.path.size());
    if (!inside.empty()) inside += "; and ";
    inside += "__fish_seen_subcommand_from " + level.path.substr(begin, end - begin);
    begin = end + 1;
  }
  return outside.empty() ? inside : inside + "; and " + outside;
}

std::string Fish(const std::vector<Level>& levels) {
  std::string out = "complete -c murphy -e\n";
  for (const Level& level : levels) {
    const std::string condition = FishCondition(level);
    for (const Word& word : level.commands) {
      out += fmt::format("complete -c murphy -n '{}' -f -a '{}' -d '{}'\n", condition, word.text,
                         Quoted(word.description));
    }
    for (const Word& word : level.options) {
      const bool fault = word.text == "--fault";
      out += fmt::format("complete -c murphy -n '{}' -l {} -d '{}'{}\n", condition,
                         word.text.substr(2), Quoted(word.description),
                         fault ? fmt::format(" -x -a '{}'", fmt::join(FaultNames(), " ")) : "");
    }
    if (level.fault) {
      out += fmt::format("complete -c murphy -n '{}' -f -a '{}'\n", condition,
                         fmt::join(FaultNames(), " "));
    }
  }
  return out;
}

int Completion(const Console& console, const CLI::App& app, const std::string& shell) {
  std::vector<Level> levels;
  Collect(app, "", levels);
  console.out << (shell == "bash" ? Bash(levels) : shell == "zsh" ? Zsh(levels) : Fish(levels));
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

void AddCompletion(CLI::App& app, Commands& commands) {
  CLI::App* completion = app.add_subcommand("completion", "Print a completion script for a shell");
  completion->footer(
      "bash: source <(murphy completion bash)    zsh: source <(murphy completion zsh)\n"
      "fish: murphy completion fish | source");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("shell", *shell, "bash, zsh or fish")
      ->option_text("SHELL")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  commands.Add(completion,
               [&app, shell](const Console& console) { return Completion(console, app, *shell); });
}

}  // namespace murphy::cli
