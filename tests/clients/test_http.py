# SPDX-License-Identifier: Apache-2.0
"""status, rate_limit, lose_response, duplicate_request, truncate_body."""

import email.utils
import json
import time

import grpc
import httpx
import httpx2
import pytest
import requests

from control import outcome_class, recovery
from expect import assert_delivered, at_least, charges, leave
from sdks import DIALECTS

all_dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
both_forms = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
STATUS_CLASSES = {400: "BadRequestError", 401: "AuthenticationError", 403: "PermissionDeniedError", 404: "NotFoundError",
                  409: "ConflictError", 418: "APIStatusError", 422: "UnprocessableEntityError", 429: "RateLimitError",
                  500: "InternalServerError", 503: "InternalServerError"}
CHARGE = """
schema = "murphy.scenario/v1"
name = "charge"
[guard]
allow_side_effects = true
[target.charge]
kind = "tool"
name = "payments.charges"
method = "POST"
role = "side_effect"
[[rule]]
target = "charge"
"""


@all_dialects
@pytest.mark.parametrize("code", STATUS_CLASSES)
def test_status_is_the_sdks_class_for_it(run, dialect, code):
    with run(f"status,code={code},body='out of order',headers.x-test=yes") as r:
        with pytest.raises(getattr(dialect.errors, STATUS_CLASSES[code])) as caught:
            dialect.ask(dialect.client(r.urls[dialect.route]), stream=code % 2 == 0)
        response = caught.value.response
        assert (response.status_code, response.text, response.headers["x-test"]) == (code, "out of order", "yes")
        assert "x-murphy-origin" not in response.headers
    assert_delivered(r, "status")


@pytest.mark.parametrize("after_commit, charged", [("false", 0), ("true", 1)])
def test_status_before_and_after_the_effect(run, payments, customer, after_commit, charged):
    with run(f"status,first=1,code=502,after_commit={after_commit}") as r:
        answer = httpx.post(r.urls["payments"] + "/charges", json={"amount": 3, "customer": customer})
        assert (answer.status_code, answer.content) == (502, b"")
    assert_delivered(r, "status")
    assert charges(payments, customer) == charged


@all_dialects
@both_forms
def test_rate_limit_is_waited_for_by_the_sdk(run, dialect, stream):
    with run("rate_limit,first=2,retry_after=1s") as r:
        client = dialect.client(r.urls[dialect.route], max_retries=2)
        with at_least(2):
            assert dialect.ask(client, stream=stream).stop == dialect.ended
    injections = assert_delivered(r, "rate_limit", 2)
    assert {recovery(i) for i in injections} == {"SDK_RETRY"}
    assert all(i.retry_after_honoured for i in injections)
    assert (r.outcome.sdk_retries, outcome_class(r)) in {(2, "RECOVERED"), (2, "RECOVERED_COSTLY")}


@all_dialects
@pytest.mark.parametrize("form, header", [
    ("seconds", "retry-after"), ("date", "retry-after"), ("milliseconds", "retry-after-ms"), ("body", None), ("absent", None)])
def test_rate_limit_states_its_delay_in_every_form(run, dialect, form, header):
    with run(f"rate_limit,retry_after=7s,retry_after_form={form}") as r:
        with pytest.raises(dialect.errors.RateLimitError) as caught:
            dialect.ask(dialect.client(r.urls[dialect.route]))
        headers = caught.value.response.headers
        assert {name for name in ("retry-after", "retry-after-ms") if name in headers} == ({header} if header else set())
        match form:
            case "seconds":
                assert headers[header] == "7"
            case "date":
                wait = email.utils.parsedate_to_datetime(headers[header]).timestamp() - time.time()
                assert 4 < wait < 9
            case "milliseconds":
                assert headers[header] == "7000"
    assert_delivered(r, "rate_limit")


@all_dialects
def test_rate_limit_is_spelled_as_the_provider_does(run, dialect):
    with run("rate_limit") as r:
        with pytest.raises(dialect.errors.RateLimitError) as caught:
            dialect.ask(dialect.client(r.urls[dialect.route]))
        error = caught.value
        assert error.request_id.startswith("req_")
        if dialect.route == "openai":
            assert error.code == "rate_limit_exceeded" and "Rate limit reached for gpt-4o-mini" in error.message
        else:
            assert error.type == "rate_limit_error" and error.response.headers["x-should-retry"] == "true"
    assert_delivered(r, "rate_limit")


def test_rate_limit_counts_and_its_headers_count_down(run):
    chat = DIALECTS[0]
    with run("rate_limit,requests_per_minute=2,target=model:gpt-*") as r:
        client, heads = chat.client(r.urls["openai"]), []
        client._client.event_hooks["response"].append(lambda response: heads.append(response.headers))
        for _ in range(2):
            chat.ask(client)
        with pytest.raises(chat.errors.RateLimitError):
            chat.ask(client)
        assert [h["x-ratelimit-remaining-requests"] for h in heads] == ["1", "0", "0"]
        assert {h["x-ratelimit-limit-requests"] for h in heads} == {"2"}
        assert 0 < int(heads[-1]["retry-after"]) <= 60
    assert_delivered(r, "rate_limit")


