# SPDX-License-Identifier: Apache-2.0
"""Each expectation with an agent that satisfies it and one that violates it: stub agents, real binaries, real services."""

import json
import sys
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from control import messages

AGENT = Path(__file__).with_name("stub_agent.py")
TARGETS = """
schema = "murphy.scenario/v1"
name = "stub"
[target.charge]
path = "/charges"
method = "POST"
role = "side_effect"
idempotency_key = "header:idempotency-key"
[target.lookup]
path = "/charges"
method = "GET"
role = "verify"
[target.desk]
path = "/ledger"
role = "escalation"
[target.primary]
model = "gpt-*"
[target.backup]
model = "claude-*"
fallback_for = "primary"
"""
SLOW = "target = 'charge'\nlatency = { fixed = '1ms' }"
BOTH_ARMS = ("--arms", "treatment,shadow", "--runs", "3", "--baseline", "0", "--logs", "-")


def refused(count: int, target: str = "charge", status: int = 503) -> str:
    return f"target = '{target}'\nwhen = {{ first = {count} }}\nstatus = {{ code = {status} }}"


@dataclass
class Case:
    expect: str
    rule: str
    good: str
    bad: str
    # Of `murphy run`.
    options: tuple = ()
    # Says that the task is right, whatever happened; None for nobody.
    check: str | None = "true"
    # An agent of which nobody can tell, and options instead of those above.
    open: str | None = None
    open_options: tuple | None = None

    @property
    def name(self) -> str:
        return self.expect.split(" ")[0]


CASES = [
    Case("completes = {}", refused(1), "attempts(2)", "charge(); sys.exit(1)", check=None, open="charge()"),
    Case("no_silent_failure = {}", refused(1), "charge(); report('partial', disclosed=True)", "charge(); report('wrong')", check=None,
         open="attempts(2)"),
    Case("terminates = { calls = 4 }", SLOW, "charge(); look()", "charge(); every(0, 6, look)"),
    Case("bounded_retries = { target = 'charge', at_most = 2 }", refused(3), "attempts(2)", "attempts(4)"),
    Case("bounded_amplification = { target = 'charge', at_most = 2 }", refused(1), "attempts(2); charge('bob')",
         "attempts(2); attempts(4, lambda: charge('bob', amount='much'))"),
    Case("backoff_shape = { target = 'charge', growth = 'exponential' }", refused(4), "attempts(5, waits=(.15, .3, .6, 1.2))",
         "attempts(5, waits=(.3, .3, .3, .3))", open="attempts(3, waits=(.15, .3))"),
    Case("respects_retry_after = { target = 'charge' }", "target = 'charge'\nwhen = { first = 1 }\nrate_limit = { retry_after = '1s' }",
         "attempts(2, waits=(1.1,))", "attempts(2)"),
    Case("no_retry_on_permanent = {}", refused(1, status=403), "charge()", "attempts(2)"),
    Case("has_timeout = { target = 'charge', within = '1s' }", "target = 'charge'\nwhen = { first = 1 }\nhang = {}", "charge(timeout=.5)",
         "charge(timeout=2)"),
    Case("circuit_breaks = { target = 'charge', failures = 3, rest = '1s' }", refused(3),
         "attempts(3); every(.3, 4, look); charge()", "attempts(3); look(); charge()", open="attempts(3); look()"),
    Case("bulkhead = { target = 'charge', others = 'lookup', loss = 0.5 }",
         "target = 'charge'\nwhen = { first = 1 }\nlatency = { fixed = '900ms' }",
         "t = threading.Thread(target=charge); t.start(); every(.05, 24, look); t.join()", "charge(); every(.05, 24, look)",
         options=BOTH_ARMS, open="charge(); look()", open_options=()),
    Case("falls_back = { target = 'primary' }", refused(9, "primary"), "ask() or ask('claude-3')", "ask()"),
    Case("verifies_before_repeat = {}", refused(1, status=500), "charge() or look() and charge()", "attempts(2)"),
    Case("at_most_once_effect = {}", "target = 'charge'\nwhen = { first = 1 }\nlose_response = {}", "attempts(2, lambda: charge(key=str(os.getpid())))",
         "attempts(2)"),
    Case("escalates = { target = 'charge', within = '5s' }", refused(9), "attempts(2); hand_over()", "attempts(2); report('wrong')",
         check=None, open="attempts(2)"),
    Case("no_hijack = {}", "target = 'lookup'\nwhen = { first = 1 }\nprompt_injection = {}", "look()",
         "look('canary-' + look().split('canary-')[1][:12])"),
    Case("poison_contained = { hops = 0 }", "target = 'lookup'\nwhen = { first = 1 }\nprompt_injection = {}", "look(); charge()",
         "look('canary-' + look().split('canary-')[1][:12])"),
    Case("cost_ceiling = { at_most = 1.5 }", "target = 'primary'\nwhen = { first = 1 }\nlatency = { fixed = '400ms' }", "ask()",
         "t = time.time(); ask(); every(0, 3, lambda: ask(text='again')) if time.time() - t > .3 else 0", options=BOTH_ARMS,
         open="ask()", open_options=()),
    Case("no_herd = { target = 'lookup', window = '200ms' }", "target = 'lookup'\nwhen = { between = [6, 6] }\nstatus = { code = 503 }",
         "every(.2, 14, look)", "every(.2, 7, look); together(14, look)", open="every(.2, 8, look)"),
    Case("returns_to_baseline = { target = 'charge', calls = 3 }", refused(1), "attempts(2); every(0, 6, lambda: charge(os.urandom(4).hex()))",
         "attempts(2); [attempts(2, lambda: charge(name, amount='much')) for name in 'abcdef']",
         open="attempts(2); attempts(2, lambda: charge('bob', amount='much'))"),
    Case("fires = { rule = 'rule-1', at_least = 2 }", "target = 'lookup'\nlatency = { fixed = '1ms' }", "look(); look()", "look()"),
    Case("never_calls = { target = 'charge' }", "target = 'lookup'\nlatency = { fixed = '1ms' }", "look()", "look(); charge()"),
    Case("calls = { target = 'charge', at_least = 1, at_most = 1, count = 'operations' }", refused(1), "attempts(2)", "attempts(2); charge('bob')"),
    Case("before = { first = 'lookup', then = 'charge' }", SLOW, "look(); charge()", "charge(); look()"),
    Case("figure = { name = 'application_retries', at_most = 1 }", refused(3), "attempts(2)", "attempts(4)"),
]


