# SPDX-License-Identifier: Apache-2.0
"""provider_error, malformed_tool_call, length_stop."""

import json

import anthropic
import openai
import pytest

from control import recovery, state
from expect import assert_delivered
from sdks import ARGUMENTS, DIALECTS, TOOL, TOOL_QUESTION

pytestmark = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
both_forms = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
# kind: (class in openai, class in anthropic, `type` in anthropic's body)
KINDS = {
    "rate_limited": ("RateLimitError", "RateLimitError", "rate_limit_error"),
    "quota_exhausted": ("RateLimitError", "BadRequestError", "invalid_request_error"),
    "overloaded": ("InternalServerError", "OverloadedError", "overloaded_error"),
    "unauthenticated": ("AuthenticationError", "AuthenticationError", "authentication_error"),
    "key_expired": ("AuthenticationError", "AuthenticationError", "authentication_error"),
    "forbidden": ("PermissionDeniedError", "PermissionDeniedError", None),
    "model_not_found": ("NotFoundError", "NotFoundError", "not_found_error"),
    "context_too_long": ("BadRequestError", "BadRequestError", "invalid_request_error"),
    "content_filtered": ("BadRequestError", "BadRequestError", "invalid_request_error"),
    "too_large": ("APIStatusError", "ContentTooLargeError", None),
    "invalid_request": ("BadRequestError", "BadRequestError", "invalid_request_error"),
    "conflict": ("ConflictError", "ConflictError", "conflict_error"),
    "timeout": ("APIStatusError", "GatewayTimeoutError", "timeout_error"),
    "server_error": ("InternalServerError", "InternalServerError", "api_error"),
    "unavailable": ("InternalServerError", "ServiceUnavailableError", "api_error"),
}
CODES = {"rate_limited": "rate_limit_exceeded", "quota_exhausted": "insufficient_quota", "overloaded": "server_is_overloaded",
         "unauthenticated": "invalid_api_key", "model_not_found": "model_not_found",
         "context_too_long": "context_length_exceeded"}
# The real Responses API answers a streamed request with 200 and an error event in these cases.
IN_STREAM = {"quota_exhausted", "context_too_long", "overloaded"}


@both_forms
@pytest.mark.parametrize("kind", KINDS)
def test_provider_error_is_the_sdks_class_for_it(run, dialect, stream, kind):
    of_openai, of_anthropic, anthropic_type = KINDS[kind]
    name = of_openai if dialect.route == "openai" else of_anthropic
    if dialect.name == "openai-responses" and kind == "model_not_found":
        name = "BadRequestError"
    in_stream = dialect.name == "openai-responses" and stream and kind in IN_STREAM
    with run(f"provider_error,kind={kind}") as r:
        with pytest.raises(dialect.errors.APIError if in_stream else getattr(dialect.errors, name)) as caught:
            dialect.ask(dialect.client(r.urls[dialect.route]), stream=stream)
        error = caught.value
        assert isinstance(error, dialect.errors.APIStatusError) != in_stream
        if dialect.route == "openai" and kind in CODES:
            assert error.code == CODES[kind]
        if dialect.route == "anthropic" and anthropic_type:
            assert error.type == anthropic_type
    assert_delivered(r, "provider_error")


@pytest.mark.parametrize("kind, attempts", [("server_error", 3), ("invalid_request", 1), ("unauthenticated", 1)])
def test_provider_error_is_retried_by_the_sdk_only_where_that_helps(run, dialect, kind, attempts):
    with run(f"provider_error,kind={kind}") as r:
        with pytest.raises(dialect.errors.APIStatusError):
            dialect.ask(dialect.client(r.urls[dialect.route], max_retries=2))
        r.exit_code = 1
    injections = assert_delivered(r, "provider_error", attempts)
    assert {recovery(i) for i in injections} == {"GAVE_UP_LOUD"}
    assert r.outcome.sdk_retries == attempts - 1


def test_provider_error_says_what_it_was_told_to(run, dialect):
    with run("provider_error,kind=overloaded,message='come back later',retry_after=3s") as r:
        with pytest.raises(dialect.errors.InternalServerError, match="come back later") as caught:
            dialect.ask(dialect.client(r.urls[dialect.route]))
        assert caught.value.response.headers["retry-after"] == "3"
    assert_delivered(r, "provider_error")


@both_forms
@pytest.mark.parametrize("how", ["truncated", "trailing_comma", "unquoted", "prose"])
def test_malformed_tool_call_does_not_parse(run, dialect, stream, how):
    with run(f"malformed_tool_call,first=1,how={how}") as r:
        client = dialect.client(r.urls[dialect.route])
        broken = dialect.ask(client, TOOL_QUESTION, stream=stream, tools=True)
        healthy = dialect.ask(client, TOOL_QUESTION, stream=stream, tools=True)
        assert json.loads(healthy.calls[0][1]) == ARGUMENTS
    if dialect.name == "anthropic-messages" and not stream:
        # A plain answer carries arguments as an object, which cannot be malformed alone.
        assert [state(i) for i in r.injections] == ["NO_OP"]
        return
    assert_delivered(r, "malformed_tool_call")
    assert broken.calls[0][0] == TOOL and broken.stop == dialect.called
    with pytest.raises(ValueError):
        json.loads(broken.calls[0][1])


def test_malformed_tool_call_breaks_the_sdks_own_accumulator(run, dialect):
    """The helpers that gather a stream for their users parse arguments while they arrive."""
    with run("malformed_tool_call,first=1,how=prose") as r:
        client = dialect.client(r.urls[dialect.route])
        if dialect.name == "anthropic-messages":
            tools = [{"name": TOOL, "input_schema": {"type": "object"}}]
            with pytest.raises(ValueError):
                with client.messages.stream(model=dialect.model, max_tokens=99, tools=tools,
                                            messages=[{"role": "user", "content": TOOL_QUESTION}]) as events:
                    events.get_final_message()
        elif dialect.name == "openai-chat":
            tools = [{"type": "function", "function": {"name": TOOL, "parameters": {"type": "object"}}}]
            with client.chat.completions.stream(model=dialect.model, tools=tools,
                                                messages=[{"role": "user", "content": TOOL_QUESTION}]) as events:
                call = events.get_final_completion().choices[0].message.tool_calls[0]
            with pytest.raises(ValueError):
                json.loads(call.function.arguments)
        else:
            tools = [{"type": "function", "name": TOOL, "parameters": {"type": "object"}, "strict": False}]
            with client.responses.stream(model=dialect.model, tools=tools, input=TOOL_QUESTION) as events:
                call = events.get_final_response().output[0]
            with pytest.raises(ValueError):
                json.loads(call.arguments)
    assert_delivered(r, "malformed_tool_call")


@both_forms
def test_length_stop_keeps_a_part_and_says_so(run, dialect, stream):
    with run("length_stop,first=1,fraction=0.4") as r:
        client = dialect.client(r.urls[dialect.route])
        short = dialect.ask(client, stream=stream)
        whole = dialect.ask(client, stream=stream)
        assert short.stop == dialect.cut and whole.stop == dialect.ended
        assert whole.text.startswith(short.text) and 0 < len(short.text) < len(whole.text)
    assert_delivered(r, "length_stop")


def test_a_fault_of_tool_calls_does_nothing_to_an_answer_without_one(run, dialect):
    with run("malformed_tool_call,first=1") as r:
        assert dialect.ask(dialect.client(r.urls[dialect.route])).stop == dialect.ended
    assert [state(i) for i in r.injections] == ["NO_OP"] and not r.delivered()
