# SPDX-License-Identifier: Apache-2.0
"""slow_events, stall_stream, cut_stream, error_event, on streams of the three dialects."""

import json

import anthropic
import httpx2
import openai
import pytest

from expect import assert_delivered, at_least
from sdks import DIALECTS, QUESTION, TOOL, TOOL_QUESTION, Answer

pytestmark = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
# How each SDK reports a stream that breaks. The facts expected bare transport errors; openai-python 3.52 wraps them.
BROKEN = {"openai": openai.APIConnectionError, "anthropic": httpx2.ReadError}
SILENT = {"openai": openai.APITimeoutError, "anthropic": httpx2.ReadTimeout}


def read(dialect, origin, expected=None, tools=False, **options) -> Answer:
    """What had arrived when the stream ended, or broke with `expected`."""
    made = Answer()
    stream = dialect.create(dialect.client(origin, **options), stream=True, tools=tools,
                            text=TOOL_QUESTION if tools else QUESTION)
    if expected is None:
        return dialect.collect(stream, made)
    with pytest.raises(expected) as caught:
        dialect.collect(stream, made)
    made.error = caught.value
    return made


def raw(dialect, origin) -> bytes:
    """The body of a streamed answer as it is on the wire."""
    bodies = []
    client = dialect.client(origin)
    client._client.event_hooks["response"].append(lambda response: (response.read(), bodies.append(response.content)))
    try:
        dialect.ask(client, stream=True)
    except ValueError:
        pass
    return bodies[0]


def test_slow_events_drip_and_change_nothing(dialect, run):
    with run("slow_events,first=1,delay=30ms") as r:
        client = dialect.client(r.urls[dialect.route])
        fast_count = 5
        with at_least(fast_count * 0.03):
            slow = dialect.ask(client, stream=True)
        assert slow.events > fast_count and slow.stop == dialect.ended
        assert dialect.ask(client, stream=True) == slow
    assert_delivered(r, "slow_events")


def test_slow_events_by_rate(dialect, run):
    with run("slow_events,first=1,events_per_second=40,jitter=0.1") as r:
        with at_least(0.1):
            assert read(dialect, r.urls[dialect.route]).stop == dialect.ended
    assert_delivered(r, "slow_events")


def test_stall_stream_goes_on_afterwards(dialect, run):
    with run("stall_stream,first=1,position.events=3,duration=400ms") as r:
        client = dialect.client(r.urls[dialect.route])
        with at_least(0.4):
            stalled = dialect.ask(client, stream=True)
        assert dialect.ask(client, stream=True) == stalled
    assert_delivered(r, "stall_stream")


def test_stall_stream_beyond_the_clients_timeout(dialect, run):
    with run("stall_stream,first=1,position.boundary=text,duration=60s") as r:
        partial = read(dialect, r.urls[dialect.route], SILENT[dialect.route], timeout=1, max_retries=2)
        assert partial.text and partial.stop is None
        # An error inside a stream is not repeated by any of the SDKs.
        assert len(r.await_exchanges(1)) == 1
    assert_delivered(r, "stall_stream")


def test_stall_stream_with_keep_alives_outlasts_the_clients_timeout(dialect, run):
    with run("stall_stream,first=1,duration=7s,keep_alive=true") as r:
        with at_least(7):
            assert read(dialect, r.urls[dialect.route], timeout=6).stop == dialect.ended
    assert_delivered(r, "stall_stream")


def test_cut_stream_cleanly_is_taken_for_the_end(dialect, run):
    with run("cut_stream,first=1,position.events=4") as r:
        partial = read(dialect, r.urls[dialect.route], max_retries=2)
        # No error and no retry: only the missing reason to stop tells.
        assert partial.stop is None and 0 < partial.events <= 4
        assert len(r.await_exchanges(1)) == 1
    assert_delivered(r, "cut_stream")


