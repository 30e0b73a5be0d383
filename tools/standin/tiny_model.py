# SPDX-License-Identifier: Apache-2.0
"""The built-in behaviour: calls the tools that the user's text names, then quotes their results."""

import re

from conversation import Ask, Call, Reply, Tool

LONGEST_QUOTE = 400


def reply(ask: Ask) -> Reply:
    if ask.results:
        quotes = "; ".join(f"{name} → {text[:LONGEST_QUOTE]}" for name, text in ask.results)
        return Reply(text=f"Here is what I found — {quotes}")
    if ask.tools and ask.choice != "none":
        return Reply(calls=_choose(ask), stop="tool_calls")
    return Reply(text=f"You asked “{ask.user[:LONGEST_QUOTE]}” — here is a short, plain answer, naïve but complete.")


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.;!?])\s+|\n+", text) if part.strip()] or [""]


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Za-z]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text))]


def _choose(ask: Ask) -> list[Call]:
    """Every tool all of whose name is in one sentence, in the order of the text; else the nearest one."""
    if ask.choice not in ("auto", "required"):
        named = next((tool for tool in ask.tools if tool.name == ask.choice), ask.tools[0])
        return [_call(named, ask.user)]
    sentences = _sentences(ask.user)
    scored = []
    for order, tool in enumerate(ask.tools):
        wanted = set(_words(tool.name))
        shares = [len(wanted & set(_words(s))) / max(1, len(wanted)) for s in sentences]
        best = shares.index(max(shares))
        scored.append((shares[best], -best, -order, tool, sentences[best]))
    whole = sorted((s for s in scored if s[0] == 1.0), key=lambda s: (-s[1], -s[2]))
    chosen = whole or [max(scored, key=lambda s: s[:3])]
    return [_call(tool, sentence) for _, _, _, tool, sentence in chosen]


def _call(tool: Tool, sentence: str) -> Call:
    properties = tool.schema.get("properties") or {}
    required = tool.schema.get("required") or list(properties)
    numbers = re.findall(r"-?\d+(?:\.\d+)?", sentence)
    quoted = re.findall(r"[\"'“]([^\"'”]+)[\"'”]", sentence)
    values = {}
    for name in required:
        schema = properties.get(name)
        values[name] = _value(name, schema if isinstance(schema, dict) else {}, sentence, numbers, quoted)
    return Call(tool.name, values)


def _value(name: str, schema: dict, sentence: str, numbers: list[str], quoted: list[str]):
    if schema.get("enum"):
        return next((v for v in schema["enum"] if str(v).lower() in sentence.lower()), schema["enum"][0])
    kind = schema.get("type", "string")
    if kind in ("number", "integer"):
        text = numbers.pop(0) if numbers else "1"
        return float(text) if "." in text and kind == "number" else int(float(text))
    if kind == "boolean":
        return True
    if kind == "array":
        return [_value(name, schema.get("items") or {}, sentence, numbers, quoted)]
    if kind == "object":
        return _call(Tool(name, schema), sentence).arguments
    after = re.search(rf"\b{re.escape(name)}\b[\s:=]+([\w@.-]*\w)", sentence, re.IGNORECASE)
    if after:
        return after.group(1)
    if quoted:
        return quoted.pop(0)
    proper = re.findall(r"(?<=\s)[A-Z]\w+", sentence)
    return proper[-1] if proper else sentence.strip()
