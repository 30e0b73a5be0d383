# SPDX-License-Identifier: Apache-2.0
"""What passes is what was sent: bytes are the same with and without Murphy in between."""

import http.client
import json
from urllib.parse import urlsplit

import httpx
import pytest

from control import outcome_class, state
from processes import service
from sdks import DIALECTS, QUESTION, SCHEMA, TOOL, TOOL_QUESTION

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authenticate"}
TOOLS = {
    "openai-chat": [{"type": "function", "function": {"name": TOOL, "parameters": SCHEMA}}],
    "openai-responses": [{"type": "function", "name": TOOL, "parameters": SCHEMA}],
    "anthropic-messages": [{"name": TOOL, "input_schema": SCHEMA}],
}
PATHS = {"openai-chat": "/v1/chat/completions", "openai-responses": "/v1/responses", "anthropic-messages": "/v1/messages"}
# A rule that is armed and never fires must be as harmless as none.
IDLE = {"no run of its own": None, "nothing armed": (), "probability 0": ("status,code=500,probability=0",),
        "other target": ("status,code=500,target=model:no-such-model",), "later": ("status,code=500,nth=999",)}


def bodies(dialect) -> list[bytes]:
    """Requests with odd spacing and characters, so that re-serialising would show."""
    made = []
    for question, tools in ((QUESTION, None), (TOOL_QUESTION, TOOLS[dialect.name]), ("Zürich\u2028 \U0001f600", None)):
        for stream in (False, True):
            body = {"stream": stream, "model": dialect.model, "max_tokens": 99}
            body["input" if dialect.name == "openai-responses" else "messages"] = [{"role": "user", "content": question}]
            if tools:
                body["tools"] = tools
            made.append(json.dumps(body, indent=3, ensure_ascii=stream).encode())
    return made


def exchange(url: str, method: str, path: str, body: bytes | None = None, headers: dict | None = None):
    """Status, end-to-end headers in order and case, and the decoded body."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=20)
    try:
        connection.request(method, target.path + path, body, headers or {})
        answer = connection.getresponse()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        return answer.status, answer.reason, kept, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
@pytest.mark.parametrize("faults", IDLE.values(), ids=IDLE)
def test_models_answer_byte_for_byte_the_same(daemon, run, dialect, faults):
    headers = {"Content-Type": "application/json", "anthropic-version": "2023-06-01", "X-Odd-CASE": "Kept"}
    # Two stand-ins with the same history answer the same.
    with service("standin") as direct, service("standin") as behind:
        expected = [exchange(direct["origin"], "POST", PATHS[dialect.name], body, headers) for body in bodies(dialect)]
        with run(*(faults or ()), **{dialect.route: behind["origin"]}) as r:
            got = [exchange(r.urls[dialect.route], "POST", PATHS[dialect.name], body, headers) for body in bodies(dialect)]
        assert got == expected
        assert all(status == 200 for status, *_ in got)
    assert not r.delivered()


def test_tools_answer_byte_for_byte_the_same(run, customer):
    calls = [("POST", "/charges", json.dumps({"amount": 1.50, "customer": customer}).encode()),
             ("GET", f"/charges?customer={customer}&odd=%2f+%20;", None), ("GET", "/charges/ch_0001", None),
             ("POST", "/charges", b"{not json"), ("DELETE", "/charges", None), ("GET", "/ledger", None)]
    with service("payments") as direct, service("payments") as behind:
        expected = [exchange(direct["origin"], *call) for call in calls]
        with run("status,code=500,probability=0", payments=behind["origin"]) as r:
            assert [exchange(r.urls["payments"], *call) for call in calls] == expected


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
def test_the_sdks_are_none_the_wiser(run, standin, dialect):
    with run() as r:
        through, direct = dialect.client(r.urls[dialect.route]), dialect.client(standin["origin"])
        for stream in (False, True):
            assert dialect.ask(through, stream=stream) == dialect.ask(direct, stream=stream)
            assert (dialect.ask(through, TOOL_QUESTION, stream=stream, tools=True).calls
                    == dialect.ask(direct, TOOL_QUESTION, stream=stream, tools=True).calls)
        assert [m.id for m in through.models.list()] == [m.id for m in direct.models.list()]


def test_what_was_masked_or_idle_is_not_counted_as_injected(run):
    chat = DIALECTS[0]
    with run("status,code=500,first=1", "status,code=503,first=1", "latency,fixed=1ms,nth=99") as r:
        with pytest.raises(chat.errors.InternalServerError) as caught:
            chat.ask(chat.client(r.urls["openai"]))
        assert caught.value.status_code == 500, "the first rule in the file acts"
    assert sorted(state(i) for i in r.injections) == ["DELIVERED", "MASKED", "NEVER_REACHED"]


def test_a_run_that_never_was_is_refused_in_words(daemon):
    answer = httpx.get(f"{daemon.gateway}/r/no-such-run/openai/v1/models")
    assert answer.status_code == 404 and "no-such-run" in answer.text
    assert answer.headers["x-murphy-origin"]


def test_a_run_that_has_ended_lets_everything_through(run, payments, customer):
    with run("status,code=500") as r:
        assert httpx.get(r.urls["payments"] + "/charges").status_code == 500
    answer = httpx.post(r.urls["payments"] + "/charges", json={"amount": 1, "customer": customer})
    assert answer.status_code == 201


def test_an_upstream_that_is_gone_is_not_taken_for_a_fault(run):
    with run(payments="http://127.0.0.1:1") as r:
        answer = httpx.get(r.urls["payments"] + "/charges")
        assert answer.status_code == 502 and answer.headers["x-murphy-origin"] == "upstream"
        r.exit_code = 1
    assert not r.injections and outcome_class(r) != "RECOVERED"
