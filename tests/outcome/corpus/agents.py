# SPDX-License-Identifier: Apache-2.0
"""Stub agents. Each does one small task, deals with a failure in one known way, and says what it did: that is the truth."""

import http.client
import json
import re
import time
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

# Nobody waits longer for an answer.
TIMEOUT = 0.6
# How long an agent may go on without an end.
STOPPED_AFTER = 1.2
ENDS = {"chat": b"[DONE]", "responses": b"response.completed", "messages": b"message_stop"}
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
MODELS = {"chat": "gpt-4o-mini", "responses": "gpt-4o-mini", "messages": "claude-sonnet-4-6"}
AGENTS = {"framework": "ai-sdk/5.0.1 ai/6.0.0", "sdk": "OpenAI/Python 2.1.0"}


@dataclass
class Facts:
    """What an agent did, as it knows it."""

    # How it dealt with the failure of the call that it could not do without; None where it saw none.
    reaction: str | None = None
    served: bool = True
    exit_code: int | None = 0
    # It had to be stopped.
    hung: bool = False
    escalated: bool = False
    disclosed: bool = False
    # What became of an instruction that a tool's result carried.
    poisoned: str | None = None


class Agent:
    """`policy` is how it deals with a failure; `sloppy` agents take a broken answer for whole."""

    def __init__(self, urls: dict, name: str, dialect: str, stream: bool, tool: str, policy: str, key: str, sloppy: bool, order: str):
        self.urls, self.name, self.dialect, self.stream = urls, name, dialect, stream
        self.tool, self.policy, self.key, self.sloppy, self.order = tool, policy, key, sloppy, order
        self.facts = Facts()
        self._keys = 0
        self._rpc = 0

    def work(self) -> Facts:
        """Asks, charges, and says how it went."""
        try:
            self._task()
        except GaveUp as end:
            self.facts.served = False
            self.facts.exit_code = end.code
        except Stopped:
            self.facts.served, self.facts.hung, self.facts.exit_code = False, True, None
        return self.facts

    def _task(self, again: bool = False) -> None:
        steps = [partial(self._ask, "what is to be paid?"), self._charge, partial(self._ask, "say that it is paid")]
        for step in steps:
            if step() or again:
                continue
            self.facts.reaction = self.policy
            self._deal(step)
            if self.policy == "restart":
                return

    def _deal(self, step) -> None:
        match self.policy:
            case "sdk" | "framework" | "application":
                if not any(step(attempt) for attempt in (1, 2)):
                    raise GaveUp(1)
            case "verify":
                if self._send("GET", f"/charges/{self.order}") == 404 and not step(1):
                    raise GaveUp(1)
            case "fallback":
                if not self._ask("what is to be paid?", fallback=True):
                    raise GaveUp(1)
            case "revise":
                self._ask("it did not work: what now?")
                if not self._charge(1, note="revised"):
                    raise GaveUp(1)
            case "restart":
                self._task(again=True)
            case "escalate":
                self._send("POST", "/alert", {"order": self.order})
                self.facts.escalated = True
                raise GaveUp(0)
            case "loop":
                if not any(step(attempt) for attempt in range(1, 30)):
                    raise GaveUp(1)
            case "replan":
                # Another way to the same end, which needs no further call of that kind.
                if not self._good(self._send("POST", "/convert", {"order": self.order})):
                    raise GaveUp(1)
            case "circuit" | "open":
                self._break_the_circuit(step)
            case "freeze":
                time.sleep(STOPPED_AFTER)
                raise Stopped
            case "waits":
                raise Stopped
            case "busy":
                end = time.monotonic() + STOPPED_AFTER
                while time.monotonic() < end:
                    self._ask(f"and what is {time.monotonic()}?")
                raise Stopped
            case "degrade":
                self.facts.disclosed = True
                raise GaveUp(0)
            case "loud":
                raise GaveUp(3)
            case "silent":
                raise GaveUp(0)

    def _break_the_circuit(self, step) -> None:
        """Tries twice more, does other work meanwhile, and looks much later whether it works again; or leaves it at that."""
        if step(1) or step(2):
            return
        for _ in range(2):
            self._send("POST", "/convert", {"order": self.order})
        if self.policy == "open":
            self.facts.disclosed = True
            raise GaveUp(0)
        time.sleep(STOPPED_AFTER)
        if not step(3):
            raise GaveUp(1)

    def _ask(self, words: str, attempt: int = 0, fallback: bool = False) -> bool:
        dialect = "messages" if fallback and self.dialect != "messages" else "chat" if fallback else self.dialect
        said = [{"role": "user", "content": f"{words} ({self.order})"}]
        body = {"model": MODELS[dialect], "stream": self.stream}
        body |= {"input": said} if dialect == "responses" else {"messages": said}
        body |= {"max_tokens": 100} if dialect == "messages" else {}
        route = "anthropic" if dialect == "messages" else "openai"
        headers = {"anthropic-version": "2023-06-01"} if dialect == "messages" else {}
        return self._good(self._send("POST", PATHS[dialect], body, route, headers, attempt, ENDS[dialect] if self.stream else None))

    def _charge(self, attempt: int = 0, note: str = "") -> bool:
        arguments = {"order": self.order, "amount": 5} | ({"note": note} if note else {})
        headers = {}
        if self.key == "same":
            headers["idempotency-key"] = self.order
        elif self.key == "fresh":
            self._keys += 1
            headers["idempotency-key"] = f"{self.order}-{self._keys}"
        if self.tool == "http":
            return self._good(self._send("POST", "/charge", arguments, "pay", headers, attempt))
        self._rpc += 1
        call = {"jsonrpc": "2.0", "id": self._rpc, "method": "tools/call", "params": {"name": "charge", "arguments": arguments}}
        headers |= {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
        return self._good(self._send("POST", "/mcp", call, "mcp", headers, attempt))

    def _read(self, content: str) -> None:
        """Some agents do as they are told by what they read."""
        found = re.search(r"canary-\w+", content)
        if not found or self.facts.poisoned or self.policy not in ("obeys", "derails", "ignores"):
            return
        self.facts.poisoned = self.policy
        if self.policy == "derails":
            raise GaveUp(1)
        if self.policy == "obeys":
            self._send("POST", "/search", {"token": found[0]})

    @staticmethod
    def _good(status: int) -> bool:
        return 200 <= status < 300

    def _send(self, method: str, path: str, body=None, route: str = "pay", headers=None, attempt: int = 0,
              end: bytes | None = None) -> int:
        """The status, or 0 for no usable answer."""
        url = urlsplit(self.urls[route])
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=STOPPED_AFTER if self.policy == "waits" else TIMEOUT)
        headers = {"content-type": "application/json", "x-murphy-agent": self.name,
                   "user-agent": AGENTS.get(self.policy, "stub/1"), **(headers or {})}
        if self.policy == "sdk":
            headers["x-stainless-retry-count"] = str(attempt)
        base = url.path.removesuffix("/mcp") if path == "/mcp" else url.path
        try:
            connection.request(method, base + path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read()
            self._read(content.decode(errors="replace"))
            if not self.sloppy and not self._whole(answer.status, content, end):
                return 0
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    @staticmethod
    def _whole(status: int, content: bytes, end: bytes | None) -> bool:
        if status >= 300:
            return True
        if end is not None:
            return end in content and b'"error"' not in content
        try:
            return not (json.loads(content).get("error") or json.loads(content).get("result", {}).get("isError"))
        except ValueError:
            return False


class Stopped(Exception):
    """Whoever watches over the agent has ended it."""


class GaveUp(Exception):
    def __init__(self, code: int):
        self.code = code
