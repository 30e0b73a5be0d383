# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults share: how long something took, what was charged, what an injection drew."""

import contextlib
import gc
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


def leave() -> None:
    """Closes what a timeout left open: requests keeps a socket until the exception that it raised is collected."""
    gc.collect()


def charges(payments: dict, customer: str) -> int:
    """How often the customer has been charged, asked past Murphy."""
    ledger = httpx.get(payments["origin"] + "/ledger").json()
    return ledger["customers"].get(customer, {"charges": 0})["charges"]


def assert_delivered(run: Run, fault: str, count: int = 1) -> list:
    """After the run: this fault, that often, and the agent got each of them. Returns them."""
    got = run.delivered(fault)
    assert len(got) == count, [(i.fault, state(i), i.detail) for i in run.injections]
    if fault in EDITS:
        assert all(i.digest_before and i.digest_after and i.digest_before != i.digest_after for i in got)
    return got


# These show the agent something else than the upstream answered; the others are answered before it is asked, or change timing.
EDITS = {"truncate_body", "malformed_tool_call", "length_stop", "wrong_value", "stale_result", "prompt_injection"}


def parameters(injection) -> dict:
    return json.loads(injection.parameters)
