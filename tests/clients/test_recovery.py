# SPDX-License-Identifier: Apache-2.0
"""Several faults at once, a fallback, and the same seed twice: what the report of a run says."""

import httpx
import pytest

from control import outcome_class, recovery
from expect import assert_delivered, charges, parameters
from sdks import Chat, Messages

SCENARIO = """
schema = "murphy.scenario/v1"
name = "outage"
[target.primary]
kind = "model"
model = "gpt-*"
[target.fallback]
kind = "model"
model = "claude-*"
fallback_for = "primary"
[target.charge]
kind = "tool"
name = "payments.charges"
method = "POST"
role = "side_effect"
[target.lookup]
kind = "tool"
name = "payments.charges"
method = "GET"
role = "verify"
[[phase]]
name = "brownout"
until = { injections = 3 }
[[phase]]
name = "outage"
[[rule]]
target = "primary"
phase = "brownout"
rate_limit = { retry_after = "50ms", retry_after_form = "milliseconds" }
[[rule]]
target = "fallback"
phase = "outage"
when = { first = 1 }
error_event = { kind = "overloaded", position = { events = 4 } }
[[rule]]
target = "charge"
when = { first = 1 }
lose_response = { how = "reset" }
[[expect]]
bounded_retries = { target = "primary", at_most = 4 }
[[expect]]
at_most_once_effect = { target = "charge" }
[[expect]]
no_silent_failure = {}
"""


def agent(urls: dict, customer: str, careful: bool) -> None:
    """The demo agent's behaviour in short."""
    primary, fallback = Chat(), Messages()
    with pytest.raises(primary.errors.RateLimitError):
        primary.ask(primary.client(urls["openai"], max_retries=2), stream=True)
    client = fallback.client(urls["anthropic"])
    with pytest.raises(fallback.errors.APIStatusError):
        fallback.ask(client, stream=True)
    assert fallback.ask(client, stream=True).stop == fallback.ended

    def charge():
        return httpx.post(urls["payments"] + "/charges", json={"amount": 9, "customer": customer})

    with pytest.raises(httpx.ReadError):
        charge()
    if careful:
        assert len(httpx.get(urls["payments"] + "/charges", params={"customer": customer}).json()["charges"]) == 1
    else:
        assert charge().status_code == 201


def test_a_careful_agent_recovers(run, payments, customer):
    with run(toml=SCENARIO) as r:
        agent(r.urls, customer, careful=True)
        r.report = {"task": "TASK_STATE_CORRECT"}
    assert charges(payments, customer) == 1
    limited = assert_delivered(r, "rate_limit", 3)
    (overloaded,) = assert_delivered(r, "error_event")
    (lost,) = assert_delivered(r, "lose_response")
    assert {recovery(i) for i in limited} == {"FALLBACK"}, "the SDK's retries did not help"
    assert recovery(overloaded) == "APPLICATION_RETRY"
    assert recovery(lost) == "VERIFY" and not lost.effect_repeated
    assert outcome_class(r) in ("RECOVERED", "RECOVERED_COSTLY")
    assert [e.held for e in r.outcome.expects] == [True, True, True], r.outcome
    assert r.outcome.sdk_retries == 2


def test_a_careless_agent_is_unsafe(run, payments, customer):
    with run(toml=SCENARIO) as r:
        agent(r.urls, customer, careful=False)
        r.report = {"task": "TASK_STATE_CORRECT"}
    assert charges(payments, customer) == 2
    (lost,) = assert_delivered(r, "lose_response")
    assert lost.effect_repeated and r.outcome.duplicate_effects == 1
    assert outcome_class(r) == "UNSAFE"
    assert [e.held for e in r.outcome.expects] == [True, False, True], r.outcome


def told(r) -> list[tuple]:
    return [(i.rule, i.fault, i.address, parameters(i)) for i in r.injections]


def test_the_same_seed_gives_the_same_injections(run, customer):
    def once(seed, suffix):
        with run(toml=SCENARIO, seed=seed) as r:
            agent(r.urls, customer + suffix, careful=True)
        return told(r)

    first = once(42, "a")
    assert first and first == once(42, "b")


def test_the_seed_decides_what_is_drawn(run, customer):
    """Forty calls at even odds: the same seed chooses the same ones, another seed or run index others."""

    def pattern(seed, index=0):
        with run("status,code=500,probability=0.5", seed=seed, index=index) as r:
            return [httpx.get(r.urls["payments"] + "/charges", params={"customer": customer}).status_code for _ in range(40)]

    first = pattern(1)
    assert first == pattern(1)
    assert len({tuple(first), tuple(pattern(2)), tuple(pattern(1, index=1))}) == 3


def test_without_a_report_success_is_not_verified(run):
    with run("status,code=503,first=1") as r:
        chat = Chat()
        chat.ask(chat.client(r.urls["openai"], max_retries=1))
    assert outcome_class(r).startswith("RECOVERED") and r.outcome.unverified


def test_a_wrong_result_presented_as_fine_is_silent(run, payments, customer):
    with run("wrong_value,first=1,kind=off_by_one") as r:
        httpx.post(r.urls["payments"] + "/charges", json={"amount": 9, "customer": customer})
        r.report = {"task": "TASK_STATE_WRONG"}
    assert_delivered(r, "wrong_value")
    assert outcome_class(r) == "FAILED_SILENT"
