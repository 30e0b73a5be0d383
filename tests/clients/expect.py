# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults share: how long something took, what was charged, what an injection drew."""

import contextlib
import json
import time

import httpx

from control import Run, state


@contextlib.contextmanager
def at_least(seconds: float):
    """The block takes this long or longer: waits may be longer than asked for, never shorter."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin >= seconds


def charges(payments: dict, customer: str) -> int:
    """How often the customer has been charged, asked past Murphy."""
    ledger = httpx.get(payments["origin"] + "/ledger").json()
    return ledger["customers"].get(customer, {"charges": 0})["charges"]


def assert_delivered(run: Run, fault: str, count: int = 1) -> list:
    """After the run: this fault, that often, and the agent got each of them. Returns them."""
    got = run.delivered(fault)
    assert len(got) == count, [(i.fault, state(i), i.detail) for i in run.injections]
    assert all(i.digest_before != i.digest_after or i.fault in TIMING for i in got)
    return got


# These change when bytes arrive, or how often a request is sent, and leave the bytes alone.
TIMING = {"latency", "slow_events", "stall_stream", "duplicate_request"}


def parameters(injection) -> dict:
    return json.loads(injection.parameters)
