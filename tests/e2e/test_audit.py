# SPDX-License-Identifier: Apache-2.0
"""Who changed what, when and why: every call that changes something is on record, and the record shows when it was changed."""

import json
import re
import subprocess

import pytest

from control import messages


@pytest.fixture
def murphy(murphyd):
    """`murphy(arguments…)` runs the controller on a daemon of the test's own."""
    daemon = murphyd()

    def run(*arguments, code=0):
        done = daemon.murphy(*arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    run.daemon = daemon
    return run


def entries(murphy) -> list[dict]:
    return json.loads(murphy("audit", "list", "-o", "json"))["entries"]


def test_every_change_is_on_record_with_who_and_why(murphy):
    murphy("halt", "the bill")
    murphy("resume", "paid")
    murphy("status")
    murphy.daemon.daemon.faults.ArmFault(messages("fault_service").ArmFaultRequest(fault="hang"))
    arm, resume, halt = entries(murphy)
    assert (halt["call"], halt["reason"], halt["result"]) == ("Halt", "the bill", "OK")
    assert re.fullmatch(r"\S+@\S+", halt["actor"]) and halt["peer"] == "unix"
    assert (resume["call"], resume["reason"]) == ("Resume", "paid")
    assert arm["call"] == "ArmFault" and json.loads(arm["request"]) == {"fault": "hang"}
    # Resume and ArmFault are announced, too.
    assert "Intact: 5 records" in murphy("audit", "verify")


def test_a_refused_change_and_a_lost_lease_are_on_record(murphy):
    with murphy.daemon.run("status,code=503") as run:
        run._beats.put(False)
        run._lease.result(10)
    murphy.daemon.kill()
    murphy.daemon.start()
    calls = {entry["call"]: entry for entry in entries(murphy)}
    assert calls["DisarmRun"]["actor"] == "murphyd" and "lease" in calls["DisarmRun"]["reason"]
    assert run.id in calls["FinishRun"]["request"]


def test_a_record_that_was_tampered_with_is_found_out(murphy):
    for reason in ("one", "two", "three"):
        murphy("halt", reason)
    head = re.search(r"head (\d+:[0-9a-f]{64})", murphy("audit", "verify"))[1]
    log = murphy.daemon.directory / "audit.jsonl"
    subprocess.run(["sed", "-i", 's/"two"/"2"/', log], check=True)
    told = murphy("audit", "verify", code=4)
    assert "TAMPERED" in told and "Line 2 (entry 2) was changed" in told
    murphy.daemon.kill()
    log.unlink()
    (murphy.daemon.directory / "audit.jsonl.head").unlink()
    murphy.daemon.start()
    assert "ends with entry 0, and entry 3 was written last" in murphy("audit", "verify", code=4)
    murphy("halt", "one")
    assert "Line 1 (entry 4) does not follow entry 0" in murphy("audit", "verify", code=4)
    assert "is not in the log" in murphy("audit", "verify", "--head", head, code=4)
