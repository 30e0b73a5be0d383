# SPDX-License-Identifier: Apache-2.0
"""The stand-in by itself: what the real SDKs make of its answers, without Murphy in between."""

import json
import signal

import pytest

from processes import running, service, STANDIN
from sdks import ARGUMENTS, DIALECTS, QUESTION, TOOL, TOOL_QUESTION

pytestmark = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)


@pytest.fixture
def client(dialect, standin):
    return dialect.client(standin["origin"])


def test_answers_the_same_text_plain_and_streamed(dialect, client):
    plain = dialect.ask(client)
    streamed = dialect.ask(client, stream=True)
    assert QUESTION in plain.text and plain.text == streamed.text
    assert plain.stop == streamed.stop == dialect.ended
    assert plain.output_tokens == streamed.output_tokens > 0
    assert streamed.events > 5


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_calls_the_tool_that_the_question_names(dialect, client, stream):
    answer = dialect.ask(client, TOOL_QUESTION, stream=stream, tools=True)
    assert [(name, json.loads(text)) for name, text in answer.calls] == [(TOOL, ARGUMENTS)]
    assert answer.stop == dialect.called and answer.text == ""


def test_two_processes_answer_byte_for_byte_the_same(dialect):
    def bodies():
        sent = []
        with service("standin") as endpoints:
            client = dialect.client(endpoints["origin"])
            client._client.event_hooks["response"].append(lambda response: (response.read(), sent.append(response.content)))
            dialect.ask(client)
            dialect.ask(client, TOOL_QUESTION, stream=True, tools=True)
            dialect.ask(client)
        return sent

    first = bodies()
    assert first == bodies()
    assert first[0] != first[2], "a repeated question gets ids of its own"


def test_a_script_answers_by_rule_and_counts(dialect, tmp_path):
    script = tmp_path / "script.toml"
    script.write_text("""
        [[rule]]
        contains = "capital"
        nth = 1
        error = { kind = "overloaded" }
        [[rule]]
        contains = "capital"
        text = "Paris"
        usage = { input = 7, output = 3 }
    """)
    with service("standin", "--script", str(script)) as endpoints:
        client = dialect.client(endpoints["origin"])
        with pytest.raises(dialect.errors.InternalServerError) as caught:
            dialect.ask(client)
        assert caught.value.request_id.startswith("req_")
        answer = dialect.ask(client)
        assert (answer.text, answer.output_tokens) == ("Paris", 3)
        assert "Paris" not in dialect.ask(client, "Something else").text


def test_lists_models_in_the_providers_way(dialect, client):
    names = [model.id for model in client.models.list()]
    assert dialect.model in names
    assert client.models.retrieve(dialect.model).id == dialect.model
    with pytest.raises(dialect.errors.NotFoundError):
        client.models.retrieve("no-such-model")


def test_sends_the_providers_rate_limit_headers(dialect, client):
    heads = []
    client._client.event_hooks["response"].append(lambda response: heads.append(response.headers))
    dialect.ask(client)
    if dialect.name == "anthropic-messages":
        assert heads[0]["anthropic-ratelimit-requests-limit"] == "4000"
        assert heads[0]["request-id"].startswith("req_011C") and len(heads[0]["request-id"]) == 28
    else:
        assert len(heads[0]["x-request-id"]) == 36
        # Only chat answers carry them.
        assert ("x-ratelimit-limit-requests" in heads[0]) == (dialect.name == "openai-chat")


def test_ends_cleanly_on_sigterm_in_the_middle_of_a_stream(dialect):
    command = [STANDIN / "standin", "--print-endpoint", "json", "--delay-per-event", "30s"]
    with running(command) as (process, endpoints):
        client = dialect.client(endpoints["origin"])
        with pytest.raises(Exception):
            for _ in dialect.create(client, stream=True):
                process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