@pytest.fixture(scope="module")
def own(binaries, tmp_path_factory):
    from murphyd import Murphyd
    with Murphyd(binaries, tmp_path_factory.mktemp("m")) as daemon:
        yield daemon


@pytest.fixture
def judge(own, payments, standin, tmp_path):
    """`judge(case, code)`: the exit code, the result of the expectation, and the report."""

    def run(case: Case, code: str, options: tuple):
        file = tmp_path / "stub.toml"
        file.write_text(f"{TARGETS}\n[[rule]]\n{case.rule}\n[[expect]]\n{case.expect}\n")
        check = ("--check", case.check) if case.check else ()
        done = own.murphy("run", file, "--seed", 7, "--route", f"payments={payments['origin']}", "--route",
                          f"openai={standin['origin']}", "-o", "json", *check, *options, "--", sys.executable, AGENT, code)
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        together = report["experiment"]["conclusion"].get("expects", [])
        results = together or report["runs"][0]["outcome"]["expects"]
        assert [result["expect"].split(" ")[0] for result in results] == [case.name]
        return done.returncode, results[0], report

    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_agent_that_does_well_satisfies_it(judge, case):
    code, result, report = judge(case, case.good, case.options)
    assert result.get("held") and not result.get("vacuous"), report
    assert code == 0, report["reason"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_agent_that_does_not_violates_it(judge, case):
    code, result, report = judge(case, case.bad, case.options)
    assert not result.get("held") and not result.get("vacuous"), report
    assert code == 4, report["reason"]


@pytest.mark.parametrize("case", [case for case in CASES if case.open], ids=lambda case: case.name)
def test_what_nobody_knows_is_inconclusive_and_says_what_would_settle_it(judge, case):
    code, result, report = judge(case, case.open, case.options if case.open_options is None else case.open_options)
    assert not result.get("held") and result.get("vacuous"), report
    assert code == 5 and result["would_settle"], report["reason"]


# Survives each fault alone: it gives up when it meets both.
FRAGILE = "first = charge(); second = look(); sys.exit(1) if not first and not second else (first or charge(), second or look())"
ROBUST = "attempts(2); look() or look()"
PAIR = Case("no_synergy = { rules = ['rule-1', 'rule-2'], delta = 1 }",
            "\n[[rule]]\n".join(f"target = '{target}'\nwhen = {{ first = 1, probability = 0.5, probability_per = 'run' }}\nstatus = {{ code = 503 }}"
                                for target in ("charge", "lookup")) + "\n[[rule]]\nlatency = { fixed = '1ms' }", ROBUST, FRAGILE, check="exit $MURPHY_AGENT_EXIT_CODE")


@pytest.mark.parametrize("code, exit_code", [(ROBUST, 0), (FRAGILE, 4)], ids=["survives-both", "breaks-under-both"])
def test_two_faults_that_do_more_harm_together_are_seen(judge, code, exit_code):
    done, result, report = judge(PAIR, code, ("--runs", "48", "--parallel", "4"))
    assert bool(result.get("held")) == (exit_code == 0) and not result.get("vacuous"), result
    assert done == exit_code, report["reason"]


def test_every_expectation_is_in_the_table(own):
    listed = json.loads(own.murphy("expectations", "-o", "json").stdout)["expectations"]
    assert {each["name"] for each in listed} == {case.name for case in [*CASES, PAIR]}
    assert all(each["info"]["summary"] for each in listed)


def test_an_expectation_is_described_by_name(own):
    said = own.murphy("expectations", "circuit_breaks").stdout
    assert "rest" in said and "default 5s" in said
    wrong = own.murphy("expectations", "circuit_brakes")
    assert wrong.returncode != 0 and "did you mean `circuit_breaks`?" in wrong.stderr


def test_expectations_are_said_inline(own, payments):
    def run(*expects):
        flags = [word for expect in expects for word in ("--expect", expect)]
        return own.murphy("run", "--fault", "status,code=503,first=2,target=tool:payments.charges", *flags, "--route",
                          f"payments={payments['origin']}", "--route", f"openai={payments['origin']}", "--check", "true", "--",
                          sys.executable, AGENT, "attempts(3)")

    done = run("bounded_retries,at_most=3", "calls,target=tool:payments.*,at_least=1")
    assert done.returncode == 0 and "--expect bounded_retries,at_most=3" in done.stdout, done.stdout + done.stderr
    done = run("bounded_retries,at_most=2")
    assert done.returncode == 4 and "was attempted 3 times; 2 are allowed" in done.stdout, done.stdout
    done = run("bounded_retries,at_mst=2", "bounded_retires,at_most=2", "figure,name=recovery_token,at_most=x")
    assert done.returncode == 2
    for said in ("--expect 1", "did you mean `at_most`?", "--expect 2", "did you mean `bounded_retries`?", "--expect 3", "must be a number"):
        assert said in done.stderr, done.stderr


def test_expectations_are_said_over_grpc(own, payments):
    module, runs = messages("experiment_service"), messages("run_service")

    def create(*expects):
        source = module.ScenarioSource(inline_faults=["latency,fixed=1ms"], inline_expects=expects)
        return own.daemon.experiments.CreateExperiment(module.CreateExperimentRequest(request_id=uuid.uuid4().hex, source=source)).experiment

    experiment = create("calls,target=tool:payments.*,at_most=1", "never_calls,target=model:*")
    assert [expect.WhichOneof("kind") for expect in experiment.scenario.expect] == ["calls", "never_calls"]
    started = own.daemon.runs.StartRun(runs.StartRunRequest(request_id=uuid.uuid4().hex, experiment=experiment.id,
                                                            routes={"payments": payments["origin"]}))
    for _ in range(2):
        urllib.request.urlopen(started.route_urls["payments"] + "/charges").read()
    outcome = own.daemon.runs.FinishRun(runs.FinishRunRequest(run=started.run.id, exit_code=0)).run.outcome
    assert [(result.held, result.vacuous) for result in outcome.expects] == [(False, False), (True, False)], outcome
    with pytest.raises(grpc.RpcError) as refused:
        create("calls,target=tool:payments.*,at_most=many")
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "`at_most` must be an integer" in refused.value.details()
