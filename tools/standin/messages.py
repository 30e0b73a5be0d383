# SPDX-License-Identifier: Apache-2.0
"""Anthropic Messages."""

import json

from conversation import BASE58, Ask, Ids, Reply, Tool, argument_pieces, event, joined_text, pieces, tokens
from http_server import json_response

PATH = "/v1/messages"
NAME = "anthropic-messages"
STOPS = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens"}


def _blocks(message: dict) -> list[dict]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def read(body: dict) -> Ask:
    messages = body["messages"]
    spoken = [n for n, m in enumerate(messages)
              if m["role"] == "user" and any(b.get("type") == "text" for b in _blocks(m))]
    last = spoken[-1] if spoken else -1
    blocks = [b for m in messages for b in _blocks(m)]
    names = {b["id"]: b["name"] for b in blocks if b.get("type") == "tool_use"}
    later = [b for m in messages[last + 1:] for b in _blocks(m)]
    choice = body.get("tool_choice") or {"type": "auto"}
    return Ask(
        dialect=NAME, model=str(body["model"]), stream=bool(body.get("stream")),
        user=joined_text(messages[last]["content"]) if last >= 0 else "",
        tools=[Tool(t["name"], t.get("input_schema") or {}) for t in body.get("tools") or [] if "input_schema" in t],
        choice={"any": "required", "tool": choice.get("name", "auto")}.get(choice["type"], choice["type"]),
        results=[(names.get(b.get("tool_use_id"), "tool"), joined_text(b.get("content")))
                 for b in later if b.get("type") == "tool_result"],
        input_tokens=tokens([body.get("system") or "", messages, body.get("tools") or []]))


def headers(ids: Ids, remaining: int) -> dict[str, str]:
    limits = {"requests": (4000, remaining), "tokens": (480000, 479000), "input-tokens": (400000, 399000),
              "output-tokens": (80000, 80000)}
    made = {"anthropic-organization-id": "00000000-0000-4000-8000-000000000000"}
    for name, (limit, left) in limits.items():
        made[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        made[f"anthropic-ratelimit-{name}-remaining"] = str(left)
        made[f"anthropic-ratelimit-{name}-reset"] = "2026-01-01T00:00:00Z"
    return {**made, "request-id": ids.draw("req_011C", 20, BASE58), "x-robots-tag": "none"}


def _usage(reply: Reply, output: int) -> dict:
    return {"input_tokens": reply.input_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output, "service_tier": "standard"}


def _content(reply: Reply, ids: Ids) -> list[dict]:
    blocks = [{"type": "text", "text": reply.text}] if reply.text or not reply.calls else []
    return blocks + [{"type": "tool_use", "id": ids.draw("toolu_01", 22, BASE58), "name": c.name, "input": c.arguments}
                     for c in reply.calls]


def _message(ask: Ask, ids: Ids) -> dict:
    return {"model": ask.model, "id": ids.draw("msg_01", 22, BASE58), "type": "message", "role": "assistant"}


def plain(ask: Ask, reply: Reply, ids: Ids):
    return json_response({**_message(ask, ids), "content": _content(reply, ids), "stop_reason": STOPS[reply.stop],
                          "stop_sequence": None, "usage": _usage(reply, reply.output_tokens)})


def stream(ask: Ask, reply: Reply, ids: Ids):
    """Yields the answer's events."""

    def emit(kind, **data):
        return event({"type": kind, **data}, kind, ids.number(16))

    start = {**_message(ask, ids), "content": [], "stop_reason": None, "stop_sequence": None,
             "usage": _usage(reply, 1)}
    yield emit("message_start", message=start)
    for index, block in enumerate(_content(reply, ids)):
        text = block["type"] == "text"
        yield emit("content_block_start", index=index, content_block={**block, **({"text": ""} if text else {"input": {}})})
        if index == 0:
            yield b'event: ping\ndata: {"type": "ping"}\n\n'
        for delta in _deltas(block):
            yield emit("content_block_delta", index=index, delta=delta)
        yield emit("content_block_stop", index=index)
    yield emit("message_delta", delta={"stop_reason": STOPS[reply.stop], "stop_sequence": None},
               usage={"input_tokens": reply.input_tokens, "cache_creation_input_tokens": 0,
                      "cache_read_input_tokens": 0, "output_tokens": reply.output_tokens})
    yield emit("message_stop")


def _deltas(block: dict) -> list[dict]:
    if block["type"] == "text":
        return [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
    text = json.dumps(block["input"], ensure_ascii=False)
    return [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *argument_pieces(text)]]
