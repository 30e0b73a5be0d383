# SPDX-License-Identifier: Apache-2.0
"""What the runs of an experiment say together, and what is worse in one experiment than in another."""

import json

import grpc
import pytest

from bash_agent import AGENT
from control import messages

# Instead of asking once more.
BRITTLE = 'ask; [ "$code" = 200 ]; exit'


@pytest.fixture(scope="module")
def lab(own):
    return Lab(own, own.server.origin)


class Lab:
    def __init__(self, daemon, origin):
        self.daemon, self.origin = daemon, origin

    def experiment(self, *options, agent: str = "", runs: int = 12) -> str:
        """Runs one; returns its id."""
        done = self.daemon.murphy("run", "--runs", runs, "--baseline", "0", "--parallel", "4", *options, "-o", "json",
                                  "--route", f"up={self.origin}", "--", "bash", "-c", AGENT.replace("BEFORE", agent))
        return json.loads(done.stdout)["experiment"]["id"]

    def murphy(self, *words, **options):
        return self.daemon.murphy("experiment", *words, **options)

    def statistics(self, experiment):
        return json.loads(self.murphy("statistics", experiment, "-o", "json").stdout)


@pytest.fixture(scope="module")
def sturdy(lab):
    return lab.experiment("--fault", "status,code=503,first=1", "--arms", "treatment,shadow")


@pytest.fixture(scope="module")
def brittle(lab):
    return lab.experiment("--fault", "status,code=503,first=1", "--arms", "treatment,shadow", agent=BRITTLE)


def test_runs_that_all_come_through_say_so_and_what_they_cannot_say(lab, sturdy):
    found = lab.statistics(sturdy)
    assert found["good"] == {"of": 12, "all": 12, "rate": pytest.approx({"value": 1, "low": 0.7575, "high": 1}, abs=1e-3)}
    assert found["anytime"]["low"] < found["good"]["rate"]["low"]
    assert [(one["k"], one["all"]) for one in found["repeats"]] == [(1, 1), (2, 1), (4, 1), (8, 1)]
    assert 0.3 < found["smallest_drop"] < 0.5
    # Each first call fails, and each run comes through: recovery does it.
    assert found["compound"]["observed"] == 1 and found["compound"]["predicted"] == 0 and "ratio" not in found["compound"]
    recovered, layer = found["recovery"]
    assert recovered["injections"] == 12 and recovered["within_5"] == 1 and layer["layer"].endswith("APPLICATION_RETRY")


def test_faults_that_break_every_run_are_told_from_their_shadows(lab, brittle):
    found = lab.statistics(brittle)
    assert found["good"]["of"] == 0 and found["fired_effect"]["treatment"]["all"] == 12
    assert found["fired_effect"]["difference"]["value"] == -1 and found["fired_effect"]["difference"]["high"] < -0.6
    assert found["evidence_of_harm"] > 20


def test_a_version_that_is_worse_is_named_and_fails_on_demand(lab, sturdy, brittle):
    shown = lab.murphy("diff", sturdy, brittle, "--fail-on-regression")
    assert shown.returncode == 4
    assert "good runs" in shown.stdout.splitlines()[1] and "worse" in shown.stdout
    assert lab.murphy("diff", sturdy, brittle).returncode == 0
    better = lab.murphy("diff", brittle, sturdy, "--fail-on-regression", "-o", "json")
    assert better.returncode == 0
    changes = {change["figure"]: change for change in json.loads(better.stdout)["changes"]}
    assert changes["good runs"]["improvement"] and changes["FAILED_LOUD"]["improvement"]


def test_the_same_agent_twice_is_no_regression(lab, sturdy):
    again = lab.experiment("--fault", "status,code=503,first=1", "--seed", "99")
    shown = lab.murphy("diff", sturdy, again, "--fail-on-regression")
    assert shown.returncode == 0 and "worse" not in shown.stdout, shown.stdout


def test_show_says_what_the_runs_come_to_so_far(lab, sturdy):
    shown = lab.murphy("show", sturdy).stdout
    assert "good runs" in shown and "12 of 12, 100 %" in shown and "in a row" in shown


def test_what_cannot_be_compared_is_an_error_that_says_why(lab, sturdy):
    assert "There is no experiment" in lab.murphy("statistics", "e-none").stderr
    assert "last~N" in lab.murphy("show", "last~x").stderr and "there are" in lab.murphy("show", "last~900").stderr
    assert "the same experiment" in lab.murphy("diff", sturdy, sturdy).stderr
    assert "no run with faults" in lab.murphy("diff", sturdy, lab.experiment("--fault", "status,code=503", "--arms", "shadow", runs=2)).stderr


def test_other_clients_get_the_same_figures(lab, sturdy):
    module = messages("analysis_service")
    found = lab.daemon.daemon.analyses.GetStatistics(module.GetStatisticsRequest(experiment=sturdy)).statistics
    assert found.good.of == 12 and found.experiment == sturdy
    with pytest.raises(grpc.RpcError) as error:
        lab.daemon.daemon.analyses.GetStatistics(module.GetStatisticsRequest(experiment="e-none"))
    assert error.value.code() == grpc.StatusCode.NOT_FOUND
