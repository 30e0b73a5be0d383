# SPDX-License-Identifier: Apache-2.0
"""The conversation in a form that both providers' messages can be made from: a fallback takes over in the middle."""

import json
from dataclasses import dataclass, field


@dataclass
class Call:
    id: str
    name: str
    arguments: dict


@dataclass
class Turn:
    """What a model said."""

    text: str
    calls: list[Call] = field(default_factory=list)


@dataclass
class Results:
    """What its tools answered: (id of the call, text)."""

    texts: list[tuple[str, str]]


Transcript = list[str | Turn | Results]


def for_openai(transcript: Transcript) -> list[dict]:
    messages = []
    for entry in transcript:
        match entry:
            case str():
                messages.append({"role": "user", "content": entry})
            case Turn():
                calls = [{"id": c.id, "type": "function",
                          "function": {"name": c.name, "arguments": json.dumps(c.arguments)}} for c in entry.calls]
                messages.append({"role": "assistant", "content": entry.text or None, "tool_calls": calls})
            case Results():
                messages += [{"role": "tool", "tool_call_id": id, "content": text} for id, text in entry.texts]
    return messages


def for_anthropic(transcript: Transcript) -> list[dict]:
    messages = []
    for entry in transcript:
        match entry:
            case str():
                messages.append({"role": "user", "content": entry})
            case Turn():
                text = [{"type": "text", "text": entry.text}] if entry.text else []
                calls = [{"type": "tool_use", "id": c.id, "name": c.name, "input": c.arguments} for c in entry.calls]
                messages.append({"role": "assistant", "content": text + calls})
            case Results():
                blocks = [{"type": "tool_result", "tool_use_id": id, "content": text} for id, text in entry.texts]
                messages.append({"role": "user", "content": blocks})
    return messages
