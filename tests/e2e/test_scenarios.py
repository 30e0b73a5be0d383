# SPDX-License-Identifier: Apache-2.0
"""Every shipped scenario, on the demo agent: its faults arrive, its expectations hold, its seed decides what happens."""

import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest

from demo_agent import setting
from processes import ROOT

SCENARIOS = ROOT / "scenarios"
FILES = sorted(SCENARIOS.rglob("*.toml"))
OUTAGE = SCENARIOS / "outages" / "outage-follows-the-fallback.toml"
SLOW = SCENARIOS / "outages" / "everything-is-slow.toml"
EXPECTATION_FAILED = 4


@pytest.fixture(scope="module")
def agent(request, tmp_path_factory):
    """Runs the demo agent under a scenario."""
    build = request.config.getoption("build")
    if build is None:
        pytest.skip("needs --build")
    with setting(build, request.config.getoption("services"), tmp_path_factory.mktemp("s")) as made:
        yield made


def injections(report: dict) -> list[tuple]:
    """What the seed decides of each injection."""
    return sorted((i["rule"], i["address"], i["fault"], i["parameters"]) for i in report["runs"][0]["injections"])


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(SCENARIOS).with_suffix("")) for file in FILES])
def test_a_scenario_does_what_it_says_and_does_it_again(agent, file):
    scenario = tomllib.loads(file.read_text())
    if not agent.mcp and any(t.get("name", "").startswith("everything.") for t in scenario["target"].values()):
        pytest.skip("needs Node 20 or newer and @modelcontextprotocol/server-everything (tools/demo-agent/setup)")
    with ThreadPoolExecutor() as pool:
        (code, report), (second_code, second) = pool.map(lambda _: agent.run_agent(file), range(2))
    outcome = report["runs"][0]["outcome"]
    assert (code, second_code) == (0, 0), outcome
    assert all(e["held"] and not e["vacuous"] for e in outcome["expects"]), "an expectation had no occasion"
    delivered = {i["rule"] for i in report["runs"][0]["injections"] if i["state"] == "INJECTION_STATE_DELIVERED"}
    assert delivered == {rule["id"] for rule in scenario["rule"]}
    assert injections(report) == injections(second)


def test_another_seed_draws_other_delays(agent):
    reports = [agent.run_agent(SLOW, seed=seed)[1] for seed in (42, 43)]
    first, other = (injections(report) for report in reports)
    assert [i[:3] for i in first] == [i[:3] for i in other]
    assert [i[3] for i in first] != [i[3] for i in other]


@pytest.mark.parametrize("file", [OUTAGE, SCENARIOS / "tools" / "charge-arrives-twice.toml"], ids=lambda file: file.stem)
def test_a_careless_agent_is_found_out(agent, file):
    code, report = agent.run_agent(file, "--careless")
    outcome = report["runs"][0]["outcome"]
    assert code == EXPECTATION_FAILED and report["verdict"] == "FAIL"
    assert outcome["outcome_class"] == "OUTCOME_CLASS_UNSAFE" and outcome["duplicate_effects"] == 1
    assert [e["held"] for e in outcome["expects"] if "at_most_once_effect" in e["expect"]] == [False]
    assert any(i["effect_repeated"] for i in report["runs"][0]["injections"])
