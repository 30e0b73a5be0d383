# SPDX-License-Identifier: Apache-2.0
"""latency, reset, hang: what the SDKs and two HTTP libraries make of them."""

import json

import httpx
import httpx2
import openai
import pytest
import requests

from control import outcome_class, recovery, state
from expect import assert_delivered, at_least, charges, leave
from sdks import DIALECTS

all_dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
both_forms = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
both_libraries = pytest.mark.parametrize("library", [httpx, requests], ids=lambda m: m.__name__)


@all_dialects
@both_forms
@pytest.mark.parametrize("at", ["request", "first_byte"])
def test_latency_delays_and_changes_nothing(run, dialect, stream, at):
    with run(f"latency,first=1,fixed=400ms,at={at}") as r:
        client = dialect.client(r.urls[dialect.route])
        with at_least(0.4):
            slow = dialect.ask(client, stream=stream)
        assert dialect.ask(client, stream=stream) == slow
    assert_delivered(r, "latency")


@pytest.mark.parametrize("distribution", [
    "uniform.min=200ms,uniform.max=400ms", "normal.mean=300ms,normal.stddev=1ms", "lognormal.p50=300ms,lognormal.p99=310ms"])
def test_latency_is_drawn_from_distributions(run, customer, distribution):
    with run(f"latency,first=1,{distribution}") as r:
        with at_least(0.2):
            assert httpx.get(r.urls["payments"] + "/charges").status_code == 200
    assert_delivered(r, "latency")


@all_dialects
def test_latency_beyond_the_clients_timeout_is_retried_by_the_sdk(run, dialect):
    with run("latency,first=1,fixed=60s") as r:
        client = dialect.client(r.urls[dialect.route], timeout=1, max_retries=1)
        assert dialect.ask(client).stop == dialect.ended
    (injection,) = assert_delivered(r, "latency")
    assert recovery(injection) == "SDK_RETRY"


@all_dialects
def test_latency_just_above_the_timeout_that_the_sdk_states_is_retried(run, dialect):
    with run("latency,first=1,of_client_timeout=1.2") as r:
        client = dialect.client(r.urls[dialect.route], timeout=1.5, max_retries=1)
        with at_least(1.5):
            assert dialect.ask(client).stop == dialect.ended
    (injection,) = assert_delivered(r, "latency")
    assert recovery(injection) == "SDK_RETRY"
    assert json.loads(injection.parameters) == {"delay": "1.8s", "at": "request", "client_timeout": "1.5s"}


@all_dialects
def test_latency_just_below_the_timeout_that_the_sdk_states_is_waited_for(run, dialect):
    with run("latency,first=1,of_client_timeout=0.4") as r:
        client = dialect.client(r.urls[dialect.route], timeout=2, max_retries=0)
        with at_least(0.8):
            assert dialect.ask(client).stop == dialect.ended
    assert_delivered(r, "latency")


@both_libraries
def test_the_timeout_of_a_client_that_states_none_is_learned_when_it_gives_up(run, customer, library):
    with run("hang,first=1", "latency,of_client_timeout=1.5") as r:
        for calls in (1, 2):
            with pytest.raises((httpx.ReadTimeout, requests.ReadTimeout)):
                library.get(r.urls["payments"] + "/charges", timeout=1)
            r.await_exchanges(calls)
    unknown, late = [injection for injection in r.injections if injection.fault == "latency"]
    assert state(unknown) == "NO_OP" and "timeout is not known" in unknown.detail
    assert state(late) == "DELIVERED"
    # Its leaving is seen a tenth of a second late at most, and as much is taken off.
    assert 1.35 <= float(json.loads(late.parameters)["delay"].removesuffix("s")) < 3


@all_dialects
@both_forms
@pytest.mark.parametrize("point", ["request", "response"])
def test_reset_is_a_connection_error(run, dialect, stream, point):
    with run(f"reset,first=1,point={point}") as r:
        client = dialect.client(r.urls[dialect.route])
        with pytest.raises(dialect.errors.APIConnectionError) as caught:
            dialect.ask(client, stream=stream)
        assert isinstance(caught.value.__cause__, httpx2.ReadError)
        assert dialect.ask(client, stream=stream).stop == dialect.ended
    assert_delivered(r, "reset")


@all_dialects
def test_reset_is_retried_by_the_sdk(run, dialect):
    with run("reset,first=2") as r:
        client = dialect.client(r.urls[dialect.route], max_retries=2)
        assert dialect.ask(client).stop == dialect.ended
    assert {recovery(injection) for injection in assert_delivered(r, "reset", 2)} == {"SDK_RETRY"}
    assert r.outcome.sdk_retries == 2


@all_dialects
def test_reset_inside_a_plain_body(run, dialect):
    with run("reset,first=1,point=body,bytes=40") as r:
        with pytest.raises(dialect.errors.APIConnectionError):
            dialect.ask(dialect.client(r.urls[dialect.route]))
    assert_delivered(r, "reset")


@all_dialects
def test_reset_inside_a_stream(run, dialect):
    # The facts expected a bare transport error from both; openai-python 3.52 wraps it in APIConnectionError, and
    # anthropic-python 2.11 passes its HTTP library's error on. Neither repeats the call.
    expected = openai.APIConnectionError if dialect.route == "openai" else httpx2.ReadError
    with run("reset,first=1,point=body,bytes=700") as r:
        with pytest.raises(expected):
            dialect.ask(dialect.client(r.urls[dialect.route], max_retries=2), stream=True)
        assert len(r.await_exchanges(1)) == 1
    assert_delivered(r, "reset")


@both_libraries
@pytest.mark.parametrize("point, charged", [("request", 0), ("response", 1)])
def test_reset_before_and_after_the_effect(run, payments, customer, library, point, charged):
    error = {httpx: httpx.ReadError, requests: requests.exceptions.ConnectionError}[library]
    with run(f"reset,first=1,target=tool:payments.charges,point={point}") as r:
        with pytest.raises(error, match="reset by peer"):
            library.post(r.urls["payments"] + "/charges", json={"amount": 3, "customer": customer})
    assert_delivered(r, "reset")
    assert charges(payments, customer) == charged


@all_dialects
@both_forms
def test_hang_ends_with_the_clients_timeout(run, dialect, stream):
    with run("hang,first=1") as r:
        with pytest.raises(dialect.errors.APITimeoutError):
            dialect.ask(dialect.client(r.urls[dialect.route], timeout=1), stream=stream)
        r.await_injection("DELIVERED")
    assert_delivered(r, "hang")


@all_dialects
def test_hang_for_a_time_closes_without_an_answer(run, dialect):
    with run("hang,first=1,duration=300ms") as r:
        with at_least(0.3), pytest.raises(dialect.errors.APIConnectionError) as caught:
            dialect.ask(dialect.client(r.urls[dialect.route]))
        assert not isinstance(caught.value, dialect.errors.APITimeoutError)
        assert isinstance(caught.value.__cause__, httpx2.RemoteProtocolError)
    assert_delivered(r, "hang")


@both_libraries
def test_hang_of_a_tool_has_no_effect(run, payments, customer, library):
    error = {httpx: httpx.ReadTimeout, requests: requests.exceptions.ReadTimeout}[library]
    with run("hang,first=1") as r:
        with pytest.raises(error):
            library.post(r.urls["payments"] + "/charges", json={"amount": 3, "customer": customer}, timeout=1)
        leave()
        r.await_injection("DELIVERED")
        r.exit_code = 1
    assert_delivered(r, "hang")
    assert charges(payments, customer) == 0
    assert outcome_class(r) == "FAILED_LOUD"
