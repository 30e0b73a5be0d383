# SPDX-License-Identifier: Apache-2.0
"""The payment service by itself, and the scripts' error messages."""

import subprocess
import sys

import httpx
import pytest

from processes import STANDIN


@pytest.fixture
def http(payments):
    with httpx.Client(base_url=payments["origin"]) as client:
        yield client


def test_a_repeated_charge_is_a_second_charge(http, customer):
    for _ in range(2):
        assert http.post("/charges", json={"amount": 5, "customer": customer}).status_code == 201
    assert http.get("/ledger").json()["customers"][customer] == {"charges": 2, "amount": 10}
    assert len(http.get("/charges", params={"customer": customer}).json()["charges"]) == 2


def test_an_idempotency_key_makes_it_one(http, customer):
    answers = [http.post("/charges", json={"amount": 5, "customer": customer}, headers={"idempotency-key": customer})
               for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert http.get("/ledger").json()["customers"][customer]["charges"] == 1


@pytest.mark.parametrize("body", [{"amount": -1, "customer": "x"}, {"amount": 1}, {"amount": True, "customer": "x"}])
def test_refuses_what_is_no_charge(http, body):
    assert http.post("/charges", json=body).status_code == 422


def test_a_wrong_script_is_refused_with_the_accepted_keys(tmp_path):
    script = tmp_path / "script.toml"
    script.write_text("[[rule]]\nmodell = 'gpt-*'\ntext = 'x'\n")
    done = subprocess.run([sys.executable, STANDIN / "standin", "--script", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert "rule 1: unknown key 'modell'" in done.stderr and "model" in done.stderr