@pytest.mark.parametrize("library", [httpx, requests], ids=lambda m: m.__name__)
@pytest.mark.parametrize("how", ["reset", "close", "hang", "status"])
def test_lose_response_takes_effect_and_says_nothing(run, payments, customer, library, how):
    errors = {("reset", httpx): httpx.ReadError, ("reset", requests): requests.exceptions.ConnectionError,
              ("close", httpx): httpx.RemoteProtocolError, ("close", requests): requests.exceptions.ConnectionError,
              ("hang", httpx): httpx.ReadTimeout, ("hang", requests): requests.exceptions.ReadTimeout}
    with run(toml=f'{CHARGE} when = {{ first = 1 }}\n lose_response = {{ how = "{how}", code = 504 }}') as r:
        def charge():
            return library.post(r.urls["payments"] + "/charges", json={"amount": 3, "customer": customer}, timeout=2)

        if how == "status":
            assert charge().status_code == 504
        else:
            with pytest.raises(errors[how, library]):
                charge()
            leave()
        r.await_injection("DELIVERED")
        assert charges(payments, customer) == 1
        # What a careless agent does next.
        assert charge().status_code == 201
    (injection,) = assert_delivered(r, "lose_response")
    assert charges(payments, customer) == 2
    assert injection.effect_repeated and r.outcome.duplicate_effects == 1
    assert outcome_class(r) == "UNSAFE"


def test_lose_response_is_recorded_as_no_status(run, customer):
    with run("lose_response,first=1") as r:
        with pytest.raises(httpx.ReadError):
            httpx.post(r.urls["payments"] + "/charges", json={"amount": 3, "customer": customer})
        (lost,) = r.await_exchanges(1)
        assert (lost.status, lost.upstream_status) == (0, 201)


@all_dialects
@both_forms
def test_lose_response_of_a_model_is_retried_by_the_sdk(run, dialect, stream):
    with run("lose_response,first=1") as r:
        client = dialect.client(r.urls[dialect.route], max_retries=1)
        assert dialect.ask(client, stream=stream).stop == dialect.ended
        exchanges = r.await_exchanges(2)
        assert [exchange.upstream_requests for exchange in exchanges] == [1, 1]
    assert_delivered(r, "lose_response")


@pytest.mark.parametrize("answer", [1, 2])
def test_duplicate_request_charges_twice_and_answers_once(run, payments, customer, answer):
    with run(toml=f"{CHARGE} duplicate_request = {{ answer = {answer} }}") as r:
        got = httpx.post(r.urls["payments"] + "/charges", json={"amount": 3, "customer": customer})
        assert got.status_code == 201
    assert_delivered(r, "duplicate_request")
    made = httpx.get(payments["origin"] + "/charges", params={"customer": customer}).json()["charges"]
    assert len(made) == 2 and got.json() == made[answer - 1]


def test_duplicate_request_needs_leave_to_repeat_effects(daemon):
    with pytest.raises(grpc.RpcError) as caught:
        daemon.create_experiment(toml=CHARGE.replace("allow_side_effects = true", "") + "duplicate_request = {}")
    assert caught.value.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION)
    assert "allow_side_effects" in caught.value.details()


@all_dialects
def test_truncate_body_cleanly_is_broken_json(run, dialect):
    with run("truncate_body,first=1,fraction=0.5") as r:
        with pytest.raises(json.JSONDecodeError):
            dialect.ask(dialect.client(r.urls[dialect.route]))
    assert_delivered(r, "truncate_body")


@all_dialects
def test_truncate_body_dirtily_is_a_connection_error(run, dialect):
    with run("truncate_body,first=1,bytes=20,how=dirty") as r:
        with pytest.raises(dialect.errors.APIConnectionError) as caught:
            dialect.ask(dialect.client(r.urls[dialect.route]))
        assert isinstance(caught.value.__cause__, httpx2.RemoteProtocolError)
    assert_delivered(r, "truncate_body")


@pytest.mark.parametrize("how", ["clean", "dirty"])
def test_truncate_body_of_a_tool(run, payments, customer, how):
    with run(f"truncate_body,first=1,bytes=10,how={how}") as r:
        url = r.urls["payments"] + "/charges"
        if how == "clean":
            answer = httpx.post(url, json={"amount": 3, "customer": customer})
            assert answer.headers["content-length"] == "10" and len(answer.content) == 10
        else:
            with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
                httpx.post(url, json={"amount": 3, "customer": customer})
    assert_delivered(r, "truncate_body")
    assert charges(payments, customer) == 1
