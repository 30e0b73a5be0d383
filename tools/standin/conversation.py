# SPDX-License-Identifier: Apache-2.0
"""What the three dialects have in common: what a request asks, and what is answered."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
HEX = "0123456789abcdef"
# Stands for the clock: every answer was made at this second.
CREATED = 1767225600


@dataclass
class Tool:
    name: str
    schema: dict


@dataclass
class Ask:
    dialect: str
    model: str
    stream: bool
    user: str
    tools: list[Tool]
    # Tool to be called: a name, "auto", "none" or "required".
    choice: str
    # Results that follow the last user text: (tool name, text).
    results: list[tuple[str, str]]
    input_tokens: int
    include_usage: bool = False
    obfuscate: bool = True


@dataclass
class Call:
    name: str
    arguments: dict


@dataclass
class Reply:
    text: str = ""
    calls: list[Call] = field(default_factory=list)
    # "stop", "tool_calls" or "length".
    stop: str = "stop"
    input_tokens: int = 0
    output_tokens: int = 0
    # Script error: {"kind", "status", "message", "headers"}; nothing else counts then.
    error: dict | None = None


class Ids:
    """Ids of one answer, drawn from the request's bytes and how often they have been seen."""

    seen: Counter = Counter()

    def __init__(self, body: bytes):
        digest = hashlib.sha256(body).hexdigest()
        Ids.seen[digest] += 1
        self._key = f"{digest}:{Ids.seen[digest]}"
        self._drawn = 0

    def draw(self, prefix: str, length: int, alphabet: str = ALPHANUMERIC) -> str:
        self._drawn += 1
        number = int.from_bytes(hashlib.sha512(f"{self._key}:{self._drawn}".encode()).digest(), "big")
        letters = []
        for _ in range(length):
            number, index = divmod(number, len(alphabet))
            letters.append(alphabet[index])
        return prefix + "".join(letters)

    def number(self, below: int) -> int:
        return int(self.draw("", 8, HEX), 16) % below


def tokens(value) -> int:
    """An estimate: four characters to a token."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return max(1, len(text) // 4)


def pieces(text: str) -> list[str]:
    """Text as a model streams it: a word at a time."""
    return re.findall(r"\s*\S+|\s+$", text)


def argument_pieces(text: str) -> list[str]:
    return [text[start:start + 8] for start in range(0, len(text), 8)]


def joined_text(content) -> str:
    """Text of a message's content: a string, or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return " ".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def event(data: dict, name: str | None = None, pad: int = 0) -> bytes:
    """One server-sent event; `pad` spaces before the last brace, as Anthropic sends them."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    text = text[:-1] + " " * pad + text[-1]
    return ((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode()
