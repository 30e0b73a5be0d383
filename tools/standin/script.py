# SPDX-License-Identifier: Apache-2.0
"""Scripts: a list of rules, the first that matches answers; what none matches, the tiny model answers."""

import json
import tomllib
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import tiny_model
from conversation import Ask, Call, Reply, tokens

MATCH_KEYS = {"dialect", "model", "contains", "result_contains", "tool_result", "nth"}
ANSWER_KEYS = {"text", "tool_calls", "stop", "usage", "error"}
DIALECTS = {"openai-chat", "openai-responses", "anthropic-messages"}
STOPS = {"stop", "tool_calls", "length"}


class ScriptError(Exception):
    """The script cannot be used; the message says why."""


def load(path: Path) -> list[dict]:
    try:
        text = path.read_text()
        value = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path}: {error}") from None
    rules = value.get("rule", []) if isinstance(value, dict) else value
    for number, rule in enumerate(rules, 1):
        _check(rule, f"{path}: rule {number}")
    return rules


def _check(rule: dict, where: str) -> None:
    unknown = set(rule) - MATCH_KEYS - ANSWER_KEYS
    if unknown:
        accepted = ", ".join(sorted(MATCH_KEYS | ANSWER_KEYS))
        raise ScriptError(f"{where}: unknown key '{sorted(unknown)[0]}'; accepted are {accepted}")
    if not set(rule) & ANSWER_KEYS:
        raise ScriptError(f"{where}: needs one of {', '.join(sorted(ANSWER_KEYS))}")
    if rule.get("dialect", "openai-chat") not in DIALECTS:
        raise ScriptError(f"{where}: dialect is one of {', '.join(sorted(DIALECTS))}")
    if rule.get("stop", "stop") not in STOPS:
        raise ScriptError(f"{where}: stop is one of {', '.join(sorted(STOPS))}")
    if any(not isinstance(call, dict) or "name" not in call for call in rule.get("tool_calls", [])):
        raise ScriptError(f"{where}: each of tool_calls is {{ name = \"…\", arguments = {{ … }} }}")


class Script:
    """Rules with their counters: `nth` counts the requests that the rule's other keys match."""

    def __init__(self, rules: list[dict]):
        self._rules = rules
        self._matched: Counter = Counter()

    def reply(self, ask: Ask) -> Reply:
        made = None
        for index, rule in enumerate(self._rules):
            if not _matches(rule, ask):
                continue
            self._matched[index] += 1
            if made is None and rule.get("nth", self._matched[index]) == self._matched[index]:
                made = _scripted(rule, ask)
        made = made or tiny_model.reply(ask)
        made.input_tokens = made.input_tokens or ask.input_tokens
        made.output_tokens = made.output_tokens or tokens(made.text + "".join(str(c.arguments) for c in made.calls))
        return made


def _matches(rule: dict, ask: Ask) -> bool:
    return (rule.get("dialect", ask.dialect) == ask.dialect
            and fnmatchcase(ask.model, rule.get("model", "*"))
            and rule.get("contains", "").lower() in ask.user.lower()
            and rule.get("result_contains", "") in " ".join(text for _, text in ask.results)
            and rule.get("tool_result", bool(ask.results)) == bool(ask.results))


def _scripted(rule: dict, ask: Ask) -> Reply:
    calls = [Call(call["name"], call.get("arguments", {})) for call in rule.get("tool_calls", [])]
    results = "; ".join(text for _, text in ask.results)
    text = rule.get("text", "").replace("{user}", ask.user).replace("{results}", results)
    usage = rule.get("usage", {})
    return Reply(text=text, calls=calls, stop=rule.get("stop", "tool_calls" if calls else "stop"),
                 input_tokens=usage.get("input", 0), output_tokens=usage.get("output", 0), error=rule.get("error"))