def test_cut_stream_by_a_reset(dialect, run):
    with run("cut_stream,first=1,position.events=4,how=reset") as r:
        partial = read(dialect, r.urls[dialect.route], BROKEN[dialect.route], max_retries=2)
        assert partial.stop is None
        assert len(r.await_exchanges(1)) == 1
    assert_delivered(r, "cut_stream")


def test_cut_stream_in_half_an_event(dialect, run):
    # The facts expected a JSON error, as the JavaScript SDKs give; both Python SDKs drop an event that has no end, silently.
    with run("cut_stream,first=1,position.events=4,how=half_event") as r:
        partial = read(dialect, r.urls[dialect.route])
        assert partial.stop is None and 0 < partial.events <= 4
    assert_delivered(r, "cut_stream")


def test_cut_stream_after_a_share_of_it(dialect, run):
    with run("cut_stream,first=1,position.fraction=0.5") as r:
        partial = read(dialect, r.urls[dialect.route])
        complete = read(dialect, r.urls[dialect.route])
        assert complete.text.startswith(partial.text) and len(partial.text) < len(complete.text)
    assert_delivered(r, "cut_stream")


def test_cut_stream_after_the_first_text(dialect, run):
    with run("cut_stream,first=1,position.boundary=text") as r:
        partial = read(dialect, r.urls[dialect.route])
        assert partial.text == "You" and partial.stop is None
    assert_delivered(r, "cut_stream")


def test_cut_stream_after_a_tool_call_is_announced(dialect, run):
    with run("cut_stream,first=1,position.boundary=tool_call") as r:
        partial = read(dialect, r.urls[dialect.route], tools=True)
        assert partial.calls == [(TOOL, "")] and partial.stop is None
    assert_delivered(r, "cut_stream")


def test_cut_stream_inside_a_tool_calls_arguments(dialect, run):
    with run("cut_stream,first=1,position.boundary=arguments") as r:
        partial = read(dialect, r.urls[dialect.route], tools=True)
        ((name, arguments),) = partial.calls
        assert name == TOOL and arguments
        with pytest.raises(ValueError):
            json.loads(arguments)
    assert_delivered(r, "cut_stream")


def test_cut_stream_inside_a_character(dialect, run):
    with run("cut_stream,first=1,position.boundary=utf8") as r:
        body = raw(dialect, r.urls[dialect.route])
        with pytest.raises(UnicodeDecodeError) as caught:
            body.decode()
        assert caught.value.reason == "unexpected end of data"
    assert_delivered(r, "cut_stream")


def test_cut_stream_inside_json(dialect, run):
    with run("cut_stream,first=1,position.boundary=json") as r:
        *_, last = raw(dialect, r.urls[dialect.route]).split(b"\n\n")
        data = last[last.index(b"data: ") + 6:]
        with pytest.raises(ValueError):
            json.loads(data)
    assert_delivered(r, "cut_stream")


@pytest.mark.parametrize("events", [0, 4])
def test_error_event_is_an_error_without_a_status(dialect, run, events):
    with run(f"error_event,first=1,kind=overloaded,position.events={events}") as r:
        partial = read(dialect, r.urls[dialect.route], dialect.errors.APIError, max_retries=2)
        assert partial.events <= events and (events == 0 or partial.events > 0)
        if dialect.route == "openai":
            assert not isinstance(partial.error, openai.APIStatusError)
        else:
            # The status is that of the stream: only the type tells.
            assert type(partial.error) is anthropic.APIStatusError
            assert (partial.error.status_code, partial.error.type) == (200, "overloaded_error")
        assert len(r.await_exchanges(1)) == 1
    assert_delivered(r, "error_event")


@pytest.mark.parametrize("kind", ["server_error", "rate_limited", "overloaded", "timeout"])
def test_error_event_carries_the_text_that_was_asked_for(dialect, run, kind):
    with run(f"error_event,first=1,kind={kind},message='the roof is on fire'") as r:
        partial = read(dialect, r.urls[dialect.route], dialect.errors.APIError)
        assert "the roof is on fire" in str(partial.error)
    assert_delivered(r, "error_event")
